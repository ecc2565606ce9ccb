//! A model on this machine that is asked over HTTP, and what it is asked.

use genspan::{Message, Part, Telemetry, Value};
use genspan_chat::{ChatRequest, ChatResponse, Shape, Tools, function};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use reqwest::Client;
use serde_json::json;
use testkit::provider::{Provider, Script};

/// Holds the scripted provider and a recorded client of it, which asks as a scenario of `testkit::provider` wants it.
#[derive(Clone)]
pub(crate) struct Model {
    provider: std::sync::Arc<Provider>,
    client: Recorded,
    way: &'static str,
}

impl Model {
    pub(crate) fn new(telemetry: &Telemetry, way: &'static str) -> Self {
        Self {
            provider: Provider::start(Script::scenarios()).unwrap().into(),
            client: Recorded::new(Client::new(), Recorder::from(telemetry.clone())),
            way,
        }
    }

    /// Asks as the given scenario wants it.
    pub(crate) fn with_way(mut self, way: &'static str) -> Self {
        self.way = way;
        self
    }

    /// Sends a body to the path; any status is an answer.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> reqwest::Result<reqwest::Response> {
        let address = format!("{}{path}", self.provider.url());
        let request = self.client.post(address).header("x-scripted", self.way);
        request.body(body.to_string()).send().await
    }
}

/// Asks for an answer as OpenAI's chat completions have it.
pub(crate) async fn ask(model: Model, request: ChatRequest) -> reqwest::Result<ChatResponse> {
    let system = json!({"role": "system", "content": said(&request.system_instructions)});
    let messages = std::iter::once(system).chain(request.messages.iter().map(message));
    let messages: Vec<_> = messages.collect();
    let tools = request.tools.iter().map(|tool| {
        let parameters = tool.parameters.as_ref().map(Value::to_json);
        let parameters = parameters.map(|it| serde_json::from_str::<serde_json::Value>(&it));
        json!({"type": "function", "function": {
            "name": tool.name, "description": tool.description,
            "parameters": parameters.transpose().unwrap()
        }})
    });
    let tools: Vec<_> = tools.collect();
    let body = json!({
        "model": request.settings.model, "messages": messages, "tools": tools,
        "temperature": request.settings.temperature, "max_tokens": request.settings.max_tokens,
    });
    let answer = model.post("/v1/chat/completions", &body).await?;
    let answer: serde_json::Value = answer.error_for_status()?.json().await?;
    Ok(Shape::OpenAiChat.response_of(&answer))
}

fn message(message: &Message) -> serde_json::Value {
    let mut written = json!({"role": message.role.as_str(), "content": said(&message.parts)});
    for part in &message.parts {
        match part {
            Part::ToolCallRequest(call) => {
                let call = json!({
                    "id": call.id, "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments.to_json()}
                });
                let calls = written.as_object_mut().unwrap();
                let calls = calls.entry("tool_calls").or_insert_with(|| json!([]));
                calls.as_array_mut().unwrap().push(call);
            }
            Part::ToolCallResponse(answer) => {
                let content = answer.response.to_json();
                written = json!({"role": "tool", "tool_call_id": answer.id, "content": content});
            }
            _ => {}
        }
    }
    written
}

fn said(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// Tells the weather, and what happens.
pub(crate) fn tools() -> Tools {
    let schema = r#"{"type":"object","properties":{"city":{"type":"string","examples":["Lisbon"]}},"required":["city"]}"#;
    let schema = Value::from_json(schema).unwrap();
    Tools::new()
        .with(
            function("get_weather", "Tells the weather.", schema.clone()),
            |_| async { Ok::<_, std::io::Error>("sunny") },
        )
        .with(
            function("get_events", "Tells what happens.", schema),
            |_| async {
                tokio::task::yield_now().await;
                Ok::<_, std::io::Error>("a concert")
            },
        )
}

pub(crate) fn question() -> ChatRequest {
    let mut request = ChatRequest::new("gpt-4o-mini").with_user("What shall I do in Lisbon?");
    request.settings.temperature = Some(0.5);
    request.settings.max_tokens = Some(64);
    request
}
