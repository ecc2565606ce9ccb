//! An agent with a loop of its own: it asks a model, runs the tools that the model asks for side by side, and goes
//! on with their results until the model answers in words.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use futures_util::future::try_join_all;
use genspan::Telemetry;
use genspan_examples::{Result, Stage};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?;
    let recorder = Recorder::from(guard.telemetry());
    let planner = Planner {
        models: Recorded::new(stage.client("parallel-tools")?, recorder),
        base_url: stage.base_url(),
        telemetry: guard.telemetry(),
    };
    let plan = planner.plan("What shall I do in Lisbon today?", "c-17");
    println!("{}", plan.await?);
    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

struct Planner {
    models: Recorded,
    base_url: String,
    telemetry: Telemetry,
}

impl Planner {
    async fn plan(&self, wish: &str, conversation: &str) -> Result<String> {
        let mut agent = self.telemetry.invoke_agent("day-planner");
        agent.common.conversation_id = Some(conversation.to_owned());
        // The agent's tokens are the sum of the calls made within.
        let plan = agent.scope().within(self.ask_until_told(wish)).await;
        agent.end_with(&plan);
        plan
    }

    async fn ask_until_told(&self, wish: &str) -> Result<String> {
        let mut messages = vec![json!({"role": "user", "content": wish})];
        loop {
            let answer = self.ask(&messages).await?;
            let message = answer.pointer("/choices/0/message");
            let message = message.ok_or("the model has nothing to say")?;
            let Some(calls) = message.get("tool_calls").and_then(Value::as_array) else {
                return Ok(text(message, "/content")?.to_owned());
            };
            let results = try_join_all(calls.iter().map(run_tool)).await?;
            messages.push(message.clone());
            messages.extend(results);
        }
    }

    async fn ask(&self, messages: &[Value]) -> Result<Value> {
        let url = format!("{}/chat/completions", self.base_url);
        let question = json!({"model": "gpt-4o-mini", "messages": messages, "tools": tools()});
        let request = self.models.post(url);
        let response = request.with(|it| it.json(&question)).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("{pointer} is missing"))?)
}

/// Describes the tools to the model.
fn tools() -> Value {
    let offer = |name: &str| {
        let city = json!({"type": "string", "examples": ["Lisbon"]});
        let parameters =
            json!({"type": "object", "properties": {"city": city}, "required": ["city"]});
        json!({"type": "function", "function": {"name": name, "parameters": parameters}})
    };
    json!([offer("get_weather"), offer("get_events")])
}

/// Runs a tool that the model asks for, and gives the message that answers it.
async fn run_tool(call: &Value) -> Result<Value> {
    let id = text(call, "/id")?;
    let arguments: Value = serde_json::from_str(text(call, "/function/arguments")?)?;
    let city = text(&arguments, "/city")?;
    let result = match text(call, "/function/name")? {
        "get_weather" => get_weather(city, id).await?,
        "get_events" => get_events(city, id).await?,
        other => format!("there is no tool {other}"),
    };
    Ok(json!({"role": "tool", "tool_call_id": id, "content": result}))
}

/// Tells what the weather is like in a city.
#[genspan::tool(call_id = call_id)]
async fn get_weather(city: &str, call_id: &str) -> Result<String> {
    tokio::task::yield_now().await; // where yours asks somebody
    Ok(format!("sunny in {city}"))
}

/// Tells what happens in a city today.
#[genspan::tool(call_id = call_id)]
async fn get_events(city: &str, call_id: &str) -> Result<String> {
    tokio::task::yield_now().await;
    Ok(format!("a concert in {city}, at 9 pm"))
}
