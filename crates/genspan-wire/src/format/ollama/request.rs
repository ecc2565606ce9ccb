//! What a request asks for.

use genspan::{Content, Generic, Message, OutputType, Part, Request, Role, ToolCallResponse};

use super::said::{Said, picture};
use crate::{
    format::{
        keep::Keep,
        openai_chat::{parts, request as openai},
    },
    json::Json,
};

/// Reads the settings; one of another type than documented is not stated.
///
/// That a model is to think is no level of it; some know words for how much.
pub(super) fn settings(body: &Json<'_>, request: &mut Request) {
    let options = body.get("options").unwrap_or(&Json::Null);
    let number = |name| options.get(name).and_then(Json::as_f64);
    request.model = body.string("model");
    // Below 0 there is no bound.
    request.max_tokens = options.get("num_predict").and_then(Json::as_u64);
    request.temperature = number("temperature");
    request.top_p = number("top_p");
    request.top_k = number("top_k");
    request.frequency_penalty = number("frequency_penalty");
    request.presence_penalty = number("presence_penalty");
    request.seed = options.get("seed").and_then(Json::as_i64);
    request.stop_sequences = options.get("stop").map(openai::texts).unwrap_or_default();
    request.reasoning_level = body.string("think").filter(|level| !level.is_empty());
    request.output_type = match body.get("format") {
        Some(Json::Text(format)) if format == "json" => Some(OutputType::Json),
        Some(Json::Object(_)) => Some(OutputType::Json),
        _ => None,
    };
}

/// Reads the messages and the tools of a chat.
pub(super) fn conversation(mut body: Json<'_>, content: &mut Content, keep: &mut Keep) {
    content.input = body
        .take_items("messages")
        .into_iter()
        .filter(|stated| !stated.members().is_empty())
        .map(|stated| message(stated, keep))
        .collect();
    content.tools = body
        .take_items("tools")
        .into_iter()
        .filter(|stated| !stated.members().is_empty())
        .map(openai::tool)
        .collect();
}

/// Reads what a completion goes on from.
pub(super) fn prompt(mut body: Json<'_>, content: &mut Content) {
    let mut text = |name| match body.take(name) {
        Some(Json::Text(text)) => parts::text_part(text),
        _ => None,
    };
    content.system_instructions.extend(text("system"));
    let mut asked: Vec<Part> = text("prompt").into_iter().collect();
    let suffix = text("suffix");
    for image in body.take_items("images") {
        if let Json::Text(image) = image {
            asked.push(picture(image));
        }
    }
    // What is to follow the completion.
    if let Some(Part::Text(suffix)) = suffix {
        asked.push(Part::Generic(Generic {
            kind: "suffix".to_owned(),
            members: vec![("suffix".to_owned(), suffix.into())],
        }));
    }
    if !asked.is_empty() {
        content.input.push(Message::new(Role::User, asked));
    }
}

fn message(mut stated: Json<'_>, keep: &mut Keep) -> Message {
    let role = Role::from(stated.text("role").unwrap_or("unknown"));
    let name = ["tool_name", "name"]
        .iter()
        .find_map(|name| stated.string(name));
    let parts = if role == Role::Tool {
        vec![Part::ToolCallResponse(ToolCallResponse {
            id: stated.string("tool_call_id"),
            response: stated.take("content").unwrap_or(Json::Null).into_value(),
        })]
    } else {
        let mut said = Said::default();
        said.read(stated, "content", keep);
        said.into_parts()
    };
    let mut message = Message::new(role, parts);
    message.name = name.filter(|name| !name.is_empty());
    message
}
