//! rig's providers, each at the scripted one, and tools for them.

use std::sync::Arc;

use rig_core::{
    Model,
    http_client::DynHttpClient,
    message::ToolName,
    operation::Completion,
    providers::{anthropic::AnthropicConfig, gemini::GeminiConfig, openai::OpenAIConfig},
    tool::{DynamicTool, ToolExecutionError, ToolOutput},
    wire::{Encoded, Wire, WireFrame},
};
use serde_json::{Value, json};
use testkit::{provider::Provider, suite};
use tokio::sync::Notify;

pub(crate) fn openai(provider: &Provider) -> rig_core::providers::openai::OpenAI {
    OpenAIConfig::new("k3y")
        .with_base_url(format!("{}/v1", provider.url()))
        .client()
}

pub(crate) fn anthropic(provider: &Provider) -> rig_core::providers::anthropic::Anthropic {
    AnthropicConfig::new("k3y")
        .with_base_url(provider.url())
        .client()
}

pub(crate) fn gemini(provider: &Provider) -> rig_core::providers::gemini::Gemini {
    GeminiConfig::new("k3y")
        .with_base_url(provider.url())
        .client()
}

/// Gives a model in OpenAI's chat completions.
pub(crate) fn chat(
    provider: &Provider,
) -> Model<impl Wire<Op = Completion, Payload = Encoded, Frame = WireFrame> + use<>> {
    openai(provider).chat("gpt-4o-mini")
}

/// Gives a tool that answers as `answer` says.
pub(crate) fn tool(
    name: &str,
    answer: impl Fn(Value) -> Result<String, ToolExecutionError> + Send + Sync + 'static,
) -> DynamicTool {
    DynamicTool::new(
        ToolName::new(name).unwrap(),
        suite::TOOL_DESCRIPTION,
        suite::parameters(),
        move |arguments| {
            let answer = answer(arguments);
            Box::pin(async move { answer.map(ToolOutput::text) })
        },
    )
}

/// Gives the tool of the suite.
pub(crate) fn weather() -> DynamicTool {
    tool(suite::TOOL, |_| Ok(suite::RESULT.to_owned()))
}

/// Gives a tool that tells when it runs, and never comes back.
pub(crate) fn stuck(name: &str, runs: Arc<Notify>) -> DynamicTool {
    DynamicTool::new(
        ToolName::new(name).unwrap(),
        "Waits.",
        json!({"type": "object"}),
        move |_| {
            let runs = Arc::clone(&runs);
            Box::pin(async move {
                runs.notify_one();
                std::future::pending().await
            })
        },
    )
}

/// Puts what the provider is to answer into a prompt.
pub(crate) fn plan(steps: &Value) -> String {
    format!("Go on. <plan>{steps}</plan>")
}

/// Gives rig's own HTTP client.
pub(crate) fn transport() -> DynHttpClient {
    OpenAIConfig::new("k3y").client().chat("any").transport
}
