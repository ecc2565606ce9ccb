//! Events as log records.

use genspan::{Event, Severity, SpanContext};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};

use super::{attributes, flags};

pub(crate) fn log_record(context: &SpanContext, event: Event) -> LogRecord {
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
        flags: flags(context),
        trace_id: context.trace_id.0.to_vec(),
        span_id: context.span_id.0.to_vec(),
        event_name: event.name.into_owned(),
        ..LogRecord::default()
    }
}
