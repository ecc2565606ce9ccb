//! The agent's tools: one looks something up, the other asks an agent of its own.

use std::time::Duration;

use genspan::{AgentInvocation, ErrorType, Message, Role, Scope, ToolExecution, ToolType, Value};
use serde_json::json;

use super::client::{Api, Client, Question};
use crate::Failure;

pub(super) const WEATHER: &str = "get_weather";
pub(super) const GUIDE: &str = "ask_guide";

/// Describes the tools as a request offers them.
pub(super) fn offers() -> serde_json::Value {
    let city = json!({"type": "string", "examples": ["Lisbon"]});
    let offer = |name: &str, description: &str| {
        let parameters =
            json!({"type": "object", "properties": {"city": city}, "required": ["city"]});
        json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
    };
    json!([
        offer(WEATHER, "Tells tomorrow's weather."),
        offer(GUIDE, "Asks a guide what to see.")
    ])
}

/// Holds a model's request to run a tool.
#[derive(Clone, Debug)]
pub(super) struct ToolCall {
    pub(super) id: String,
    pub(super) name: String,
    /// The arguments as the model wrote them: JSON.
    pub(super) arguments: String,
}

/// Runs a tool within the agent's span.
pub(super) async fn execute(
    client: &Client,
    call: &ToolCall,
    agent: &Scope,
) -> Result<String, Failure> {
    let mut tool = ToolExecution::new(&call.name);
    tool.tool_type = Some(ToolType::Function);
    tool.call_id = Some(call.id.clone());
    tool.agent_name = Some(super::agent::NAME.to_owned());
    tool.arguments = Value::from_json(&call.arguments).unwrap_or_default();
    let mut tool = agent.run(|| client.telemetry.start(tool));
    let city = tool
        .arguments
        .get("city")
        .and_then(Value::as_str)
        .unwrap_or("Lisbon")
        .to_owned();
    let result = match call.name.as_str() {
        WEATHER => look_up(&city).await,
        GUIDE => ask_guide(client, &city, &tool.scope()).await,
        other => Err(format!("there is no tool {other}").into()),
    };
    match result {
        Ok(text) => {
            tool.result = Value::from(text.as_str());
            tool.finish();
            Ok(text)
        }
        Err(failure) => {
            tool.fail(ErrorType::ToolError);
            Err(failure)
        }
    }
}

async fn look_up(city: &str) -> Result<String, Failure> {
    // As long as a service near by takes.
    tokio::time::sleep(Duration::from_millis(30)).await;
    Ok(format!("{city}: sunny, 24 degrees"))
}

/// Asks a second agent, whose model streams its answer.
async fn ask_guide(client: &Client, city: &str, tool: &Scope) -> Result<String, Failure> {
    const MODEL: &str = "claude-sonnet-4-5";
    let question = format!("{city}: the old town, a tram ride and a place with a view.");
    let mut guide = AgentInvocation::new("guide");
    guide.request.model = Some(MODEL.to_owned());
    guide.content.input = vec![Message::text(Role::User, question.as_str())];
    let mut guide = tool.run(|| client.telemetry.start(guide));
    let body = json!({
        "model": MODEL,
        "max_tokens": 256,
        "stream": true,
        "system": "You know every city and answer in one sentence.",
        "messages": [{"role": "user", "content": question}],
    });
    let question = Question {
        api: Api::Anthropic,
        scenario: "slow:5",
        body,
    };
    let answer = client.ask(&question, &guide.scope()).await?;
    let text = answer.streamed_text("/delta/text");
    guide.content.output = vec![Message::text(Role::Assistant, text.as_str())];
    guide.finish();
    Ok(text)
}
