//! What was said, where log records tell it: one for each message, or one for all.

use genspan::{
    Value,
    semconv::{attribute as key, event},
};
use genspan_dialects::Span as View;
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use super::view;

type Members = Vec<(String, Value)>;

/// Tells whether a log record says what was said.
pub(crate) fn tells(record: &LogRecord) -> bool {
    let name = name(record);
    name == event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS
        || name == event::GEN_AI_CHOICE
        || role(name).is_some()
}

/// Names the event; older programs do so in an attribute.
pub(crate) fn name(record: &LogRecord) -> &str {
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
    if !record.event_name.is_empty() {
        return &record.event_name;
    }
    let named = record
        .attributes
        .iter()
        .find(|found| found.key == "event.name");
    match named.and_then(|named| named.value.as_ref()?.value.as_ref()) {
        Some(Any::StringValue(name)) => name,
        _ => "",
    }
}

/// Gives whose message an event tells.
fn role(name: &str) -> Option<&'static str> {
    match name {
        event::GEN_AI_SYSTEM_MESSAGE => Some("system"),
        event::GEN_AI_USER_MESSAGE => Some("user"),
        event::GEN_AI_ASSISTANT_MESSAGE => Some("assistant"),
        event::GEN_AI_TOOL_MESSAGE => Some("tool"),
        _ => None,
    }
}

/// States what log records tell in the attributes of their span, where it does not say so itself.
pub(crate) fn state(view: &mut View, records: &[&LogRecord]) {
    let (mut input, mut output) = (Vec::new(), Vec::new());
    for record in records {
        let name = name(record);
        let body = record.body.as_ref().map(view::value).unwrap_or_default();
        if name == event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS {
            for attribute in view::attributes(&record.attributes) {
                view.attributes
                    .set_if_free(attribute.key, Some(attribute.value));
            }
        } else if name == event::GEN_AI_CHOICE {
            let said = body.get("message").unwrap_or(&body);
            let mut message = message("assistant", said);
            if let Some(reason) = body.get("finish_reason") {
                message.push(("finish_reason".to_owned(), reason.clone()));
            }
            output.push(Value::Map(message));
        } else if let Some(role) = role(name) {
            input.push(Value::Map(message(role, &body)));
        }
    }
    for (key, messages) in [
        (key::GEN_AI_INPUT_MESSAGES, input),
        (key::GEN_AI_OUTPUT_MESSAGES, output),
    ] {
        if !messages.is_empty() {
            view.attributes
                .set_if_free(key, Some(Value::Array(messages)));
        }
    }
}

/// Reads the body of an event as a message in the conventions' shape.
fn message(role: &str, body: &Value) -> Members {
    let role = body.get("role").and_then(Value::as_str).unwrap_or(role);
    let content = match body {
        Value::Map(_) => body.get("content").cloned().unwrap_or_default(),
        other => other.clone(),
    };
    let mut parts = Vec::new();
    let id = body.get("id").filter(|_| role == "tool");
    if let Some(id) = id {
        parts.push(part(
            "tool_call_response",
            [("id", id.clone()), ("response", content)],
        ));
    } else {
        match content {
            Value::Null => {}
            Value::Array(items) => parts.extend(items.into_iter().map(text)),
            other => parts.push(text(other)),
        }
    }
    if let Some(Value::Array(calls)) = body.get("tool_calls") {
        parts.extend(calls.iter().map(call));
    }
    vec![
        ("role".to_owned(), Value::from(role)),
        ("parts".to_owned(), Value::Array(parts)),
    ]
}

fn part<const N: usize>(kind: &str, members: [(&str, Value); N]) -> Value {
    let kind = ("type".to_owned(), Value::from(kind));
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Value::Map(std::iter::once(kind).chain(members).collect())
}

fn text(content: Value) -> Value {
    match content {
        Value::String(_) => part("text", [("content", content)]),
        // A block of a provider's own, whose text is what there is to read.
        other => match other.get("text").cloned() {
            Some(content) => part("text", [("content", content)]),
            None => other,
        },
    }
}

/// Reads a call of a tool as OpenAI shapes it.
fn call(call: &Value) -> Value {
    let function = call.get("function").unwrap_or(call);
    let arguments = match function.get("arguments") {
        Some(Value::String(text)) => Value::from_json_or_text(text),
        other => other.cloned().unwrap_or_default(),
    };
    let of = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    part(
        "tool_call",
        [
            ("id", of(call, "id")),
            ("name", of(function, "name")),
            ("arguments", arguments),
        ],
    )
}
