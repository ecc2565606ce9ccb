//! Spans as OTLP/JSON.

use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status,
    span::{Event, Link},
};

use super::{key_value, object::Object, resource, scope};

pub(super) fn resource_spans(out: &mut Vec<u8>, spans: &ResourceSpans) {
    let mut object = Object::open(out);
    object.optional("resource", spans.resource.as_ref(), resource);
    object.list("scopeSpans", &spans.scope_spans, scope_spans);
    object.text("schemaUrl", &spans.schema_url);
    object.close();
}

fn scope_spans(out: &mut Vec<u8>, spans: &ScopeSpans) {
    let mut object = Object::open(out);
    object.optional("scope", spans.scope.as_ref(), scope);
    object.list("spans", &spans.spans, span);
    object.text("schemaUrl", &spans.schema_url);
    object.close();
}

pub(super) fn span(out: &mut Vec<u8>, span: &Span) {
    let mut object = Object::open(out);
    object.hex("traceId", &span.trace_id);
    object.hex("spanId", &span.span_id);
    object.text("traceState", &span.trace_state);
    object.hex("parentSpanId", &span.parent_span_id);
    object.narrow("flags", span.flags.into());
    object.text("name", &span.name);
    object.narrow("kind", span.kind.into());
    object.wide("startTimeUnixNano", span.start_time_unix_nano);
    object.wide("endTimeUnixNano", span.end_time_unix_nano);
    object.list("attributes", &span.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        span.dropped_attributes_count.into(),
    );
    object.list("events", &span.events, event);
    object.narrow("droppedEventsCount", span.dropped_events_count.into());
    object.list("links", &span.links, link);
    object.narrow("droppedLinksCount", span.dropped_links_count.into());
    object.optional("status", span.status.as_ref(), status);
    object.close();
}

fn event(out: &mut Vec<u8>, event: &Event) {
    let mut object = Object::open(out);
    object.wide("timeUnixNano", event.time_unix_nano);
    object.text("name", &event.name);
    object.list("attributes", &event.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        event.dropped_attributes_count.into(),
    );
    object.close();
}

fn link(out: &mut Vec<u8>, link: &Link) {
    let mut object = Object::open(out);
    object.hex("traceId", &link.trace_id);
    object.hex("spanId", &link.span_id);
    object.text("traceState", &link.trace_state);
    object.list("attributes", &link.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        link.dropped_attributes_count.into(),
    );
    object.narrow("flags", link.flags.into());
    object.close();
}

fn status(out: &mut Vec<u8>, status: &Status) {
    let mut object = Object::open(out);
    object.text("message", &status.message);
    object.narrow("code", status.code.into());
    object.close();
}
