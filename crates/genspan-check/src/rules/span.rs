//! Spans: which operation they stand for, and what follows from it.

use genspan::semconv::attribute;
use genspan::semconv::spec::{self, RefinementSpec, SpanSpec};
use genspan::semconv::value::operation_name;
use genspan::{Conventions, Value};

use super::attributes::{self, Carrier};
use super::wanted::Wanted;
use super::{Facts, Notes, Rules, name, namespace, secret, usage};
use crate::finding::{Finding, Place, Signal};
use crate::view::{Kind, SpanView, Status};

/// Checks a span without its events.
pub(crate) fn span(rules: &Rules, view: &SpanView, mut place: Place) -> Vec<Finding> {
    place.signal = Signal::Span;
    place.name.clone_from(&view.name);
    place.span_id.clone_from(&view.span_id);
    let mut notes = rules.notes(place);
    ids(&mut notes, view);
    times(&mut notes, view);
    let facts = Facts(&view.attributes);
    let asked = rules.options.version(&view.schema_url);
    if is_genai(view) {
        let (version, spec) = spec_of(asked, view, facts);
        attributes::check(&mut notes, version, &view.attributes, Carrier::Loose);
        match spec {
            Some(spec) => known(&mut notes, version, view, spec),
            None => unknown(&mut notes, version, facts),
        }
        status(&mut notes, view, facts);
        usage::check(&mut notes, facts);
        timing(&mut notes, facts);
    } else {
        attributes::duplicates(&mut notes, &view.attributes);
    }
    secret::check(&mut notes, "the span's name", &view.name);
    secret::check(&mut notes, "the status message", &view.status_message);
    secret::check_all(&mut notes, &view.attributes);
    notes.into_findings()
}

/// Tells the spans of the conventions from all others.
fn is_genai(view: &SpanView) -> bool {
    let gen_ai = namespace(attribute::GEN_AI_OPERATION_NAME);
    view.attributes
        .iter()
        .any(|(key, _)| namespace(key) == gen_ai || key == attribute::MCP_METHOD_NAME)
}

/// Finds what a version expects of a span, and that version or the one that stands in for it.
fn spec_of(
    asked: Conventions,
    view: &SpanView,
    facts: Facts<'_>,
) -> (Conventions, Option<&'static SpanSpec>) {
    let kind = view.kind.as_str();
    // A tool's own span may carry the MCP message that it led to; only the message's span crosses a border.
    if facts.has(attribute::MCP_METHOD_NAME) && view.kind != Kind::Internal {
        let home = asked.max(Conventions::V1_41);
        let mut messages = spec::spans(home)
            .iter()
            .filter(|spec| spec.operations.is_empty());
        let first = messages.clone().next();
        let found = messages.find(|spec| spec.kinds.contains(&kind)).or(first);
        return (home, found);
    }
    match facts.text(attribute::GEN_AI_OPERATION_NAME) {
        Some(operation) => (
            spec::home_version(asked, operation),
            spec::span_for(asked, operation, kind),
        ),
        None => (asked, None),
    }
}

fn known(notes: &mut Notes<'_>, version: Conventions, view: &SpanView, spec: &'static SpanSpec) {
    let facts = Facts(&view.attributes);
    let provider = provider(facts);
    let refinements: Vec<&RefinementSpec> = spec::refinements(version)
        .iter()
        .filter(|refinement| refinement.refines == spec.id)
        .filter(|refinement| {
            refinement
                .provider
                .is_none_or(|name| Some(name) == provider)
        })
        .collect();
    let label = facts.text(spec.name_head).unwrap_or(spec.id);
    let wanted = Wanted {
        version,
        label,
        attributes: spec.attributes,
        refinements,
        is_error: view.status == Status::Error,
        is_internal: view.kind == Kind::Internal,
    };
    if !spec.kinds.contains(&view.kind.as_str()) {
        let (is, may) = (view.kind.as_str(), spec.kinds.join(" or "));
        notes.violation(
            "wrong-kind",
            "",
            format!(
                "the span's kind is {is}; {version} has {may} for {}",
                notes.shown(label)
            ),
            format!("start the span with kind {may}"),
        );
    }
    name::check(notes, view, spec);
    wanted.check(notes, facts);
    misplaced(notes, &wanted, view);
}

/// The provider, in the word of either version.
pub(super) fn provider(facts: Facts<'_>) -> Option<&str> {
    let now = facts.text(attribute::GEN_AI_PROVIDER_NAME);
    now.or_else(|| facts.text(attribute::GEN_AI_SYSTEM))
}

fn unknown(notes: &mut Notes<'_>, version: Conventions, facts: Facts<'_>) {
    let key = attribute::GEN_AI_OPERATION_NAME;
    match facts.get(key) {
        None => notes.violation(
            "missing-attribute",
            key,
            format!("{version} requires it on every span that has gen_ai attributes"),
            "set it when the span starts",
        ),
        // Of another type than a text is told where types are.
        Some(value) => {
            if let Some(operation) = value.as_str() {
                let operation = notes.shown(operation);
                notes.advice(
                    "unknown-operation",
                    key,
                    format!(
                        "\"{operation}\" is an operation that no version of the conventions has"
                    ),
                    format!(
                        "use a known one where one fits, such as {} or {}",
                        operation_name::CHAT,
                        operation_name::EXECUTE_TOOL
                    ),
                );
            }
        }
    }
}

/// Known attributes on a span that has no use for them.
fn misplaced(notes: &mut Notes<'_>, wanted: &Wanted<'_>, view: &SpanView) {
    let gen_ai = namespace(attribute::GEN_AI_OPERATION_NAME);
    for (key, _) in &view.attributes {
        let is_known = spec::attribute(wanted.version, key).is_some();
        if namespace(key) == gen_ai && is_known && !wanted.has(key) {
            let label = notes.shown(wanted.label);
            notes.advice(
                "misplaced-attribute",
                key,
                format!("{} does not have it on {label}", wanted.version),
                "set it on the span that it is about",
            );
        }
    }
}

fn status(notes: &mut Notes<'_>, view: &SpanView, facts: Facts<'_>) {
    let has_type = facts.has(attribute::ERROR_TYPE);
    match (view.status, has_type) {
        (Status::Ok, _) => notes.violation(
            "status-ok",
            "",
            "the status is Ok, which is for people to set, not for instrumentation",
            "leave the status unset on success",
        ),
        (Status::Error, false) => notes.violation(
            "missing-attribute",
            attribute::ERROR_TYPE,
            "the status is Error, so the kind of error has to be told",
            "set it to the provider's code, the exception's type, or _OTHER",
        ),
        _ => {}
    }
    if has_type && view.status != Status::Error {
        notes.violation(
            "error-without-status",
            attribute::ERROR_TYPE,
            "an error is told, but the status is not Error",
            "set the status to Error, or leave the attribute out on success",
        );
    }
}

fn timing(notes: &mut Notes<'_>, facts: Facts<'_>) {
    let key = attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK;
    let Some(Value::Double(seconds)) = facts.get(key) else {
        return;
    };
    if seconds.is_nan() || *seconds < 0.0 {
        notes.violation(
            "negative-time",
            key,
            format!("the time is {seconds} s; it cannot be before the start"),
            "measure with a clock that does not go back",
        );
    }
    if facts.get(attribute::GEN_AI_REQUEST_STREAM) != Some(&Value::Bool(true)) {
        notes.violation(
            "chunk-without-stream",
            key,
            format!(
                "it is set, but {} is not true",
                attribute::GEN_AI_REQUEST_STREAM
            ),
            "set both for streams and neither for whole answers",
        );
    }
}

fn ids(notes: &mut Notes<'_>, view: &SpanView) {
    let ids = [
        ("trace id", &view.trace_id, 32, true),
        ("span id", &view.span_id, 16, true),
        ("parent span id", &view.parent_span_id, 16, false),
    ];
    for (name, id, digits, is_required) in ids {
        if (is_required || !id.is_empty()) && !is_id(id, digits) {
            notes.violation(
                "invalid-id",
                name,
                format!("the {name} is not {digits} hexadecimal digits that are not all 0"),
                "OTLP/JSON has ids in hexadecimal, not in base64",
            );
        }
    }
    if !view.span_id.is_empty() && view.parent_span_id == view.span_id {
        notes.violation(
            "invalid-id",
            "parent span id",
            "the span is its own parent",
            "leave the parent out of a root span",
        );
    }
}

/// Tells whether a text is an id of so many digits.
pub(super) fn is_id(id: &str, digits: usize) -> bool {
    id.len() == digits
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        && id.bytes().any(|byte| byte != b'0')
}

fn times(notes: &mut Notes<'_>, view: &SpanView) {
    let problem = if view.start == 0 {
        "the span has no start time"
    } else if view.end == 0 {
        "the span has no end time"
    } else if view.end < view.start {
        "the span ends before it starts"
    } else {
        return;
    };
    notes.violation(
        "invalid-time",
        "",
        problem,
        "state both times in nanoseconds since 1970, the end at or after the start",
    );
}
