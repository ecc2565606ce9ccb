//! Events as log records.

use genspan::{Event, SpanContext};
use opentelemetry::{
    SpanId, TraceId,
    logs::{LogRecord, Logger, Severity},
};
use std::borrow::Cow;

use super::{
    span::time,
    value::{any, structured},
};
use crate::context::flags;

/// Emits events through any logger.
pub(super) trait EventLog: Send + Sync {
    /// Emits an event of the given span.
    fn emit(&self, within: Option<&SpanContext>, event: Event);
}

/// Emits events through a logger.
pub(super) struct Log<L>(pub(super) L);

/// Stands under this key where an event's name is not known to the program itself.
const EVENT_NAME: &str = "event.name";

impl<L: Logger + Send + Sync> EventLog for Log<L> {
    fn emit(&self, within: Option<&SpanContext>, event: Event) {
        let severity = match event.severity {
            genspan::Severity::Debug => Severity::Debug,
            genspan::Severity::Info => Severity::Info,
            genspan::Severity::Warn => Severity::Warn,
        };
        if !self.0.event_enabled(severity, "genspan", Some(&event.name)) {
            return;
        }
        let mut record = self.0.create_log_record();
        match event.name {
            Cow::Borrowed(name) => record.set_event_name(name),
            // The API takes names of events only from the program's own text.
            Cow::Owned(name) => record.add_attribute(EVENT_NAME, name),
        }
        record.set_timestamp(time(event.at));
        record.set_observed_timestamp(time(event.at));
        record.set_severity_number(severity);
        if let Some(span) = within.filter(|span| span.is_valid()) {
            let trace_id = TraceId::from_bytes(span.trace_id.0);
            let span_id = SpanId::from_bytes(span.span_id.0);
            record.set_trace_context(trace_id, span_id, Some(flags(span)));
        }
        if let Some(body) = event.body.and_then(any) {
            record.set_body(body);
        }
        record.add_attributes(event.attributes.into_iter().filter_map(structured));
        self.0.emit(record);
    }
}
