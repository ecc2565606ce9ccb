//! Log records.

use genspan::Value;

use super::{
    Item,
    member::{any_value, attributes, choice, member, text},
};
use crate::view::EventView;

/// Where an event's name stood before log records had a member for it.
pub(crate) const EVENT_NAME: &str = "event.name";

const SEVERITIES: &[(&str, u8)] = &[
    ("SEVERITY_NUMBER_UNSPECIFIED", 0),
    ("SEVERITY_NUMBER_TRACE", 1),
    ("SEVERITY_NUMBER_TRACE2", 2),
    ("SEVERITY_NUMBER_TRACE3", 3),
    ("SEVERITY_NUMBER_TRACE4", 4),
    ("SEVERITY_NUMBER_DEBUG", 5),
    ("SEVERITY_NUMBER_DEBUG2", 6),
    ("SEVERITY_NUMBER_DEBUG3", 7),
    ("SEVERITY_NUMBER_DEBUG4", 8),
    ("SEVERITY_NUMBER_INFO", 9),
    ("SEVERITY_NUMBER_INFO2", 10),
    ("SEVERITY_NUMBER_INFO3", 11),
    ("SEVERITY_NUMBER_INFO4", 12),
    ("SEVERITY_NUMBER_WARN", 13),
    ("SEVERITY_NUMBER_WARN2", 14),
    ("SEVERITY_NUMBER_WARN3", 15),
    ("SEVERITY_NUMBER_WARN4", 16),
    ("SEVERITY_NUMBER_ERROR", 17),
    ("SEVERITY_NUMBER_ERROR2", 18),
    ("SEVERITY_NUMBER_ERROR3", 19),
    ("SEVERITY_NUMBER_ERROR4", 20),
    ("SEVERITY_NUMBER_FATAL", 21),
    ("SEVERITY_NUMBER_FATAL2", 22),
    ("SEVERITY_NUMBER_FATAL3", 23),
    ("SEVERITY_NUMBER_FATAL4", 24),
];

pub(super) fn record(value: &Value, schema_url: &str, items: &mut Vec<Item>) {
    let attributes = attributes(value, items);
    let mut name = text(value, "eventName", items);
    if name.is_empty() {
        let stated = attributes.iter().find(|(key, _)| key == EVENT_NAME);
        let stated = stated.and_then(|(_, value)| value.as_str());
        name = stated.unwrap_or_default().to_owned();
    }
    let view = EventView {
        name,
        severity: choice(value, "severityNumber", SEVERITIES, items),
        trace_id: text(value, "traceId", items),
        span_id: text(value, "spanId", items),
        body: member(value, "body").map(|body| any_value(body, items)),
        attributes,
        schema_url: schema_url.to_owned(),
    };
    items.push(Item::Log(view));
}
