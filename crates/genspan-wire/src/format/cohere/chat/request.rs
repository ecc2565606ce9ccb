//! What a request of the second version asks for.

use genspan::{Content, Message, OutputType, Part, Request, Role, ToolCallResponse};

use super::super::{documents, growing::Growing};
use crate::{
    format::{keep::Keep, openai_chat::request as openai},
    json::Json,
};

/// Reads the settings, which both versions share; one of another type than documented is not stated.
///
/// Budgets of tokens for thinking are no levels.
pub(in crate::format::cohere) fn settings(body: &Json<'_>, request: &mut Request) {
    let number = |name| body.get(name).and_then(Json::as_f64);
    let format = body.get("response_format");
    request.model = body.string("model");
    request.stream = body.get("stream").and_then(Json::as_bool) == Some(true);
    request.max_tokens = body.get("max_tokens").and_then(Json::as_u64);
    request.temperature = number("temperature");
    request.top_p = number("p");
    request.top_k = number("k");
    request.frequency_penalty = number("frequency_penalty");
    request.presence_penalty = number("presence_penalty");
    request.seed = body.get("seed").and_then(Json::as_i64);
    request.stop_sequences = body
        .get("stop_sequences")
        .map(openai::texts)
        .unwrap_or_default();
    request.output_type = match format.and_then(|format| format.text("type")) {
        Some("text") => Some(OutputType::Text),
        Some("json_object") => Some(OutputType::Json),
        _ => None,
    };
}

/// Reads the conversation, the documents and the tools.
pub(super) fn content(mut body: Json<'_>, content: &mut Content, keep: &mut Keep) {
    content.input = body
        .take_items("messages")
        .into_iter()
        .filter(|stated| !stated.members().is_empty())
        .map(|stated| message(stated, keep))
        .collect();
    documents::attach(body.take("documents"), &mut content.input);
    content.tools = body
        .take_items("tools")
        .into_iter()
        .filter(|stated| !stated.members().is_empty())
        .map(openai::tool)
        .collect();
}

fn message(mut stated: Json<'_>, keep: &mut Keep) -> Message {
    let role = Role::from(stated.text("role").unwrap_or("unknown"));
    let parts = if role == Role::Tool {
        vec![Part::ToolCallResponse(ToolCallResponse {
            id: stated.string("tool_call_id"),
            response: stated.take("content").unwrap_or(Json::Null).into_value(),
        })]
    } else {
        let mut said = Growing::default();
        said.read(stated, keep);
        said.into_parts()
    };
    Message::new(role, parts)
}
