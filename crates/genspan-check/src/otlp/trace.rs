//! Spans.

use genspan::Value;

use super::{
    Item,
    member::{attributes, choice, list, member, text, unsigned},
};
use crate::view::{EventView, Kind, SpanView, Status};

const KINDS: &[(&str, u8)] = &[
    ("SPAN_KIND_UNSPECIFIED", 0),
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
];

const STATUSES: &[(&str, u8)] = &[
    ("STATUS_CODE_UNSET", 0),
    ("STATUS_CODE_OK", 1),
    ("STATUS_CODE_ERROR", 2),
];

pub(super) fn span(value: &Value, schema_url: &str, items: &mut Vec<Item>) {
    let kind = match choice(value, "kind", KINDS, items) {
        1 => Kind::Internal,
        2 => Kind::Server,
        3 => Kind::Client,
        4 => Kind::Producer,
        5 => Kind::Consumer,
        _ => Kind::Unspecified,
    };
    let (mut status, mut status_message) = (Status::Unset, String::new());
    if let Some(stated) = member(value, "status") {
        status = match choice(stated, "code", STATUSES, items) {
            1 => Status::Ok,
            2 => Status::Error,
            _ => Status::Unset,
        };
        status_message = text(stated, "message", items);
    }
    let events = list(value, "events", items);
    let events = events
        .iter()
        .map(|event| EventView {
            name: text(event, "name", items),
            attributes: attributes(event, items),
            schema_url: schema_url.to_owned(),
            ..EventView::default()
        })
        .collect();
    let view = SpanView {
        trace_id: text(value, "traceId", items),
        span_id: text(value, "spanId", items),
        parent_span_id: text(value, "parentSpanId", items),
        name: text(value, "name", items),
        kind,
        start: unsigned(value, "startTimeUnixNano", items),
        end: unsigned(value, "endTimeUnixNano", items),
        attributes: attributes(value, items),
        events,
        status,
        status_message,
        schema_url: schema_url.to_owned(),
    };
    items.push(Item::Span(view));
}
