//! Events, on spans and as log records.

use genspan::Conventions;
use genspan::semconv::spec::{self, EventSpec};
use genspan::semconv::{attribute, event};

use super::attributes::{self, Carrier};
use super::span::is_id;
use super::wanted::Wanted;
use super::{Facts, Notes, Rules, namespace, secret, usage};
use crate::finding::{Finding, Place, Signal};
use crate::view::EventView;

/// The name under which the SDKs put an exception on a span.
const EXCEPTION: &str = "exception";

/// Checks an event on a span; the place is the span's.
pub(crate) fn span_event(rules: &Rules, view: &EventView, mut place: Place) -> Vec<Finding> {
    place.signal = Signal::SpanEvent;
    check(rules, view, place, Carrier::Loose)
}

/// Checks a log record.
pub(crate) fn log(rules: &Rules, view: &EventView, mut place: Place) -> Vec<Finding> {
    place.signal = Signal::Log;
    place.span_id.clone_from(&view.span_id);
    check(rules, view, place, Carrier::Structured)
}

fn check(rules: &Rules, view: &EventView, mut place: Place, carrier: Carrier) -> Vec<Finding> {
    place.name.clone_from(&view.name);
    let mut notes = rules.notes(place);
    let asked = rules.options.version(&view.schema_url);
    let version = home(asked, &view.name);
    match spec::event(version, &view.name) {
        Some(spec) => known(&mut notes, version, view, spec, carrier),
        None => unknown(&mut notes, view),
    }
    secret::check(&mut notes, "the event's name", &view.name);
    if let Some(body) = &view.body {
        secret::check_value(&mut notes, "the body", body);
    }
    secret::check_all(&mut notes, &view.attributes);
    notes.into_findings()
}

/// This version, or the oldest that has the event.
fn home(version: Conventions, name: &str) -> Conventions {
    let has = |version: &Conventions| spec::event(*version, name).is_some();
    if has(&version) {
        return version;
    }
    Conventions::ALL.into_iter().find(has).unwrap_or(version)
}

fn known(
    notes: &mut Notes<'_>,
    version: Conventions,
    view: &EventView,
    spec: &'static EventSpec,
    carrier: Carrier,
) {
    let facts = Facts(&view.attributes);
    let is_message = is_message(spec.name);
    let carrier = if is_message {
        Carrier::MessageBody
    } else {
        carrier
    };
    attributes::check(notes, version, &view.attributes, carrier);
    let wanted = Wanted {
        version,
        label: spec.name,
        attributes: spec.attributes,
        refinements: Vec::new(),
        is_error: facts.has(attribute::ERROR_TYPE),
        is_internal: false,
    };
    wanted.check(notes, facts);
    usage::check(notes, facts);
    if carrier == Carrier::Structured {
        severity(notes, view, spec);
        context(notes, view);
    }
}

/// Tells the events of v1.36, whose bodies hold messages.
fn is_message(name: &str) -> bool {
    [
        event::GEN_AI_ASSISTANT_MESSAGE,
        event::GEN_AI_CHOICE,
        event::GEN_AI_SYSTEM_MESSAGE,
        event::GEN_AI_TOOL_MESSAGE,
        event::GEN_AI_USER_MESSAGE,
    ]
    .contains(&name)
}

fn unknown(notes: &mut Notes<'_>, view: &EventView) {
    attributes::duplicates(notes, &view.attributes);
    let is_ours = namespace(&view.name) == namespace(event::GEN_AI_CHOICE)
        || namespace(&view.name) == namespace(event::GENSPAN_ATTEMPT);
    if is_ours && !notes.rules.options.allows(&view.name) {
        notes.violation(
            "unknown-event",
            &view.name,
            "no version of the conventions has this event",
            "use the conventions' name, or one in a namespace of your own",
        );
    }
    let facts = Facts(&view.attributes);
    let has_either =
        facts.has(attribute::EXCEPTION_TYPE) || facts.has(attribute::EXCEPTION_MESSAGE);
    if view.name == EXCEPTION && !has_either {
        notes.violation(
            "missing-attribute",
            attribute::EXCEPTION_TYPE,
            format!(
                "an exception has neither it nor {}",
                attribute::EXCEPTION_MESSAGE
            ),
            "set at least one of the two",
        );
    }
}

fn severity(notes: &mut Notes<'_>, view: &EventView, spec: &EventSpec) {
    if let Some(expected) = spec.severity
        && view.severity != expected
    {
        notes.violation(
            "wrong-severity",
            "",
            format!(
                "the severity number is {}; the conventions have {expected}",
                view.severity
            ),
            format!("emit the event with severity number {expected}"),
        );
    }
}

/// An event that belongs to no span cannot be found from it.
fn context(notes: &mut Notes<'_>, view: &EventView) {
    // A judgement may come when its span is long gone; then the response's id ties them.
    let is_tied = view.name == event::GEN_AI_EVALUATION_RESULT
        && Facts(&view.attributes).has(attribute::GEN_AI_RESPONSE_ID);
    let is_absent = view.trace_id.is_empty() && view.span_id.is_empty();
    if is_absent && is_tied {
        return;
    }
    if is_absent {
        notes.violation(
            "missing-context",
            "",
            "the event has no trace id and no span id",
            "emit it in the context of the span that it is about",
        );
    } else if !is_id(&view.trace_id, 32) || !is_id(&view.span_id, 16) {
        notes.violation(
            "invalid-id",
            "",
            "the trace id is not 32, or the span id not 16 hexadecimal digits that are not all 0",
            "OTLP/JSON has ids in hexadecimal, not in base64",
        );
    }
}
