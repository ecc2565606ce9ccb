//! What each dialect's page says is lost.

use genspan::{Value, semconv::attribute as key};
use genspan_dialects::{Dialect, Span};

/// Gives the span as it comes back.
pub(crate) fn after(dialect: Dialect, mut span: Span) -> Span {
    match dialect {
        Dialect::OpenInference => openinference(&mut span),
        Dialect::OpenLlmetry => openllmetry(&mut span),
        Dialect::Sentry => cache_writes(&mut span),
        _ => {}
    }
    span
}

/// Gives the keys that do not come back as they were, and that are not compared: what Sentry's limit cuts, and media.
pub(crate) fn cut(dialect: Dialect, span: &Span) -> Vec<String> {
    const LIMIT: usize = 20_000;
    let is_long = |value: &Value| match value {
        Value::Map(_) | Value::Array(_) => {
            let json = value.to_json();
            json.len() > LIMIT || json.contains("\"data:")
        }
        _ => false,
    };
    let long = span.attributes.iter().filter(|(_, value)| is_long(value));
    long.filter(|_| dialect == Dialect::Sentry)
        .flat_map(|(key, _)| {
            [
                key.to_owned(),
                format!("sentry.sdk_meta.{key}.original_length"),
            ]
        })
        .collect()
}

/// Gives the writing of caches v1.41's key.
fn cache_writes(span: &mut Span) {
    span.attributes.rename(
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    );
}

fn openllmetry(span: &mut Span) {
    cache_writes(span);
    let input = with_instructions(span).into_iter().flat_map(apart);
    let input: Vec<Value> = input.map(spoken).collect();
    let output = list(span, key::GEN_AI_OUTPUT_MESSAGES);
    let output: Vec<Value> = output.into_iter().map(spoken).collect();
    put(span, input, output);
}

/// Puts reasoning first, as one, and calls last; an answer of a tool is the tool's.
fn spoken(message: Value) -> Value {
    let Some(Value::Array(parts)) = message.get("parts").cloned() else {
        return message;
    };
    if let [answer] = parts.as_slice()
        && kind(answer) == "tool_call_response"
    {
        let members = [
            ("role", Value::from("tool")),
            ("parts", Value::Array(vec![parsed(answer.clone())])),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), value));
        return Value::Map(members.to_vec());
    }
    let is_whole = |part: &Value, kind_of: &str, members: &[&str]| match part {
        Value::Map(all) => {
            kind(part) == kind_of
                && all
                    .iter()
                    .all(|(name, _)| name == "type" || members.contains(&name.as_str()))
        }
        _ => false,
    };
    let (calls, said): (Vec<Value>, Vec<Value>) = parts
        .into_iter()
        .partition(|part| is_whole(part, "tool_call", &["id", "name", "arguments"]));
    let (thoughts, said): (Vec<Value>, Vec<Value>) = said
        .into_iter()
        .partition(|part| is_whole(part, "reasoning", &["content"]));
    let thought: String = thoughts
        .iter()
        .filter_map(|part| part.get("content")?.as_str())
        .collect();
    let thought = (!thought.is_empty()).then(|| {
        Value::Map(vec![
            ("type".to_owned(), Value::from("reasoning")),
            ("content".to_owned(), Value::from(thought)),
        ])
    });
    let calls = calls.into_iter().map(parsed);
    let parts: Vec<Value> = thought.into_iter().chain(said).chain(calls).collect();
    with_parts(&message, &parts)
}

fn openinference(span: &mut Span) {
    cache_writes(span);
    let input = with_instructions(span).into_iter().flat_map(apart);
    let input: Vec<Value> = input.map(kept).collect();
    let output = list(span, key::GEN_AI_OUTPUT_MESSAGES);
    let output: Vec<Value> = output.into_iter().map(kept).collect();
    put(span, input, output);
}

/// Gives the messages with the instructions as their first.
fn with_instructions(span: &mut Span) -> Vec<Value> {
    let mut input = list(span, key::GEN_AI_INPUT_MESSAGES);
    if let Some(instructions) = span.attributes.take(key::GEN_AI_SYSTEM_INSTRUCTIONS) {
        let members = [("role", Value::from("system")), ("parts", instructions)];
        let members = members.map(|(name, value)| (name.to_owned(), value));
        input.insert(0, Value::Map(members.to_vec()));
    }
    input
}

fn put(span: &mut Span, input: Vec<Value>, output: Vec<Value>) {
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
    let said = said.into_iter().map(bare);
    let parts: Vec<Value> = said.chain(calls).map(parsed).collect();
    let message = with_parts(&message, &parts);
    match parts.as_slice() {
        [answer] if kind(answer) == "tool_call_response" && answer.get("id").is_none() => {
            of_tool(message)
        }
        _ => message,
    }
}

/// Leaves out what a part has beside its words or its address.
fn bare(part: Value) -> Value {
    let known: &[&str] = match kind(&part) {
        "text" | "reasoning" => &["type", "content"],
        "uri" => &["type", "modality", "uri"],
        _ => return part,
    };
    match part {
        Value::Map(mut members) => {
            members.retain(|(name, _)| known.contains(&name.as_str()));
            Value::Map(members)
        }
        other => other,
    }
}

fn of_tool(message: Value) -> Value {
    let Value::Map(members) = message else {
        return message;
    };
    let role = |(name, value)| match name {
        name if name == "role" => (name, Value::from("tool")),
        name => (name, value),
    };
    Value::Map(members.into_iter().map(role).collect())
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
