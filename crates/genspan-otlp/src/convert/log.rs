//! Events as log records.

use genspan::{Event, Severity, SpanContext};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};

use super::{attributes, flags, value::any_value};

pub(crate) fn log_record(within: Option<&SpanContext>, event: Event) -> LogRecord {
    let severity = match event.severity {
        Severity::Debug => SeverityNumber::Debug,
        Severity::Info => SeverityNumber::Info,
        Severity::Warn => SeverityNumber::Warn,
    };
    let time = event.at.unix_nanos();
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number: severity.into(),
        attributes: attributes(event.attributes),
        flags: within.map_or(0, flags),
        trace_id: within
            .map(|span| span.trace_id.0.to_vec())
            .unwrap_or_default(),
        span_id: within
            .map(|span| span.span_id.0.to_vec())
            .unwrap_or_default(),
        body: event.body.map(any_value),
        event_name: event.name.into_owned(),
        ..LogRecord::default()
    }
}
