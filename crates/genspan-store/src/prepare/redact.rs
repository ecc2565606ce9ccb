//! Replaces secrets in every text of what came in.

mod points;

use std::borrow::Cow;

use genspan::redact::Redactor;
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    resource::v1::Resource,
    trace::v1::Span,
};

/// Bounds how deep values are kept; deeper ones become nothing.
const DEPTH: usize = 48;

/// Keys that are shorter hold no secret.
const SHORT_KEY: usize = 16;

/// Replaces the secrets in a request of spans, as the store does with all that it takes in; twice is once.
///
/// Values nested deeper than 48 become nothing.
pub fn redact_traces(redactor: &Redactor, request: &mut ExportTraceServiceRequest) {
    for resource_spans in &mut request.resource_spans {
        resource(redactor, resource_spans.resource.as_mut());
        for scope_spans in &mut resource_spans.scope_spans {
            scope(redactor, scope_spans.scope.as_mut());
            for one in &mut scope_spans.spans {
                span(redactor, one);
            }
        }
    }
}

/// Replaces the secrets in a request of log records, as [`redact_traces`] does in one of spans.
pub fn redact_logs(redactor: &Redactor, request: &mut ExportLogsServiceRequest) {
    for resource_logs in &mut request.resource_logs {
        resource(redactor, resource_logs.resource.as_mut());
        for scope_logs in &mut resource_logs.scope_logs {
            scope(redactor, scope_logs.scope.as_mut());
            for record in &mut scope_logs.log_records {
                log(redactor, record);
            }
        }
    }
}

/// Replaces the secrets in a request of metrics, as [`redact_traces`] does in one of spans.
pub fn redact_metrics(redactor: &Redactor, request: &mut ExportMetricsServiceRequest) {
    for resource_metrics in &mut request.resource_metrics {
        resource(redactor, resource_metrics.resource.as_mut());
        for scope_metrics in &mut resource_metrics.scope_metrics {
            scope(redactor, scope_metrics.scope.as_mut());
            for metric in &mut scope_metrics.metrics {
                points::metric(redactor, metric);
            }
        }
    }
}

fn span(redactor: &Redactor, span: &mut Span) {
    text(redactor, &mut span.name);
    text(redactor, &mut span.trace_state);
    attributes(redactor, &mut span.attributes, DEPTH);
    for event in &mut span.events {
        text(redactor, &mut event.name);
        attributes(redactor, &mut event.attributes, DEPTH);
    }
    for link in &mut span.links {
        text(redactor, &mut link.trace_state);
        attributes(redactor, &mut link.attributes, DEPTH);
    }
    if let Some(status) = &mut span.status {
        text(redactor, &mut status.message);
    }
}

fn log(redactor: &Redactor, record: &mut LogRecord) {
    text(redactor, &mut record.severity_text);
    text(redactor, &mut record.event_name);
    attributes(redactor, &mut record.attributes, DEPTH);
    if let Some(body) = &mut record.body {
        value(redactor, "", body, DEPTH);
    }
}

fn resource(redactor: &Redactor, resource: Option<&mut Resource>) {
    if let Some(resource) = resource {
        attributes(redactor, &mut resource.attributes, DEPTH);
    }
}

fn scope(redactor: &Redactor, scope: Option<&mut InstrumentationScope>) {
    if let Some(scope) = scope {
        text(redactor, &mut scope.name);
        text(redactor, &mut scope.version);
        attributes(redactor, &mut scope.attributes, DEPTH);
    }
}

fn text(redactor: &Redactor, text: &mut String) {
    if let Cow::Owned(redacted) = redactor.redact(text) {
        *text = redacted;
    }
}

fn attributes(redactor: &Redactor, list: &mut [KeyValue], depth: usize) {
    for attribute in list {
        if let Some(found) = &mut attribute.value {
            value(redactor, &attribute.key, found, depth);
        }
        if attribute.key.len() >= SHORT_KEY {
            text(redactor, &mut attribute.key);
        }
    }
}

fn value(redactor: &Redactor, key: &str, value: &mut AnyValue, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        value.value = None;
        return;
    };
    match &mut value.value {
        Some(Value::StringValue(text)) => {
            if let Cow::Owned(redacted) = redactor.redact_value(key, text) {
                *text = redacted;
            }
        }
        Some(Value::BytesValue(bytes)) => {
            if let Ok(text) = std::str::from_utf8(bytes)
                && let Cow::Owned(redacted) = redactor.redact_value(key, text)
            {
                *bytes = redacted.into_bytes();
            }
        }
        Some(Value::ArrayValue(array)) => {
            for item in &mut array.values {
                self::value(redactor, key, item, depth);
            }
        }
        Some(Value::KvlistValue(members)) => attributes(redactor, &mut members.values, depth),
        _ => {}
    }
}
