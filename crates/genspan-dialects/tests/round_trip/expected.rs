//! What each dialect's page says is lost.

use genspan::{Value, semconv::attribute as key};
use genspan_dialects::{Dialect, Span};

/// Gives the span as it comes back.
pub(crate) fn after(dialect: Dialect, mut span: Span) -> Span {
    if dialect == Dialect::OpenInference {
        openinference(&mut span);
    }
    span
}

fn openinference(span: &mut Span) {
    span.attributes.rename(
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    );
    let mut input = list(span, key::GEN_AI_INPUT_MESSAGES);
    if let Some(instructions) = span.attributes.take(key::GEN_AI_SYSTEM_INSTRUCTIONS) {
        let members = [("role", Value::from("system")), ("parts", instructions)];
        input.insert(
            0,
            Value::Map(
                members
                    .map(|(name, value)| (name.to_owned(), value))
                    .to_vec(),
            ),
        );
    }
    let input: Vec<Value> = input.into_iter().flat_map(apart).map(kept).collect();
    let output = list(span, key::GEN_AI_OUTPUT_MESSAGES);
    let output: Vec<Value> = output.into_iter().map(kept).collect();
    for (key, messages) in [
        (key::GEN_AI_INPUT_MESSAGES, input),
        (key::GEN_AI_OUTPUT_MESSAGES, output),
    ] {
        if !messages.is_empty() {
            span.attributes.set(key, Value::Array(messages));
        }
    }
}

fn list(span: &mut Span, key: &str) -> Vec<Value> {
    match span.attributes.take(key) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn kind(part: &Value) -> &str {
    part.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Makes messages of the answers to tool calls.
fn apart(message: Value) -> Vec<Value> {
    let Some(Value::Array(parts)) = message.get("parts").cloned() else {
        return vec![message];
    };
    let (answers, others): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| kind(part) == "tool_call_response");
    let count = answers.len();
    let mut list: Vec<Value> = answers
        .into_iter()
        .map(|answer| with_parts(&message, &[answer]))
        .collect();
    if !others.is_empty() || count == 0 {
        list.push(with_parts(&message, &others));
    }
    list
}

fn with_parts(message: &Value, parts: &[Value]) -> Value {
    let Value::Map(members) = message.clone() else {
        panic!("no message: {message:?}");
    };
    let with = |(name, value)| match name {
        name if name == "parts" => (name, Value::Array(parts.to_vec())),
        name => (name, value),
    };
    Value::Map(members.into_iter().map(with).collect())
}

/// Leaves out what OpenInference has no word for, and puts calls behind what is said.
fn kept(message: Value) -> Value {
    let Some(Value::Array(parts)) = message.get("parts").cloned() else {
        return message;
    };
    let is_kept = |part: &Value| match kind(part) {
        "text" | "reasoning" | "tool_call" | "tool_call_response" => true,
        "uri" => part.get("modality").and_then(Value::as_str) == Some("image"),
        _ => false,
    };
    let (calls, said): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .filter(is_kept)
        .partition(|part| kind(part) == "tool_call");
    let parts: Vec<Value> = said.into_iter().chain(calls).map(parsed).collect();
    with_parts(&message, &parts)
}

/// Takes a text that is JSON for what it says.
fn parsed(part: Value) -> Value {
    let Value::Map(members) = part else {
        return part;
    };
    let parsed = members.into_iter().filter_map(|(name, value)| {
        let json = value.as_str().and_then(|text| Value::from_json(text).ok());
        match (name.as_str(), json) {
            ("arguments", Some(Value::Null)) => None,
            ("arguments", Some(json)) => Some((name, json)),
            ("response", Some(json @ (Value::Map(_) | Value::Array(_)))) => Some((name, json)),
            _ => Some((name, value)),
        }
    });
    Value::Map(parsed.collect())
}
