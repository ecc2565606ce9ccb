//! What a request for an interaction asks for.

use genspan::{Content, Inference, Message, Part, Role, ToolDefinition};

use super::step::{Step, is_content};
use crate::{
    format::{
        google::{settings, spelled},
        keep::Keep,
    },
    json::Json,
};

/// Reads the settings; one of another type than documented is not stated. Of an agent that is asked in the place of a
/// model nothing is said: it is none.
pub(super) fn settings(body: &Json<'_>, record: &mut Inference) {
    record.response.requested_service_tier = spelled::string(body, "serviceTier");
    let request = &mut record.request;
    request.model = spelled::string(body, "model").or(request.model.take());
    request.stream |= body.get("stream").and_then(Json::as_bool) == Some(true);
    request.previous_response_id = spelled::string(body, "previousInteractionId");
    let format = spelled::get(body, "responseFormat");
    let mime_type =
        spelled::text(body, "responseMimeType").or_else(|| spelled::text(format?, "mimeType"));
    if let Some(config) = spelled::get(body, "generationConfig") {
        settings::read(config, request);
        request.reasoning_level = spelled::string(config, "thinkingLevel");
    }
    request.output_type =
        settings::output_type(spelled::get(body, "responseModalities"), mime_type);
}

/// Reads what is said and the tools that are offered.
pub(super) fn content(mut body: Json<'_>, content: &mut Content, keep: &mut Keep) {
    if let Some(Json::Text(text)) = spelled::take(&mut body, "systemInstruction") {
        content.system_instructions = parts(Json::Text(text), keep);
    }
    content.input = match body.take("input") {
        Some(Json::List(items)) => messages(items, keep),
        Some(one) => messages(vec![one], keep),
        None => Vec::new(),
    };
    content.tools = body
        .take_items("tools")
        .into_iter()
        .filter_map(tool)
        .collect();
}

/// Reads steps, each a message of its own, and contents that stand alone, which are one message of the user's.
fn messages(items: Vec<Json<'_>>, keep: &mut Keep) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut is_after_content = false;
    for item in items.into_iter().filter(|item| !item.is_empty()) {
        let role = role(&item);
        let is_content = role.is_none();
        let parts = parts(item, keep);
        match messages.last_mut() {
            Some(last) if is_content && is_after_content => last.parts.extend(parts),
            _ => messages.push(Message::new(role.unwrap_or(Role::User), parts)),
        }
        is_after_content = is_content;
    }
    messages
}

/// Tells who said a step; `None` of what is a content and no step.
fn role(item: &Json<'_>) -> Option<Role> {
    match (item.text("role"), item.text("type")) {
        (Some("model"), _) => Some(Role::Assistant),
        (Some(role), _) => Some(Role::from(role)),
        _ if is_content(item) => None,
        (None, Some("user_input") | None) => Some(Role::User),
        (None, Some("function_result")) => Some(Role::Tool),
        (None, Some(_)) => Some(Role::Assistant),
    }
}

fn parts(stated: Json<'_>, keep: &mut Keep) -> Vec<Part> {
    let mut step = Step::default();
    step.begin(stated, keep);
    step.into_parts()
}

/// Reads a tool; the provider's own have no name but their kind. What else they are set to, such as the headers that a
/// server is asked with, is nobody's telemetry.
fn tool(mut stated: Json<'_>) -> Option<ToolDefinition> {
    let kind = spelled::string(&stated, "type")?;
    Some(ToolDefinition {
        name: spelled::string(&stated, "name").unwrap_or_else(|| kind.clone()),
        kind,
        description: spelled::string(&stated, "description"),
        parameters: stated.take("parameters").map(Json::into_value),
    })
}
