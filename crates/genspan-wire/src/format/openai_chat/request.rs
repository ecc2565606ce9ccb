//! What a request asks for.

use genspan::{
    Content, Inference, Message, OutputType, Part, Role, ToolCallResponse, ToolDefinition,
};

use super::{message::Said, parts};
use crate::format::keep::Keep;
use crate::json::Json;

/// Reads the settings; one of another type than documented is not stated.
pub(in crate::format) fn settings(body: &Json<'_>, record: &mut Inference) {
    let number = |name: &str| body.get(name).and_then(Json::as_f64);
    let count = |name: &str| body.get(name).and_then(Json::as_u64);
    let request = &mut record.request;
    let stated = body.string("model").or_else(|| body.string("model_id"));
    request.model = stated.or(request.model.take());
    if let Some(stream) = body.get("stream").and_then(Json::as_bool) {
        request.stream = stream;
    }
    request.max_tokens = count("max_completion_tokens").or_else(|| count("max_tokens"));
    request.temperature = number("temperature");
    request.top_p = number("top_p");
    request.top_k = number("top_k");
    request.frequency_penalty = number("frequency_penalty");
    request.presence_penalty = number("presence_penalty");
    request.stop_sequences = body.get("stop").map(texts).unwrap_or_default();
    request.seed = ["seed", "random_seed"]
        .iter()
        .find_map(|name| body.get(name)?.as_i64());
    request.choice_count = count("n");
    request.output_type = output_type(body);
    request.reasoning_level = body
        .string("reasoning_effort")
        .or_else(|| body.get("reasoning")?.string("effort"));
    record.response.requested_service_tier =
        body.string("service_tier").filter(|tier| tier != "auto");
}

/// Reads the conversation and the tools.
pub(super) fn content(mut body: Json<'_>, content: &mut Content, keep: &mut Keep) {
    content.input = body
        .take_items("messages")
        .into_iter()
        .map(|stated| message(stated, keep))
        .collect();
    content.tools = body
        .take_items("tools")
        .into_iter()
        .filter(|stated| !stated.members().is_empty())
        .map(tool)
        .collect();
    content.tools.extend(
        body.take_items("functions")
            .into_iter()
            .map(|stated| function("function", stated)),
    );
}

/// Gives one text or several.
pub(in crate::format) fn texts(stated: &Json<'_>) -> Vec<String> {
    match stated {
        Json::Text(text) => vec![text.clone().into_owned()],
        other => other
            .items()
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
    }
}

fn output_type(body: &Json<'_>) -> Option<OutputType> {
    let asks_for = |medium: &str| {
        let modalities = body.get("modalities").map_or(&[][..], Json::items);
        modalities
            .iter()
            .any(|stated| stated.as_str() == Some(medium))
    };
    match body
        .get("response_format")
        .and_then(|format| format.text("type"))
    {
        Some("text") => Some(OutputType::Text),
        Some("json_object" | "json_schema") => Some(OutputType::Json),
        _ if asks_for("audio") => Some(OutputType::Speech),
        _ if asks_for("image") => Some(OutputType::Image),
        _ => None,
    }
}

fn message(mut stated: Json<'_>, keep: &mut Keep) -> Message {
    let name = stated.string("name").filter(|name| !name.is_empty());
    let role = Role::from(stated.text("role").unwrap_or_default());
    let parts = match role.as_str() {
        "tool" | "function" => vec![Part::ToolCallResponse(ToolCallResponse {
            id: stated.string("tool_call_id"),
            response: stated.take("content").unwrap_or(Json::Null).into_value(),
        })],
        "assistant" => {
            let mut said = Said::of_request();
            said.read(stated, keep);
            said.into_parts()
        }
        _ => match stated.take("content") {
            Some(Json::Text(text)) => parts::text_part(text).into_iter().collect(),
            Some(Json::List(items)) => items.into_iter().filter_map(parts::part).collect(),
            Some(other) => parts::part(other).into_iter().collect(),
            None => Vec::new(),
        },
    };
    let mut message = Message::new(role, parts);
    message.name = name;
    message
}

/// Reads the definition of a tool; one without a name has its kind as name.
pub(in crate::format) fn tool(mut stated: Json<'_>) -> ToolDefinition {
    let kind = stated.string("type");
    let kind = kind.as_deref().unwrap_or("function");
    // The definition stands under the name of its kind; some leave that level out.
    let is_apart = stated
        .get(kind)
        .is_some_and(|inner| inner.get("name").is_some());
    let inner = is_apart.then(|| stated.take(kind)).flatten();
    function(kind, inner.unwrap_or(stated))
}

fn function(kind: &str, mut stated: Json<'_>) -> ToolDefinition {
    let parameters = ["parameters", "input_schema", "format"]
        .iter()
        .find_map(|name| stated.take(name));
    ToolDefinition {
        kind: kind.to_owned(),
        name: stated
            .text("name")
            .filter(|name| !name.is_empty())
            .unwrap_or(kind)
            .to_owned(),
        description: stated.string("description"),
        parameters: parameters.map(Json::into_value),
    }
}
