//! Messages, spread over attributes.

use std::collections::BTreeMap;

use genspan::{Attribute, Value};

use super::text_of;
use crate::{
    Attributes,
    conversation::{Message, Part},
};

/// Makes a message of each answer to a tool call, since a message of OpenInference holds one.
pub(super) fn apart(messages: Vec<Message>) -> Vec<Message> {
    let mut list = Vec::with_capacity(messages.len());
    for message in messages {
        let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
        let (answers, others): (Vec<_>, Vec<_>) = message.parts.into_iter().partition(is_answer);
        let is_answered = !answers.is_empty();
        list.extend(answers.into_iter().map(|answer| Message {
            // What says that a message is an answer is the id of the call, or the role.
            role: match answer {
                Part::ToolCallResponse { id: None, .. } => "tool".to_owned(),
                _ => message.role.clone(),
            },
            parts: vec![answer],
            others: message.others.clone(),
        }));
        if !others.is_empty() || !is_answered {
            list.push(Message {
                role: message.role,
                parts: others,
                others: message.others,
            });
        }
    }
    list
}

/// Gives messages as attributes under `prefix`, such as `llm.input_messages`.
pub(super) fn spread(prefix: &str, messages: &[Message]) -> Vec<Attribute> {
    let mut spread = Spread(Vec::new());
    for (at, message) in messages.iter().enumerate() {
        let under = format!("{prefix}.{at}.message");
        spread.put(format!("{under}.role"), message.role.as_str());
        spread.put_if(format!("{under}.name"), message.other("name"));
        spread.put_if(
            format!("{under}.finish_reason"),
            message.other("finish_reason"),
        );
        spread.parts(&under, &message.parts);
    }
    spread.0
}

/// Gathers attributes.
struct Spread(Vec<Attribute>);

impl Spread {
    fn put(&mut self, key: String, value: impl Into<Value>) {
        self.0.push(Attribute {
            key: key.into(),
            value: value.into(),
        });
    }

    fn put_if(&mut self, key: String, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn parts(&mut self, under: &str, parts: &[Part]) {
        if let [Part::Text(text)] = parts {
            self.put(format!("{under}.content"), text.as_str());
            return;
        }
        let (mut contents, mut calls) = (0, 0);
        for part in parts {
            match part {
                Part::ToolCall {
                    id,
                    name,
                    arguments,
                } => {
                    let call = format!("{under}.tool_calls.{calls}.tool_call");
                    calls += 1;
                    self.put_if(format!("{call}.id"), id.as_deref());
                    self.put(format!("{call}.function.name"), name.as_str());
                    if !arguments.is_null() {
                        self.put(format!("{call}.function.arguments"), text_of(arguments));
                    }
                }
                Part::ToolCallResponse { id, response } => {
                    self.put_if(format!("{under}.tool_call_id"), id.as_deref());
                    if !response.is_null() {
                        self.put(format!("{under}.content"), text_of(response));
                    }
                }
                Part::Text(text) => self.content(under, &mut contents, "text", "text", text),
                Part::Reasoning(text) => {
                    self.content(under, &mut contents, "reasoning", "text", text);
                }
                Part::Other(other) => match (words(other), image(other)) {
                    (Some((kind, said)), _) => {
                        self.content(under, &mut contents, kind, "text", said);
                    }
                    (None, Some(uri)) => {
                        self.content(under, &mut contents, "image", "image.image.url", uri);
                    }
                    (None, None) => {}
                },
            }
        }
    }

    fn content(&mut self, under: &str, count: &mut usize, kind: &str, member: &str, said: &str) {
        let content = format!("{under}.contents.{count}.message_content");
        *count += 1;
        self.put(format!("{content}.type"), kind);
        self.put(format!("{content}.{member}"), said);
    }
}

/// Gives what a part says that has members beside its words, such as a signature.
fn words(part: &Value) -> Option<(&str, &str)> {
    let kind = part.get("type")?.as_str()?;
    let said = part.get("content")?.as_str()?;
    matches!(kind, "text" | "reasoning").then_some((kind, said))
}

/// Gives the address of an image.
fn image(part: &Value) -> Option<&str> {
    let is_image = part.get("modality").and_then(Value::as_str) == Some("image");
    part.get("uri").filter(|_| is_image)?.as_str()
}

/// Gathers the messages that are spread under `prefix`, and takes their attributes out.
pub(super) fn gather(prefix: &str, attributes: &mut Attributes) -> Vec<Message> {
    let mut by_index = BTreeMap::<u32, Fields>::new();
    let beginning = format!("{prefix}.");
    for Attribute { key, value } in attributes.take_prefix(&beginning) {
        let rest = key.get(beginning.len()..).unwrap_or_default();
        let Some((index, field)) = indexed(rest, "message") else {
            continue;
        };
        by_index
            .entry(index)
            .or_default()
            .push((field.to_owned(), value));
    }
    by_index.values().map(message).collect()
}

type Fields = Vec<(String, Value)>;

/// Takes `3.message.role` apart into 3 and `role`.
fn indexed<'k>(key: &'k str, name: &str) -> Option<(u32, &'k str)> {
    let (index, rest) = key.split_once('.')?;
    let field = rest.strip_prefix(name)?.strip_prefix('.')?;
    Some((index.parse().ok()?, field))
}

fn message(fields: &Fields) -> Message {
    let text = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| text_of(value))
    };
    let role = text("role").unwrap_or_default();
    let said = text("content");
    let mut parts = contents(fields);
    match (said, text("tool_call_id")) {
        (Some(said), id) if id.is_some() || role == "tool" => parts.push(Part::ToolCallResponse {
            id,
            response: structured_or_text(said),
        }),
        (Some(said), _) => parts.insert(0, Part::Text(said)),
        (None, Some(id)) => parts.push(Part::ToolCallResponse {
            id: Some(id),
            response: Value::Null,
        }),
        (None, None) => {}
    }
    parts.extend(calls(fields));
    let others =
        ["name", "finish_reason"].map(|name| Some((name.to_owned(), Value::String(text(name)?))));
    Message {
        role,
        parts,
        others: others.into_iter().flatten().collect(),
    }
}

/// Takes JSON of a list or an object for what it says; numbers and words that a tool wrote are texts.
fn structured_or_text(text: String) -> Value {
    match Value::from_json(&text) {
        Ok(value @ (Value::Map(_) | Value::Array(_))) => value,
        _ => Value::String(text),
    }
}

fn contents(fields: &[(String, Value)]) -> Vec<Part> {
    let mut by_index = BTreeMap::<u32, (String, String)>::new();
    for (field, value) in fields {
        let Some((index, member)) = field
            .strip_prefix("contents.")
            .and_then(|rest| indexed(rest, "message_content"))
        else {
            continue;
        };
        let (kind, said) = by_index.entry(index).or_default();
        match member {
            "type" => *kind = text_of(value),
            _ => *said = text_of(value),
        }
    }
    let part = |(kind, said): (String, String)| match kind.as_str() {
        "reasoning" => Part::Reasoning(said),
        "image" => Part::Other(Value::Map(
            [("type", "uri"), ("modality", "image"), ("uri", &said)]
                .map(|(name, text)| (name.to_owned(), Value::from(text)))
                .to_vec(),
        )),
        _ => Part::Text(said),
    };
    by_index.into_values().map(part).collect()
}

fn calls(fields: &[(String, Value)]) -> Vec<Part> {
    let mut by_index = BTreeMap::<u32, (Option<String>, String, Value)>::new();
    for (field, value) in fields {
        let Some((index, member)) = field
            .strip_prefix("tool_calls.")
            .and_then(|rest| indexed(rest, "tool_call"))
        else {
            continue;
        };
        let (id, name, arguments) = by_index.entry(index).or_default();
        match member {
            "id" => *id = Some(text_of(value)),
            "function.name" => *name = text_of(value),
            "function.arguments" => *arguments = Value::from_json_or_text(&text_of(value)),
            _ => {}
        }
    }
    let part = |(id, name, arguments)| Part::ToolCall {
        id,
        name,
        arguments,
    };
    by_index.into_values().map(part).collect()
}
