//! Spans as a recorder's sink gets them, for rules.

use genspan::{Attribute, Signals, SpanContext, SpanKind, Timestamp, Value};

use super::{EventView, Kind, SpanView, Status};

impl SpanView {
    /// Reads a span as a sink gets it, before anything is exported: where it stands, when it began and ended, and what it
    /// was rendered to.
    #[must_use]
    pub fn rendered(
        context: &SpanContext,
        parent: Option<&SpanContext>,
        (start, end): (Timestamp, Timestamp),
        signals: &Signals,
    ) -> Self {
        let events = signals.span_events.iter().map(|event| EventView {
            name: event.name.to_string(),
            attributes: pairs(&event.attributes),
            ..EventView::default()
        });
        Self {
            trace_id: context.trace_id.to_string(),
            span_id: context.span_id.to_string(),
            parent_span_id: parent.map_or_else(String::new, |parent| parent.span_id.to_string()),
            name: signals.name.clone(),
            kind: match signals.kind {
                SpanKind::Internal => Kind::Internal,
                SpanKind::Client => Kind::Client,
                SpanKind::Server => Kind::Server,
            },
            start: start.unix_nanos(),
            end: end.unix_nanos(),
            attributes: [pairs(&signals.sampled), pairs(&signals.attributes)].concat(),
            events: events.collect(),
            status: if signals.is_error {
                Status::Error
            } else {
                Status::Unset
            },
            status_message: signals.status_message.clone(),
            schema_url: signals.conventions.schema_url().to_owned(),
        }
    }
}

fn pairs(attributes: &[Attribute]) -> Vec<(String, Value)> {
    let pairs = attributes.iter();
    pairs
        .map(|one| (one.key.to_string(), one.value.clone()))
        .collect()
}
