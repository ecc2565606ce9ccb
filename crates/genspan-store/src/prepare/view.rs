//! What came in as dialects see it.

use base64::{Engine, engine::general_purpose::STANDARD};
use genspan::{Attribute, Event, Severity, Timestamp, Value};
use genspan_dialects::{Attributes, Dialect, Kind, Span as View, Status};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};

/// Reads a span in whatever language it speaks, and names that.
pub(crate) fn read(span: &Span, scope: &str) -> (View, Option<Dialect>) {
    let mut view = of(span, scope);
    let dialect = genspan_dialects::read(&mut view);
    (view, dialect)
}

fn of(span: &Span, scope: &str) -> View {
    let status = span.status.as_ref();
    View {
        name: span.name.clone(),
        kind: match span.kind() {
            SpanKind::Client => Kind::Client,
            SpanKind::Server => Kind::Server,
            SpanKind::Producer => Kind::Producer,
            SpanKind::Consumer => Kind::Consumer,
            SpanKind::Internal | SpanKind::Unspecified => Kind::Internal,
        },
        attributes: Attributes::new(attributes(&span.attributes)),
        events: span
            .events
            .iter()
            .map(|event| Event {
                name: event.name.clone().into(),
                at: Timestamp::from_unix_nanos(event.time_unix_nano),
                severity: Severity::Info,
                attributes: attributes(&event.attributes),
                body: None,
            })
            .collect(),
        status: match status.map(|status| (status.code(), &status.message)) {
            Some((StatusCode::Error, message)) => Status::Error(message.clone()),
            Some((StatusCode::Ok, _)) => Status::Ok,
            _ => Status::Unset,
        },
        started: Some(Timestamp::from_unix_nanos(span.start_time_unix_nano)),
        ended: (span.end_time_unix_nano > 0)
            .then(|| Timestamp::from_unix_nanos(span.end_time_unix_nano)),
        is_root: span.parent_span_id.is_empty(),
        scope: scope.to_owned(),
    }
}

pub(crate) fn attributes(list: &[KeyValue]) -> Vec<Attribute> {
    list.iter()
        .map(|attribute| Attribute {
            key: attribute.key.clone().into(),
            value: attribute.value.as_ref().map(value).unwrap_or_default(),
        })
        .collect()
}

/// Reads a value; bytes become their Base64 text.
pub(crate) fn value(from: &AnyValue) -> Value {
    match &from.value {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => Value::String(text.clone()),
        Some(any_value::Value::BoolValue(truth)) => Value::Bool(*truth),
        Some(any_value::Value::IntValue(number)) => Value::Int(*number),
        Some(any_value::Value::DoubleValue(number)) => Value::Double(*number),
        Some(any_value::Value::BytesValue(bytes)) => Value::String(STANDARD.encode(bytes)),
        Some(any_value::Value::ArrayValue(array)) => {
            Value::Array(array.values.iter().map(value).collect())
        }
        Some(any_value::Value::KvlistValue(members)) => {
            let member = |member: &KeyValue| {
                let value = member.value.as_ref().map(value).unwrap_or_default();
                (member.key.clone(), value)
            };
            Value::Map(members.values.iter().map(member).collect())
        }
        // References into tables belong to profiles.
        Some(_) => Value::Null,
    }
}
