//! What can be found by its words.

use std::collections::HashSet;

use genspan::Value;

use super::said::Said;
use crate::content::{self, Hash, name};

/// Holds the words of one message, of what a tool was given or gave back, or of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doc {
    pub(crate) hash: Hash,
    pub(crate) text: String,
}

impl Doc {
    /// Gives what stores of version 1 named it, which was in full what it is.
    pub(crate) fn former_name(&self) -> Hash {
        content::hash(self.text.as_bytes())
    }
}

/// Bytes of a text that can be found; what is behind them cannot.
const LONGEST: usize = 64 * 1024;

/// Members that hold no words: what kind of thing it is, and what it is called by machines.
const WORDLESS: [&str; 9] = [
    "type",
    "role",
    "id",
    "mime_type",
    "modality",
    "finish_reason",
    "signature",
    "file_id",
    "sha256",
];

/// Gathers the words of a span, each message by itself, so that a conversation's history is indexed once.
pub(crate) fn docs(said: &Said, error: Option<&str>) -> Vec<Doc> {
    let mut gathered = Gathered::default();
    if let Some(system) = &said.system {
        let mut text = String::new();
        for part in system {
            words(part, Within::Message, &mut text);
        }
        gathered.text(text);
    }
    for message in said.input.iter().chain(&said.output).flatten() {
        gathered.value(message, Within::Message);
    }
    for value in said.arguments.iter().chain(&said.result) {
        gathered.value(value, Within::Content);
    }
    if let Some(error) = error {
        gathered.text(error.to_owned());
    }
    gathered.docs
}

#[derive(Default)]
struct Gathered {
    docs: Vec<Doc>,
    known: HashSet<Hash>,
}

impl Gathered {
    fn value(&mut self, value: &Value, within: Within) {
        let mut text = String::new();
        words(value, within, &mut text);
        self.text(text);
    }

    fn text(&mut self, mut text: String) {
        text.truncate(text.floor_char_boundary(LONGEST));
        if text.trim().is_empty() {
            return;
        }
        let hash = name(text.as_bytes());
        if self.known.insert(hash) {
            self.docs.push(Doc { hash, text });
        }
    }
}

/// Says where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// In a message's own shape, of which some members hold no words.
    Message,
    /// In what someone said, of which all members count.
    Content,
}

/// Writes all texts of a value, a line each.
fn words(value: &Value, within: Within, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    match value {
        Value::String(found) => line(found, text),
        Value::Array(items) => items.iter().for_each(|item| words(item, within, text)),
        Value::Map(members) => {
            let is_shape = within == Within::Message;
            if is_shape && value.get("type").and_then(Value::as_str) == Some("blob") {
                return;
            }
            for (name, member) in members {
                let name = name.as_str();
                if is_shape && WORDLESS.contains(&name) {
                    continue;
                }
                let within = match name {
                    "arguments" | "response" => Within::Content,
                    _ => within,
                };
                words(member, within, text);
            }
        }
        Value::Int(number) => line(&number.to_string(), text),
        Value::Double(number) => line(&number.to_string(), text),
        Value::Null | Value::Bool(_) => {}
    }
}

fn line(found: &str, text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(found);
}
