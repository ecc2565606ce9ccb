//! What the same conversation looks like in each format, written and read by hand.

use serde_json::{Value, json};
use testkit::suite::{Case, Stage, TOOL, TOOL_DESCRIPTION, arguments, parameters};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    OpenAi,
    Responses,
    Anthropic,
    Gemini,
}

const MODEL: &str = "model-4";

impl Format {
    pub(crate) const ALL: [Self; 4] =
        [Self::OpenAi, Self::Responses, Self::Anthropic, Self::Gemini];

    pub(crate) fn url(self, stage: &Stage) -> String {
        let base = stage.provider.url();
        let method = if stage.case.is_streamed() {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        match self {
            Self::OpenAi => format!("{base}/v1/chat/completions"),
            Self::Responses => format!("{base}/v1/responses"),
            Self::Anthropic => format!("{base}/v1/messages"),
            Self::Gemini => format!("{base}/v1beta/models/{MODEL}:{method}"),
        }
    }

    pub(crate) const fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::OpenAi | Self::Responses => &[("authorization", "Bearer k3y")],
            Self::Anthropic => &[("x-api-key", "k3y"), ("anthropic-version", "2023-06-01")],
            Self::Gemini => &[("x-goog-api-key", "k3y")],
        }
    }

    pub(crate) fn asked(self, prompt: &str) -> Value {
        match self {
            Self::Gemini => json!({"role": "user", "parts": [{"text": prompt}]}),
            _ => json!({"role": "user", "content": prompt}),
        }
    }

    pub(crate) fn request(self, case: Case, messages: &[Value]) -> Value {
        let mut body = match self {
            Self::OpenAi => json!({"model": MODEL, "messages": messages}),
            Self::Responses => json!({"model": MODEL, "input": messages}),
            Self::Anthropic => json!({"model": MODEL, "max_tokens": 99, "messages": messages}),
            Self::Gemini => json!({"contents": messages}),
        };
        if case.is_streamed() && self != Self::Gemini {
            body["stream"] = json!(true);
        }
        if case.is_streamed() && self == Self::OpenAi {
            body["stream_options"] = json!({"include_usage": true});
        }
        if case.has_tools() {
            body["tools"] = json!([self.offer()]);
        }
        body
    }

    fn offer(self) -> Value {
        let (name, description, schema) = (TOOL, TOOL_DESCRIPTION, parameters());
        let function = json!({"name": name, "description": description, "parameters": schema});
        match self {
            Self::OpenAi => json!({"type": "function", "function": function}),
            Self::Responses => {
                json!({"type": "function", "name": name, "description": description, "parameters": schema})
            }
            Self::Anthropic => {
                json!({"name": name, "description": description, "input_schema": schema})
            }
            Self::Gemini => json!({"functionDeclarations": [function]}),
        }
    }

    /// Finds the call of the tool in an answer, if there is one, and gives its id.
    pub(crate) fn call(self, said: &[Value]) -> Option<String> {
        said.iter().find_map(|document| self.call_in(document))
    }

    fn call_in(self, value: &Value) -> Option<String> {
        let here = match self {
            Self::OpenAi => value.get("function").and(value.get("id")),
            Self::Responses => (value["type"] == "function_call").then(|| &value["call_id"]),
            Self::Anthropic => (value["type"] == "tool_use").then(|| &value["id"]),
            Self::Gemini => value.get("functionCall").map(|_| &Value::Null),
        };
        if let Some(id) = here {
            return Some(id.as_str().unwrap_or_default().to_owned());
        }
        match value {
            Value::Array(items) => items.iter().find_map(|item| self.call_in(item)),
            Value::Object(members) => members.values().find_map(|item| self.call_in(item)),
            _ => None,
        }
    }

    /// What the client says of a call and of what the tool gave.
    pub(crate) fn told(self, id: &str, result: &str) -> Vec<Value> {
        let written = arguments().to_string();
        match self {
            Self::OpenAi => vec![
                json!({"role": "assistant", "tool_calls": [{"id": id, "type": "function",
                    "function": {"name": TOOL, "arguments": written}}]}),
                json!({"role": "tool", "tool_call_id": id, "content": result}),
            ],
            Self::Responses => vec![
                json!({"type": "function_call", "call_id": id, "name": TOOL, "arguments": written}),
                json!({"type": "function_call_output", "call_id": id, "output": result}),
            ],
            Self::Anthropic => vec![
                json!({"role": "assistant", "content": [{"type": "tool_use", "id": id,
                    "name": TOOL, "input": arguments()}]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id,
                    "content": result}]}),
            ],
            Self::Gemini => vec![
                json!({"role": "model", "parts": [{"functionCall": {"name": TOOL,
                    "args": arguments()}}]}),
                json!({"role": "user", "parts": [{"functionResponse": {"name": TOOL,
                    "response": {"result": result}}}]}),
            ],
        }
    }
}

/// A body's one document, or those of its events.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let documents: Vec<Value> = events
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect();
    if documents.is_empty() {
        vec![serde_json::from_str(text).unwrap()]
    } else {
        documents
    }
}
