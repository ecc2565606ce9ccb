//! Spans with a name and events.

use genspan::{Event, Severity, Timestamp};
use genspan_dialects::Span;

use super::spans::span;

/// Makes a span with a name.
pub(crate) fn named(name: &str, lines: &str) -> Span {
    Span {
        name: name.to_owned(),
        ..span(lines)
    }
}

/// Adds an event to a span.
pub(crate) fn with_event(mut of: Span, name: &str, lines: &str) -> Span {
    of.events.push(Event {
        name: name.to_owned().into(),
        at: Timestamp::default(),
        severity: Severity::default(),
        attributes: span(lines).attributes.into_list(),
        body: None,
    });
    of
}
