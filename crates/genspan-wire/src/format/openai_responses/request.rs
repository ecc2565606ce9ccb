//! What a request asks for.

use genspan::{Content, Inference, Message, OutputType, Part, Role, ToolDefinition};

use super::{
    content,
    item::{self, Runner},
    tool,
};
use crate::json::Json;

/// Reads the settings; one of another type than documented is not stated.
pub(super) fn settings(body: &Json<'_>, record: &mut Inference) {
    let number = |name: &str| body.get(name).and_then(Json::as_f64);
    let request = &mut record.request;
    request.model = body.string("model").or(request.model.take());
    // Over a WebSocket nothing says that the answer is streamed.
    let stream = body.get("stream").and_then(Json::as_bool);
    request.stream = stream.unwrap_or(request.stream);
    request.max_tokens = body.get("max_output_tokens").and_then(Json::as_u64);
    request.temperature = number("temperature");
    request.top_p = number("top_p");
    request.top_k = number("top_k");
    request.frequency_penalty = number("frequency_penalty");
    request.presence_penalty = number("presence_penalty");
    let format = body.get("text").and_then(|text| text.get("format"));
    request.output_type = match format.and_then(|format| format.text("type")) {
        Some("text") => Some(OutputType::Text),
        Some("json_object" | "json_schema") => Some(OutputType::Json),
        _ => None,
    };
    request.reasoning_level = body
        .get("reasoning")
        .and_then(|reasoning| reasoning.string("effort"));
    request.previous_response_id = body.string("previous_response_id");
    record.response.requested_service_tier =
        body.string("service_tier").filter(|tier| tier != "auto");
    record.common.conversation_id = conversation(body);
}

/// Finds the conversation, which is named by its id alone or by an object that has it.
pub(super) fn conversation(stated: &Json<'_>) -> Option<String> {
    let conversation = stated.get("conversation")?;
    let id = conversation.as_str().or_else(|| conversation.text("id"));
    id.filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Reads what is said and the tools that are offered.
pub(super) fn content(mut body: Json<'_>, content: &mut Content) {
    if let Some(instructions) = body.take("instructions") {
        content.system_instructions = self::instructions(instructions);
    }
    match body.take("input") {
        Some(Json::List(items)) => {
            for item in items {
                push(item, &mut content.input);
            }
        }
        Some(one) => push(one, &mut content.input),
        None => {}
    }
    content.tools = tools(body.take_items("tools"));
}

/// Reads instructions, which are a text, or messages where they come from a stored prompt.
pub(super) fn instructions(stated: Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    match stated {
        Json::List(items) => {
            for item in items {
                item::push(item, Runner::Application, &mut parts);
            }
        }
        one => content::push(one, &mut parts),
    }
    parts
}

/// Reads the tools; those that stand in a namespace follow it.
pub(super) fn tools(stated: Vec<Json<'_>>) -> Vec<ToolDefinition> {
    let mut tools = Vec::new();
    for mut definition in stated {
        let inner = definition.take_items("tools");
        if !definition.members().is_empty() {
            tools.push(tool(definition));
        }
        let inner = inner.into_iter().filter(|one| !one.members().is_empty());
        tools.extend(inner.map(tool));
    }
    tools
}

/// Reads one item of the input. What the model said item by item in one answer is one message again.
fn push(item: Json<'_>, messages: &mut Vec<Message>) {
    if !matches!(item, Json::Text(_) | Json::Object(_)) {
        return;
    }
    let role = item::role(&item);
    let is_message = item::kind(&item) == "message";
    let runner = runner(&item, messages);
    let mut parts = Vec::new();
    item::push(item, runner, &mut parts);
    let role = match runner {
        Runner::Provider => Role::Assistant,
        Runner::Application => role,
    };
    match messages.last_mut() {
        Some(last) if role == Role::Assistant && last.role == Role::Assistant => {
            last.parts.append(&mut parts);
        }
        _ if is_message || !parts.is_empty() => messages.push(Message::new(role, parts)),
        _ => {}
    }
}

/// Tells who ran the tool whose result an item is: the provider, where it is sent back behind a call of the provider's.
fn runner(item: &Json<'_>, messages: &[Message]) -> Runner {
    let id = item.text("call_id");
    let calls = messages.last().map_or(&[][..], |last| &last.parts);
    let is_providers = calls.iter().any(|part| {
        matches!(part, Part::ServerToolCall(call) if id.is_some() && call.id.as_deref() == id)
    });
    if is_providers {
        Runner::Provider
    } else {
        Runner::Application
    }
}
