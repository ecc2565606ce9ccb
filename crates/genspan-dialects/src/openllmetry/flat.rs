//! Messages and definitions of tools, spread over attributes.

use std::collections::BTreeMap;

use genspan::{Attribute, Value};

use crate::{
    Attributes, chat_shape,
    conversation::{Message, Part},
    definitions, typed,
};

/// Spreads messages in OpenAI's shape under `prefix`: `gen_ai.prompt.0.role`.
pub(super) fn spread(prefix: &str, shaped: &Value) -> Vec<Attribute> {
    let mut list = Vec::new();
    let Value::Array(messages) = shaped else {
        return list;
    };
    for (at, shaped) in messages.iter().enumerate() {
        let message = shaped.get("message").unwrap_or(shaped);
        let mut put = |name: &str, value: Option<&Value>| {
            if let Some(value) = value.filter(|value| !value.is_null()) {
                list.push(Attribute {
                    key: format!("{prefix}.{at}.{name}").into(),
                    value: Value::String(text_of(value)),
                });
            }
        };
        put("finish_reason", shaped.get("finish_reason"));
        for name in ["role", "name", "tool_call_id", "reasoning"] {
            put(name, message.get(name));
        }
        let content = message.get("content").map(unmistakable);
        put("content", content.as_ref());
        let Some(Value::Array(calls)) = message.get("tool_calls") else {
            continue;
        };
        for (call_at, call) in calls.iter().enumerate() {
            let function = call.get("function");
            put(&format!("tool_calls.{call_at}.id"), call.get("id"));
            for name in ["name", "arguments"] {
                let member = function.and_then(|function| function.get(name));
                put(&format!("tool_calls.{call_at}.{name}"), member);
            }
        }
    }
    list
}

/// Gathers the messages under `prefix`, and takes their attributes out.
///
/// One that states no role is of `role`.
pub(super) fn gather(prefix: &str, role: &str, attributes: &mut Attributes) -> Vec<Message> {
    let mut list: Vec<Message> = Vec::new();
    let mut thought: Option<Message> = None;
    for fields in indexed(prefix, attributes).into_values() {
        let mut message = message(&fields, role);
        if message.role == "thinking" {
            // What a model of Anthropic thinks is told as an answer before its answer.
            message.role = "assistant".to_owned();
            for part in &mut message.parts {
                if let Part::Text(text) = part {
                    *part = Part::Reasoning(std::mem::take(text));
                }
            }
            thought = Some(message);
            continue;
        }
        if let Some(mut before) = thought.take() {
            before.parts.append(&mut message.parts);
            before.others.append(&mut message.others);
            before.role = message.role;
            message = before;
        }
        list.push(message);
    }
    list.extend(thought);
    list
}

/// Holds the fields of one message or definition.
pub(super) type Fields = Vec<(String, Value)>;

/// Takes the attributes under `prefix` out, by their index.
pub(super) fn indexed(prefix: &str, attributes: &mut Attributes) -> BTreeMap<u32, Fields> {
    let mut by_index = BTreeMap::<u32, Fields>::new();
    let beginning = format!("{prefix}.");
    for Attribute { key, value } in attributes.take_prefix(&beginning) {
        let rest = key.get(beginning.len()..).unwrap_or_default();
        let place = rest
            .split_once('.')
            .and_then(|(index, field)| Some((index.parse().ok()?, field)));
        match place {
            Some((index, field)) => {
                let fields = by_index.entry(index).or_default();
                fields.push((field.to_owned(), value));
            }
            None => attributes.set(key, value),
        }
    }
    by_index
}

fn message(fields: &Fields, role: &str) -> Message {
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value)
    };
    let role = field("role").map_or_else(|| role.to_owned(), text_of);
    let mut members = vec![("role".to_owned(), Value::from(role.as_str()))];
    for name in ["name", "tool_call_id", "reasoning"] {
        members.extend(field(name).map(|value| (name.to_owned(), value.clone())));
    }
    let content = match field("content") {
        Some(Value::String(text)) => {
            let read = typed::structured(text).filter(|read| role == "tool" || is_parts(read));
            Some(read.unwrap_or_else(|| Value::from(text.as_str())))
        }
        other => other.cloned(),
    };
    members.extend(content.map(|content| ("content".to_owned(), content)));
    let calls = calls(fields);
    if !calls.is_empty() {
        members.push(("tool_calls".to_owned(), Value::Array(calls)));
    }
    let read = chat_shape::read(&Value::Array(vec![Value::Map(members)]));
    let mut message = read.into_iter().flatten().next().unwrap_or_default();
    if let Some(refusal) = field("refusal") {
        message.parts.push(Part::Text(text_of(refusal)));
    }
    let reason = field("finish_reason").map(text_of);
    message.with_reason(reason.as_deref())
}

fn calls(fields: &Fields) -> Vec<Value> {
    let mut by_index = BTreeMap::<u32, Fields>::new();
    for (field, value) in fields {
        let place = field
            .strip_prefix("tool_calls.")
            .and_then(|rest| rest.split_once('.'))
            .and_then(|(index, name)| Some((index.parse().ok()?, name)));
        if let Some((index, name)) = place {
            let members = by_index.entry(index).or_default();
            members.push((name.to_owned(), value.clone()));
        }
    }
    by_index.into_values().map(Value::Map).collect()
}

/// Makes a part of a text that could be taken for a list of parts.
fn unmistakable(content: &Value) -> Value {
    match content.as_str().map(typed::structured) {
        Some(Some(read)) if is_parts(&read) => {
            let part = [("type", Value::from("text")), ("text", content.clone())];
            let part = part.map(|(name, value)| (name.to_owned(), value));
            Value::Array(vec![Value::Map(part.into())])
        }
        _ => content.clone(),
    }
}

/// Tells whether content is a list of parts.
fn is_parts(value: &Value) -> bool {
    match value {
        Value::Array(items) => {
            !items.is_empty() && items.iter().all(|item| item.get("type").is_some())
        }
        _ => false,
    }
}

/// Gives a text as it is, anything else as JSON.
pub(super) fn text_of(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_json())
}

/// Spreads the definitions of tools.
pub(super) fn spread_tools(prefix: &str, tools: &[Value]) -> Vec<Attribute> {
    let mut list = Vec::new();
    for (at, tool) in tools.iter().enumerate() {
        let Value::Map(members) = tool else {
            continue;
        };
        for (name, value) in members {
            if name == "type" && value.as_str() == Some("function") {
                continue;
            }
            list.push(Attribute {
                key: format!("{prefix}.{at}.{name}").into(),
                value: Value::String(text_of(value)),
            });
        }
    }
    list
}

/// Gathers the definitions of tools.
pub(super) fn gather_tools(prefix: &str, attributes: &mut Attributes) -> Vec<Value> {
    let tool = |fields: Fields| {
        let members = fields.into_iter().map(|(name, value)| {
            let value = match &value {
                Value::String(text) if !matches!(name.as_str(), "name" | "description") => {
                    word_or_json(text)
                }
                _ => value,
            };
            (name, value)
        });
        definitions::conventional(Value::Map(members.collect()))
    };
    indexed(prefix, attributes)
        .into_values()
        .map(tool)
        .collect()
}

/// Reads a member of a definition, which is JSON unless it is a word.
fn word_or_json(text: &str) -> Value {
    match Value::from_json(text) {
        Ok(Value::String(_)) | Err(_) => Value::from(text),
        // A version such as `1.10` is no number.
        Ok(read) if read.to_json() != text && !matches!(read, Value::Map(_) | Value::Array(_)) => {
            Value::from(text)
        }
        Ok(read) => read,
    }
}
