//! Log records as OTLP/JSON.

use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};

use super::{any_value, key_value, object::Object, resource, scope};

pub(super) fn resource_logs(out: &mut Vec<u8>, logs: &ResourceLogs) {
    let mut object = Object::open(out);
    object.optional("resource", logs.resource.as_ref(), resource);
    object.list("scopeLogs", &logs.scope_logs, scope_logs);
    object.text("schemaUrl", &logs.schema_url);
    object.close();
}

fn scope_logs(out: &mut Vec<u8>, logs: &ScopeLogs) {
    let mut object = Object::open(out);
    object.optional("scope", logs.scope.as_ref(), scope);
    object.list("logRecords", &logs.log_records, log_record);
    object.text("schemaUrl", &logs.schema_url);
    object.close();
}

pub(super) fn log_record(out: &mut Vec<u8>, record: &LogRecord) {
    let mut object = Object::open(out);
    object.wide("timeUnixNano", record.time_unix_nano);
    object.wide("observedTimeUnixNano", record.observed_time_unix_nano);
    object.narrow("severityNumber", record.severity_number.into());
    object.text("severityText", &record.severity_text);
    object.optional("body", record.body.as_ref(), any_value);
    object.list("attributes", &record.attributes, key_value);
    object.narrow(
        "droppedAttributesCount",
        record.dropped_attributes_count.into(),
    );
    object.narrow("flags", record.flags.into());
    object.hex("traceId", &record.trace_id);
    object.hex("spanId", &record.span_id);
    object.text("eventName", &record.event_name);
    object.close();
}
