//! What a request asks for.

use genspan::{Content, Message, OutputType, Request, Role, ToolDefinition};

use super::block;
use crate::json::Json;

/// Reads the settings; what Anthropic alone has, such as service tiers, the conventions have no word for.
pub(super) fn settings(body: &Json<'_>, request: &mut Request) {
    let number = |name| body.get(name).and_then(Json::as_f64);
    request.model = body.string("model").or(request.model.take());
    request.stream |= body
        .get("stream")
        .and_then(Json::as_bool)
        .unwrap_or_default();
    request.max_tokens = body.get("max_tokens").and_then(Json::as_u64);
    request.temperature = number("temperature");
    request.top_p = number("top_p");
    request.top_k = number("top_k");
    let stops = body
        .get("stop_sequences")
        .map(Json::items)
        .unwrap_or_default();
    request.stop_sequences = stops
        .iter()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect();
    let output = body.get("output_config");
    // Budgets of tokens and `adaptive` thinking are no levels.
    request.reasoning_level = output.and_then(|output| output.string("effort"));
    let format = output
        .and_then(|output| output.get("format"))
        .or_else(|| body.get("output_format"));
    let is_json = format.and_then(|format| format.text("type")) == Some("json_schema");
    request.output_type = is_json.then_some(OutputType::Json);
}

/// Reads what is said and the tools that are offered.
pub(super) fn content(mut body: Json<'_>, content: &mut Content) {
    content.system_instructions = body.take("system").map(block::parts).unwrap_or_default();
    content.input = body
        .take_items("messages")
        .into_iter()
        .filter(|message| !message.members().is_empty())
        .map(message)
        .collect();
    content.tools = body
        .take_items("tools")
        .into_iter()
        .filter_map(tool)
        .collect();
}

/// Messages with results of tools keep the role `user` that they are sent with.
fn message(mut message: Json<'_>) -> Message {
    let parts = message
        .take("content")
        .map(block::parts)
        .unwrap_or_default();
    Message::new(Role::from(message.text("role").unwrap_or("unknown")), parts)
}

/// Reads a tool; those without a type, or of the type `custom`, are run by the application.
fn tool(mut tool: Json<'_>) -> Option<ToolDefinition> {
    let kind = tool
        .text("type")
        .filter(|kind| *kind != "custom")
        .unwrap_or("function");
    let name = tool.text("name").or_else(|| tool.text("type"))?;
    let (kind, name) = (kind.to_owned(), name.to_owned());
    Some(ToolDefinition {
        kind,
        name,
        description: tool.string("description"),
        parameters: tool.take("input_schema").map(Json::into_value),
    })
}
