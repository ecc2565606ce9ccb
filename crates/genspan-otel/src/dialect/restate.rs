//! The SDK's spans in the conventions' language, as if the recorder had recorded them.

use genspan::{Attribute, Event, Record, Rendering, Signals, SpanEvent, SpanKind, signals};
use genspan_dialects::{Span, outcome, read, record};
use opentelemetry::{InstrumentationScope, trace};
use opentelemetry_sdk::trace::SpanData;

use super::speak::{span_event, view, write};
use crate::sink::value::flat_attributes;

/// Says in the conventions' language what a span says in whichever language it speaks.
///
/// What stands for an operation is rendered anew, from its facts; any other span keeps all but what stood there twice.
pub(super) fn restate(data: &mut SpanData, rendering: &Rendering) {
    // What the recorder made is as it should be.
    if data.instrumentation_scope.name() == "genspan" {
        return;
    }
    let mut span = view(data);
    let events = span.events.clone();
    let spoken = read(&mut span);
    let Some(mut record) = record(&span) else {
        if spoken.is_some() || span.attributes.iter().count() < data.attributes.len() {
            write(data, span, &events);
        }
        return;
    };
    tell_events(&mut record, &span, rendering);
    let ended = outcome(&span);
    let times = genspan::Span {
        started: span.started.unwrap_or_default(),
        ended: span.ended.unwrap_or_default(),
        outcome: &ended,
    };
    put(data, signals(&record, &times, rendering));
}

/// Tells the record what happened on the way: in full where both what is asked and what is answered may stand on spans, since
/// nobody knows which of the two is in it, else that there was an error.
fn tell_events(record: &mut Record, span: &Span, rendering: &Rendering) {
    let capture = rendering.capture();
    let has_content = capture.inputs_on_span() && capture.outputs_on_span();
    let told = |attribute: &&Attribute| has_content || attribute.key == "exception.type";
    let events = span.events.iter();
    let events = events.filter(|event| has_content || event.name == "exception");
    let events = events.map(|event: &Event| SpanEvent {
        name: event.name.to_string(),
        at: event.at,
        attributes: event
            .attributes
            .iter()
            .filter(told)
            .map(|one| (one.key.to_string(), one.value.clone()))
            .collect(),
    });
    record.common_mut().events.extend(events);
}

fn put(data: &mut SpanData, signals: Signals) {
    let scope = &data.instrumentation_scope;
    let mut restated = InstrumentationScope::builder(scope.name().to_owned())
        .with_schema_url(signals.conventions.schema_url())
        .with_attributes(scope.attributes().cloned());
    if let Some(version) = scope.version() {
        restated = restated.with_version(version.to_owned());
    }
    data.instrumentation_scope = restated.build();
    data.name = signals.name.into();
    data.span_kind = match signals.kind {
        SpanKind::Internal => trace::SpanKind::Internal,
        SpanKind::Client => trace::SpanKind::Client,
        SpanKind::Server => trace::SpanKind::Server,
    };
    data.attributes = flat_attributes([signals.sampled, signals.attributes].concat());
    data.events.events = signals.span_events.into_iter().map(span_event).collect();
    data.status = if signals.is_error {
        trace::Status::error(signals.status_message)
    } else {
        trace::Status::Unset
    };
}
