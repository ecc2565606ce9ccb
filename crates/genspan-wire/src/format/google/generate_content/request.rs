//! What a request asks for.

use genspan::{Content, Inference, Message, Role, ToolDefinition};

use super::part;
use crate::{
    format::google::{settings, spelled},
    json::Json,
};

/// Reads the settings; one of another type than documented is not stated.
pub(super) fn settings(body: &Json<'_>, record: &mut Inference) {
    record.response.requested_service_tier = spelled::string(body, "serviceTier");
    let Some(config) = spelled::get(body, "generationConfig") else {
        return;
    };
    let request = &mut record.request;
    settings::read(config, request);
    request.output_type = settings::output_type(
        spelled::get(config, "responseModalities"),
        spelled::text(config, "responseMimeType"),
    );
    // A budget of tokens is no level.
    request.reasoning_level = spelled::get(config, "thinkingConfig")
        .and_then(|thinking| spelled::string(thinking, "thinkingLevel"));
}

/// Reads what is said and the tools that are offered.
pub(super) fn content(mut body: Json<'_>, content: &mut Content) {
    if let Some(instruction) = spelled::take(&mut body, "systemInstruction") {
        part::read_all(instruction, &mut |piece| {
            content.system_instructions.push(part::of_request(piece));
        });
    }
    content.input = spelled::take_items(&mut body, "contents")
        .into_iter()
        .filter(|stated| !stated.is_empty())
        .map(message)
        .collect();
    for stated in spelled::take_items(&mut body, "tools") {
        tools(stated, &mut content.tools);
    }
}

/// Reads a message; what is said without a role is the user's, and messages with results of functions keep the role
/// that they are sent with.
fn message(stated: Json<'_>) -> Message {
    let role = match stated.text("role").unwrap_or_default() {
        "" => Role::User,
        "model" => Role::Assistant,
        "function" => Role::Tool,
        other => Role::from(other),
    };
    let mut parts = Vec::new();
    part::read_all(stated, &mut |piece| parts.push(part::of_request(piece)));
    Message::new(role, parts)
}

/// Reads the functions that are offered, and the provider's own tools, which have no name but their kind.
fn tools(stated: Json<'_>, tools: &mut Vec<ToolDefinition>) {
    for (kind, value) in stated.into_members() {
        match (spelled::camel(&kind).as_ref(), value) {
            (_, Json::Null) => {}
            ("functionDeclarations", Json::List(functions)) => {
                let named = functions
                    .into_iter()
                    .filter(|stated| !stated.members().is_empty());
                tools.extend(named.map(function));
            }
            (kind, _) => tools.push(ToolDefinition {
                kind: kind.to_owned(),
                name: kind.to_owned(),
                description: None,
                parameters: None,
            }),
        }
    }
}

fn function(mut stated: Json<'_>) -> ToolDefinition {
    let parameters = ["parameters", "parametersJsonSchema"]
        .iter()
        .find_map(|name| spelled::take(&mut stated, name));
    ToolDefinition {
        kind: "function".to_owned(),
        name: spelled::string(&stated, "name").unwrap_or_else(|| "function".to_owned()),
        description: spelled::string(&stated, "description"),
        parameters: parameters.map(Json::into_value),
    }
}
