//! OTLP/JSON: lower-case hexadecimal ids, numbers for enums, texts for 64-bit integers, and nothing
//! for what has its default value.
//!
//! Written by hand because the message crate's own serialisation spells out every default and `null`,
//! which doubles the size of a small span and which strict receivers refuse.

mod log;
mod metric;
mod object;
mod trace;

use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs},
    metrics::v1::{Metric, ResourceMetrics},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, Span},
};

use self::object::{Object, list, write_double, write_string};

pub(crate) fn traces(out: &mut Vec<u8>, resource_spans: &[ResourceSpans]) {
    let mut object = Object::open(out);
    object.list("resourceSpans", resource_spans, trace::resource_spans);
    object.close();
}

pub(crate) fn logs(out: &mut Vec<u8>, resource_logs: &[ResourceLogs]) {
    let mut object = Object::open(out);
    object.list("resourceLogs", resource_logs, log::resource_logs);
    object.close();
}

pub(crate) fn metrics(out: &mut Vec<u8>, resource_metrics: &[ResourceMetrics]) {
    let mut object = Object::open(out);
    object.list(
        "resourceMetrics",
        resource_metrics,
        metric::resource_metrics,
    );
    object.close();
}

/// Writes a scope without items, which measures what stands round them.
pub(crate) fn scope_of(out: &mut Vec<u8>, of: &InstrumentationScope, schema_url: &str) {
    let mut object = Object::open(out);
    object.optional("scope", Some(of), scope);
    object.text("schemaUrl", schema_url);
    object.close();
}

pub(crate) fn span(out: &mut Vec<u8>, span: &Span) {
    trace::span(out, span);
}

pub(crate) fn log_record(out: &mut Vec<u8>, record: &LogRecord) {
    log::log_record(out, record);
}

pub(crate) fn one_metric(out: &mut Vec<u8>, metric: &Metric) {
    metric::metric(out, metric);
}

fn resource(out: &mut Vec<u8>, resource: &Resource) {
    let mut object = Object::open(out);
    object.list("attributes", &resource.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        resource.dropped_attributes_count.into(),
    );
    object.close();
}

fn scope(out: &mut Vec<u8>, scope: &InstrumentationScope) {
    let mut object = Object::open(out);
    object.text("name", &scope.name);
    object.text("version", &scope.version);
    object.list("attributes", &scope.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        scope.dropped_attributes_count.into(),
    );
    object.close();
}

fn key_value(out: &mut Vec<u8>, pair: &KeyValue) {
    let mut object = Object::open(out);
    object.key("key");
    write_string(object.out(), &pair.key);
    object.optional("value", pair.value.as_ref(), any_value);
    object.close();
}

fn any_value(out: &mut Vec<u8>, value: &AnyValue) {
    let mut object = Object::open(out);
    match &value.value {
        None | Some(Value::StringValueStrindex(_)) => {}
        Some(Value::StringValue(text)) => {
            object.key("stringValue");
            write_string(object.out(), text);
        }
        Some(Value::BoolValue(truth)) => {
            object.key("boolValue");
            object
                .out()
                .extend_from_slice(if *truth { b"true" } else { b"false" });
        }
        Some(Value::IntValue(number)) => {
            object.key("intValue");
            write_string(object.out(), &number.to_string());
        }
        Some(Value::DoubleValue(number)) => {
            object.key("doubleValue");
            write_double(object.out(), *number);
        }
        Some(Value::ArrayValue(array)) => {
            object.key("arrayValue");
            values(object.out(), &array.values, any_value);
        }
        Some(Value::KvlistValue(members)) => {
            object.key("kvlistValue");
            values(object.out(), &members.values, key_value);
        }
        Some(Value::BytesValue(bytes)) => {
            object.key("bytesValue");
            write_string(object.out(), &STANDARD.encode(bytes));
        }
    }
    object.close();
}

/// Writes the `values` member even where it is empty: an empty array is a value.
fn values<T>(out: &mut Vec<u8>, items: &[T], write: fn(&mut Vec<u8>, &T)) {
    let mut object = Object::open(out);
    object.key("values");
    list(object.out(), items, write);
    object.close();
}

/// Writes spans as a line of OTLP/JSON without its end, as files of `file:` destinations hold them.
#[must_use]
pub fn traces_to_json(request: &ExportTraceServiceRequest) -> Vec<u8> {
    let mut out = Vec::new();
    traces(&mut out, &request.resource_spans);
    out
}

/// Writes log records as a line of OTLP/JSON without its end.
#[must_use]
pub fn logs_to_json(request: &ExportLogsServiceRequest) -> Vec<u8> {
    let mut out = Vec::new();
    logs(&mut out, &request.resource_logs);
    out
}

#[cfg(test)]
mod tests;
