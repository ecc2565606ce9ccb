//! What a model says, in the formats of two providers.

use serde_json::{Value, json};
use testkit::provider::{Answer, Step};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    OpenAi,
    Anthropic,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// One answer: a text, or calls.
#[derive(Debug, Default)]
pub(crate) struct Said {
    text: Option<&'static str>,
    calls: Vec<Call>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    id: &'static str,
    name: &'static str,
    arguments: Value,
}

pub(crate) fn call(id: &'static str, name: &'static str, arguments: Value) -> Call {
    Call {
        id,
        name,
        arguments,
    }
}

impl Said {
    pub(crate) fn text(text: &'static str) -> Self {
        Self {
            text: Some(text),
            calls: Vec::new(),
        }
    }

    pub(crate) fn calls(calls: &[Call]) -> Self {
        Self {
            text: None,
            calls: calls.to_vec(),
        }
    }

    pub(crate) fn answer(&self, format: Format, is_streamed: bool) -> Answer {
        let json = &[("content-type", "application/json")];
        match (format, is_streamed) {
            (Format::OpenAi, false) => Answer::whole(200, json, self.openai().to_string()),
            (Format::Anthropic, false) => Answer::whole(200, json, self.anthropic().to_string()),
            (Format::OpenAi, true) => events(
                self.openai_chunks()
                    .into_iter()
                    .map(|chunk| format!("data: {chunk}\n\n"))
                    .chain(["data: [DONE]\n\n".to_owned()]),
            ),
            (Format::Anthropic, true) => events(self.anthropic_events().into_iter().map(|event| {
                format!(
                    "event: {}\ndata: {event}\n\n",
                    event["type"].as_str().unwrap()
                )
            })),
        }
    }

    fn openai(&self) -> Value {
        let calls: Vec<Value> = self.calls.iter().map(|call| json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments.to_string()}})).collect();
        let mut message = json!({"role": "assistant", "content": self.text});
        if !calls.is_empty() {
            message["tool_calls"] = Value::Array(calls);
        }
        let reason = if self.calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt", "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
    }

    fn openai_chunks(&self) -> Vec<Value> {
        let chunk = |delta: Value, reason: Option<&str>| json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        let mut chunks = vec![chunk(json!({"role": "assistant"}), None)];
        for piece in self.text.iter().flat_map(|text| text.split_inclusive(' ')) {
            chunks.push(chunk(json!({"content": piece}), None));
        }
        for (index, call) in self.calls.iter().enumerate() {
            let begin = json!({"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}});
            let rest =
                json!({"index": index, "function": {"arguments": call.arguments.to_string()}});
            chunks.push(chunk(json!({"tool_calls": [begin]}), None));
            chunks.push(chunk(json!({"tool_calls": [rest]}), None));
        }
        let reason = if self.calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        chunks.push(chunk(json!({}), Some(reason)));
        chunks
    }

    fn blocks(&self) -> Vec<Value> {
        let text = self
            .text
            .iter()
            .map(|text| json!({"type": "text", "text": text}));
        let calls = self.calls.iter().map(|call| json!({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}));
        text.chain(calls).collect()
    }

    const fn stop_reason(&self) -> &'static str {
        if self.calls.is_empty() {
            "end_turn"
        } else {
            "tool_use"
        }
    }

    fn anthropic(&self) -> Value {
        json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": self.blocks(), "stop_reason": self.stop_reason(), "stop_sequence": null, "usage": {"input_tokens": 10, "output_tokens": 5}})
    }

    fn anthropic_events(&self) -> Vec<Value> {
        let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 10, "output_tokens": 1}});
        let mut events = vec![json!({"type": "message_start", "message": message})];
        for (index, mut block) in self.blocks().into_iter().enumerate() {
            let delta = if block["type"] == "text" {
                let text = std::mem::replace(&mut block["text"], json!(""));
                json!({"type": "text_delta", "text": text})
            } else {
                let input = std::mem::replace(&mut block["input"], json!({}));
                json!({"type": "input_json_delta", "partial_json": input.to_string()})
            };
            events.push(
                json!({"type": "content_block_start", "index": index, "content_block": block}),
            );
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": self.stop_reason(), "stop_sequence": null}, "usage": {"output_tokens": 5}}));
        events.push(json!({"type": "message_stop"}));
        events
    }
}

fn events(texts: impl Iterator<Item = String>) -> Answer {
    Answer::stream(texts.map(Step::bytes).collect())
}
