//! A chat client of one's own under all layers: an agent, its loop, and in it calls to the model and tools side by
//! side.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use genspan::{Message, Part, Provider, Server, Value};
use genspan_chat::{ChatRequest, ChatResponse, Shape, Tools, chat_fn, function, stack};
use genspan_examples::{Result, Stage};
use reqwest::{Client, Url};
use serde_json::json;
use tower_service::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?;
    let models = stage.client("parallel-tools")?;
    let url: Url = format!("{}/chat/completions", stage.base_url()).parse()?;
    let host = url.host_str().unwrap_or_default();
    let server = Server::new(host, url.port_or_known_default());

    // A client is a function of a request; which library sends it is your affair.
    let client = chat_fn(move |request| ask(models.clone(), url.clone(), request));
    let mut planner = stack(client)
        .with_telemetry(&guard.telemetry(), Provider::OPENAI)
        .with_server(server)
        .with_tools(tools()?)
        .with_agent("day-planner")
        .with_instructions("You plan days.")
        .build();

    let wish = ChatRequest::new("gpt-4o-mini")
        .with_user("What shall I do in Lisbon today?")
        .with_conversation_id("c-17");
    let plan = planner.call(wish).await?;
    println!("{}, after {} rounds", plan.said(), plan.rounds);

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

/// Describes the tools to the model, and runs them.
fn tools() -> Result<Tools> {
    let city = json!({"type": "string", "examples": ["Lisbon"]});
    let schema = json!({"type": "object", "properties": {"city": city}, "required": ["city"]});
    let parameters = Value::from_json(&schema.to_string())?;
    Ok(
        Tools::new()
            .with(
                function("get_weather", "Tells the weather.", parameters.clone()),
                |call| async move {
                    text(&call.arguments, "city").map(|city| format!("sunny in {city}"))
                },
            )
            .with(
                function("get_events", "Tells what happens.", parameters),
                |call| async move {
                    tokio::task::yield_now().await; // where yours asks somebody
                    text(&call.arguments, "city")
                        .map(|city| format!("a concert in {city}, at 9 pm"))
                },
            ),
    )
}

fn text(arguments: &Value, name: &str) -> Result<String, String> {
    let text = arguments.get(name).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| format!("{name} is missing"))
}

/// Asks a model that speaks as OpenAI's do.
async fn ask(models: Client, url: Url, request: ChatRequest) -> reqwest::Result<ChatResponse> {
    let system = json!({"role": "system", "content": said(&request.system_instructions)});
    let messages = request.messages.iter().map(message);
    let messages: Vec<_> = std::iter::once(system).chain(messages).collect();
    let tools = request.tools.iter().map(|tool| {
        json!({"type": tool.kind, "function": {
            "name": tool.name, "description": tool.description, "parameters": tool.parameters
        }})
    });
    let tools: Vec<_> = tools.collect();
    let body = json!({"model": request.settings.model, "messages": messages, "tools": tools});
    let response = models.post(url).json(&body).send().await?;
    let answer: serde_json::Value = response.error_for_status()?.json().await?;
    Ok(Shape::OpenAiChat.response_of(&answer))
}

/// Writes a message as OpenAI's models read it.
fn message(message: &Message) -> serde_json::Value {
    let mut written = json!({"role": message.role.as_str(), "content": said(&message.parts)});
    let mut calls = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolCallRequest(call) => calls.push(json!({
                "id": call.id, "type": "function",
                "function": {"name": call.name, "arguments": call.arguments.to_json()}
            })),
            Part::ToolCallResponse(answer) => {
                let content = match answer.response.as_str() {
                    Some(text) => text.to_owned(),
                    None => answer.response.to_json(),
                };
                written = json!({"role": "tool", "tool_call_id": answer.id, "content": content});
            }
            _ => {}
        }
    }
    if let (false, Some(members)) = (calls.is_empty(), written.as_object_mut()) {
        members.insert("tool_calls".to_owned(), calls.into());
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
