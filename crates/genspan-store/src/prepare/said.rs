//! What was said in a span.

use genspan::{Value, semconv::attribute as key};
use genspan_dialects::{Attributes, Span as View};

/// Holds what was said in a span, in the shapes of the conventions.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) system: Option<Vec<Value>>,
    pub(crate) input: Option<Vec<Value>>,
    pub(crate) output: Option<Vec<Value>>,
    pub(crate) arguments: Option<Value>,
    pub(crate) result: Option<Value>,
}

/// Bytes of what the user said last, as lists show it.
const SHOWN: usize = 240;

pub(crate) fn of(view: &View) -> Said {
    let attributes = &view.attributes;
    Said {
        system: parts(attributes, key::GEN_AI_SYSTEM_INSTRUCTIONS),
        input: messages(attributes, key::GEN_AI_INPUT_MESSAGES, "user"),
        output: messages(attributes, key::GEN_AI_OUTPUT_MESSAGES, "assistant"),
        arguments: structured(attributes, key::GEN_AI_TOOL_CALL_ARGUMENTS),
        result: structured(attributes, key::GEN_AI_TOOL_CALL_RESULT),
    }
}

fn structured(attributes: &Attributes, key: &str) -> Option<Value> {
    let found = attributes.get(key)?;
    Some(match found {
        Value::String(text) => Value::from_json_or_text(text),
        other => other.clone(),
    })
}

/// Reads parts; a plain text is one.
fn parts(attributes: &Attributes, key: &str) -> Option<Vec<Value>> {
    Some(match structured(attributes, key)? {
        Value::Array(parts) => parts.into_iter().map(part).collect(),
        other => vec![part(other)],
    })
}

fn part(value: Value) -> Value {
    match value {
        part @ Value::Map(_) => part,
        Value::String(text) => text_part(text),
        other => text_part(other.to_json()),
    }
}

fn text_part(text: String) -> Value {
    Value::Map(vec![
        ("type".to_owned(), Value::from("text")),
        ("content".to_owned(), Value::String(text)),
    ])
}

/// Reads messages; what is none becomes the text of one.
fn messages(attributes: &Attributes, key: &str, role: &str) -> Option<Vec<Value>> {
    let message = |value: Value| match value {
        message @ Value::Map(_) if message.get("role").is_some() => message,
        other => Value::Map(vec![
            ("role".to_owned(), Value::from(role)),
            ("parts".to_owned(), Value::Array(vec![part(other)])),
        ]),
    };
    Some(match structured(attributes, key)? {
        Value::Array(messages) => messages.into_iter().map(message).collect(),
        other => vec![message(other)],
    })
}

/// Gives the parts of a message.
pub(crate) fn parts_of(message: &Value) -> &[Value] {
    match message.get("parts") {
        Some(Value::Array(parts)) => parts,
        _ => &[],
    }
}

impl Said {
    /// Gives what the user said last, shortened, on one line.
    pub(crate) fn last_user_message(&self) -> Option<String> {
        let messages = self.input.as_ref()?.iter().rev();
        let mut users =
            messages.filter(|message| message.get("role").and_then(Value::as_str) == Some("user"));
        users.find_map(|message| {
            let texts = parts_of(message)
                .iter()
                .filter(|part| part.get("type").and_then(Value::as_str) == Some("text"));
            let texts: Vec<&str> = texts
                .filter_map(|part| part.get("content")?.as_str())
                .collect();
            let shown = one_line(&texts.join(" "), SHOWN);
            (!shown.is_empty()).then_some(shown)
        })
    }

    /// Names the messages of the input, and behind them those of the answer, by four bytes each; the count of the input's
    /// comes first.
    pub(crate) fn thread(&self) -> Vec<u8> {
        let Some(input) = &self.input else {
            return Vec::new();
        };
        let output = self.output.as_deref().unwrap_or_default();
        let mut bytes = Vec::with_capacity(4 * (input.len() + output.len() + 1));
        let count = u32::try_from(input.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&count.to_le_bytes());
        let mut all = Vec::new();
        for message in input.iter().chain(output) {
            bytes.extend_from_slice(&name_of(message, &mut all));
        }
        bytes
    }
}

/// Names a message by its role and parts, however else it is told.
fn name_of(message: &Value, all: &mut Vec<u8>) -> [u8; 4] {
    all.clear();
    if let Some(role) = message.get("role") {
        spell(role, all);
    }
    for part in parts_of(message) {
        spell(part, all);
    }
    let [a, b, c, d, ..] = crate::content::name(all);
    [a, b, c, d]
}

/// Writes a value so that no two read the same; nobody reads it back.
fn spell(value: &Value, all: &mut Vec<u8>) {
    let mut sized = |kind: u8, size: usize| {
        all.push(kind);
        all.extend_from_slice(&size.to_le_bytes());
    };
    match value {
        Value::Null => all.push(b'0'),
        Value::Bool(truth) => all.extend_from_slice(&[b'b', u8::from(*truth)]),
        Value::Int(number) => {
            all.push(b'i');
            all.extend_from_slice(&number.to_le_bytes());
        }
        Value::Double(number) => {
            all.push(b'd');
            all.extend_from_slice(&number.to_le_bytes());
        }
        Value::String(text) => {
            sized(b't', text.len());
            all.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            sized(b'a', items.len());
            items.iter().for_each(|item| spell(item, all));
        }
        Value::Map(members) => {
            sized(b'm', members.len());
            for (name, member) in members {
                all.extend_from_slice(&name.len().to_le_bytes());
                all.extend_from_slice(name.as_bytes());
                spell(member, all);
            }
        }
    }
}

/// Cuts a text to at most so many bytes, with single spaces for white space.
pub(crate) fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > longest {
            let end = line.floor_char_boundary(longest);
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}
