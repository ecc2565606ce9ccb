//! What a scenario needs to know of a request, read from any format.

mod gemini;
mod ollama;
mod responses;

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{self, Step, Turn};

/// The format that a request was made in, and that its answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    OpenAi,
    /// OpenAI's Responses, over HTTP or a WebSocket.
    Responses,
    Anthropic,
    Gemini,
    Ollama,
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
    /// Whether a prompt is to be gone on from, instead of a conversation.
    pub(super) is_prompt: bool,
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
        let said = match format {
            Format::OpenAi | Format::Anthropic => messages(format, body),
            Format::Responses => responses::read(body),
            Format::Gemini => gemini::read(body),
            Format::Ollama => ollama::read(body),
        };
        let mut hash = Fnv::default();
        hash.value(body, true);
        let prompt = said.prompt.iter().map(|part| length(&body[*part]));
        Self {
            format,
            model: body["model"].as_str().unwrap_or_default().to_owned(),
            question: said.question.unwrap_or_default(),
            result: said.result,
            tools: said.tools,
            choices: body["n"]
                .as_u64()
                .map_or(1, |n| usize::try_from(n.clamp(1, 8)).unwrap_or(1)),
            stream: match format {
                // It streams unless it is told not to.
                Format::Ollama => body["stream"] != false,
                _ => body["stream"] == true,
            },
            is_prompt: format == Format::Ollama && body["prompt"].is_string(),
            usage_in_stream: body.pointer("/stream_options/include_usage")
                == Some(&Value::Bool(true)),
            hash: hash.0,
            input_tokens: prompt.sum::<u64>() / 4 + 8,
            step: plan::next(&said.turns),
        }
    }

    /// Names the model and says whether the answer is streamed, where the request's path tells it.
    pub(super) fn by_path(self, model: &str, stream: bool) -> Self {
        Self {
            model: model.to_owned(),
            stream,
            ..self
        }
    }

    /// A name for something in the answer, in hexadecimal.
    pub(super) fn id(&self, salt: &str) -> String {
        let mut hash = Fnv(self.hash);
        hash.bytes(salt.as_bytes());
        format!("{:016x}{:08x}", hash.0, self.hash & 0xffff_ffff)
    }
}

/// What was said, in whichever format.
#[derive(Debug)]
struct Said {
    /// The last text of the user.
    question: Option<String>,
    /// The result of a tool, if it is what the client says last.
    result: Option<String>,
    tools: Vec<Offer>,
    turns: Vec<Turn>,
    /// The members of the body that the model reads.
    prompt: [&'static str; 3],
}

/// Reads the formats whose conversation is a list of messages.
fn messages(format: Format, body: &Value) -> Said {
    let messages = list(&body["messages"]);
    let users = messages.iter().rev().filter(|it| it["role"] == "user");
    let turns = messages.iter().map(|message| Turn {
        is_models: message["role"] == "assistant",
        text: text(&message["content"]),
    });
    let offers = list(&body["tools"]).iter();
    Said {
        question: users
            .map(|it| text(&it["content"]))
            .find(|it| !it.is_empty()),
        result: messages.last().and_then(|it| result(format, it)),
        tools: offers.filter_map(|it| offer(format, it)).collect(),
        turns: turns.collect(),
        prompt: ["system", "messages", "tools"],
    }
}

/// The members of a list; of anything else none.
fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
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
    if matches!(format, Format::OpenAi | Format::Ollama) {
        return (last["role"] == "tool").then(|| text(&last["content"]));
    }
    let results: Vec<String> = list(&last["content"])
        .iter()
        .filter(|it| it["type"] == "tool_result")
        .map(|it| text(&it["content"]))
        .collect();
    (!results.is_empty()).then(|| results.join("\n"))
}

fn offer(format: Format, tool: &Value) -> Option<Offer> {
    if matches!(format, Format::OpenAi | Format::Ollama) {
        return named(&tool["function"], "parameters");
    }
    // A provider's own tool has no schema, and is not for the client to run.
    named(tool, "input_schema").filter(|offer| !offer.schema.is_null())
}

fn named(tool: &Value, schema: &str) -> Option<Offer> {
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
