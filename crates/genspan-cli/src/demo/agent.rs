//! The agent: it asks a model, runs the tools that the model asks for, and goes on with their results.

use genspan::{AgentInvocation, Message, Role, Scope};
use serde_json::{Value, json};

use super::{
    client::{Api, Client, Question},
    tools::{self, ToolCall},
};
use crate::Failure;

pub(super) const NAME: &str = "trip-planner";
const MODEL: &str = "gpt-4o-mini";
const WISH: &str = "Plan a day in Lisbon for me.";

/// Plans a trip, in one trace: a sub-agent, tools side by side, a streamed answer that takes two attempts, and a call
/// that fails for good.
pub(super) async fn plan_trip(client: &Client) -> Result<(), Failure> {
    let mut agent = AgentInvocation::new(NAME);
    agent.description = Some("Plans day trips.".to_owned());
    agent.request.model = Some(MODEL.to_owned());
    agent.content.input = vec![Message::text(Role::User, WISH)];
    let mut agent = client.telemetry.start(agent);
    let scope = agent.scope();

    let mut messages = vec![
        json!({"role": "system", "content": "You plan trips with the tools you have."}),
        json!({"role": "user", "content": WISH}),
    ];
    let message = choose_tools(client, &messages, &scope).await?;
    let calls = tool_calls(&message);
    messages.push(message);
    let results = run_side_by_side(client, &calls, &scope).await?;
    for (call, result) in calls.iter().zip(&results) {
        messages.push(json!({"role": "tool", "tool_call_id": call.id, "content": result}));
    }
    let plan = write_plan(client, &messages, &scope).await?;
    paint(client, &plan, &scope).await?;

    agent.content.output = vec![Message::text(Role::Assistant, plan)];
    agent.finish();
    Ok(())
}

/// Lets the model choose; it asks for two tools at once.
async fn choose_tools(
    client: &Client,
    messages: &[Value],
    agent: &Scope,
) -> Result<Value, Failure> {
    let body =
        json!({"model": MODEL, "temperature": 0.2, "messages": messages, "tools": tools::offers()});
    let question = Question {
        api: Api::OpenAi,
        scenario: "parallel-tools",
        body,
    };
    let answer = client.ask(&question, agent).await?.json()?;
    let message = answer
        .pointer("/choices/0/message")
        .ok_or("the scripted model did not answer")?;
    Ok(message.clone())
}

fn tool_calls(message: &Value) -> Vec<ToolCall> {
    let calls = message
        .get("tool_calls")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |call: &Value, pointer: &str| {
        call.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    calls
        .iter()
        .map(|call| ToolCall {
            id: text(call, "/id"),
            name: text(call, "/function/name"),
            arguments: text(call, "/function/arguments"),
        })
        .collect()
}

/// Runs all tools at the same time, and gives their results in the order of the calls.
async fn run_side_by_side(
    client: &Client,
    calls: &[ToolCall],
    agent: &Scope,
) -> Result<Vec<String>, Failure> {
    let running: Vec<_> = calls
        .iter()
        .map(|call| {
            let (client, call, agent) = (client.clone(), call.clone(), agent.clone());
            tokio::spawn(async move { tools::execute(&client, &call, &agent).await })
        })
        .collect();
    let mut results = Vec::new();
    for tool in running {
        results.push(tool.await??);
    }
    Ok(results)
}

/// Streams the plan; the provider is overloaded at first.
async fn write_plan(client: &Client, messages: &[Value], agent: &Scope) -> Result<String, Failure> {
    let body = json!({
        "model": MODEL,
        "stream": true,
        "stream_options": {"include_usage": true},
        "messages": messages,
    });
    let question = Question {
        api: Api::OpenAi,
        scenario: "retry-529",
        body,
    };
    let answer = client.ask(&question, agent).await?;
    Ok(answer.streamed_text("/choices/0/delta/content"))
}

/// Asks for more than the model may give; the agent does without.
async fn paint(client: &Client, plan: &str, agent: &Scope) -> Result<(), Failure> {
    let prompt = format!("Make it more colourful: {plan}");
    let body = json!({"model": MODEL, "temperature": 3, "messages": [{"role": "user", "content": prompt}]});
    let question = Question {
        api: Api::OpenAi,
        scenario: "error-400",
        body,
    };
    client.ask(&question, agent).await.map(drop)
}
