//! What a scenario needs to know of a request, read from either format.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{self, Step, Turn};

/// The format that a request was made in, and that its answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    OpenAi,
    Anthropic,
}

/// A function that the client offers to the model.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) name: String,
    pub(super) schema: Value,
}

/// One question to the model.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) format: Format,
    pub(super) model: String,
    /// The last text of the user.
    pub(super) question: String,
    /// The result of a tool, if it is what the client says last.
    pub(super) result: Option<String>,
    pub(super) tools: Vec<Offer>,
    pub(super) choices: usize,
    pub(super) stream: bool,
    pub(super) usage_in_stream: bool,
    /// Names the question: the same whole and streamed.
    pub(super) hash: u64,
    pub(super) input_tokens: u64,
    /// What the conversation's own plan says of this answer.
    pub(super) step: Option<Step>,
}

impl Ask {
    /// Reads a body; what is missing or of another type counts as absent.
    pub(super) fn read(format: Format, body: &Value) -> Self {
        let messages = body["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let question = messages
            .iter()
            .rev()
            .filter(|it| it["role"] == "user")
            .map(|it| text(&it["content"]))
            .find(|it| !it.is_empty());
        let mut hash = Fnv::default();
        hash.value(body, true);
        let prompt = ["system", "messages", "tools"]
            .into_iter()
            .map(|part| length(&body[part]))
            .sum::<u64>();
        Self {
            format,
            model: body["model"].as_str().unwrap_or_default().to_owned(),
            question: question.unwrap_or_default(),
            result: messages.last().and_then(|it| result(format, it)),
            tools: body["tools"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| offer(format, it))
                .collect(),
            choices: body["n"]
                .as_u64()
                .map_or(1, |n| usize::try_from(n.clamp(1, 8)).unwrap_or(1)),
            stream: body["stream"] == true,
            usage_in_stream: body.pointer("/stream_options/include_usage")
                == Some(&Value::Bool(true)),
            hash: hash.0,
            input_tokens: prompt / 4 + 8,
            step: plan::next(&turns(messages)),
        }
    }

    /// A name for something in the answer, in hexadecimal.
    pub(super) fn id(&self, salt: &str) -> String {
        let mut hash = Fnv(self.hash);
        hash.bytes(salt.as_bytes());
        format!("{:016x}{:08x}", hash.0, self.hash & 0xffff_ffff)
    }
}

fn turns(messages: &[Value]) -> Vec<Turn> {
    let turns = messages.iter().map(|message| Turn {
        is_models: message["role"] == "assistant",
        text: text(&message["content"]),
    });
    turns.collect()
}

/// The text of a message's content: a string, or the text parts of a list.
fn text(content: &Value) -> String {
    match content {
        Value::String(it) => it.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn result(format: Format, last: &Value) -> Option<String> {
    match format {
        Format::OpenAi => (last["role"] == "tool").then(|| text(&last["content"])),
        Format::Anthropic => {
            let parts = last["content"].as_array()?;
            let results: Vec<String> = parts
                .iter()
                .filter(|it| it["type"] == "tool_result")
                .map(|it| text(&it["content"]))
                .collect();
            (!results.is_empty()).then(|| results.join("\n"))
        }
    }
}

fn offer(format: Format, tool: &Value) -> Option<Offer> {
    let (tool, schema) = match format {
        Format::OpenAi => (&tool["function"], "parameters"),
        Format::Anthropic => (tool, "input_schema"),
    };
    // A provider's own tool has no schema, and is not for the client to run.
    if format == Format::Anthropic && tool[schema].is_null() {
        return None;
    }
    Some(Offer {
        name: tool["name"].as_str()?.to_owned(),
        schema: tool[schema].clone(),
    })
}

/// The characters of all strings in a value.
fn length(value: &Value) -> u64 {
    match value {
        Value::String(it) => it.chars().count() as u64,
        Value::Array(list) => list.iter().map(length).sum(),
        Value::Object(map) => map.values().map(length).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// FNV-1a with 64 bits: ids must be the same in every build, and need no more than that.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Members in the order of their names, so that the order on the wire does not matter.
    fn value(&mut self, value: &Value, top: bool) {
        match value {
            Value::Object(map) => {
                self.bytes(b"{");
                for (name, member) in map.iter().collect::<BTreeMap<_, _>>() {
                    if !(top && matches!(name.as_str(), "stream" | "stream_options")) {
                        self.bytes(name.as_bytes());
                        self.bytes(b":");
                        self.value(member, false);
                    }
                }
            }
            Value::Array(list) => {
                self.bytes(b"[");
                list.iter().for_each(|it| self.value(it, false));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.bytes(value.to_string().as_bytes())
            }
        }
        self.bytes(b",");
    }
}
