//! What a request of the first version asks for.

use genspan::{Content, Inference, Message, Part, Role, ToolCallResponse, ToolDefinition};

use super::super::{chat, documents};
use crate::{
    format::{
        keep::Keep,
        openai_chat::{parts, tool_calls::ToolCalls},
    },
    json::Json,
};

/// Reads the settings.
pub(super) fn settings(body: &Json<'_>, record: &mut Inference) {
    chat::request::settings(body, &mut record.request);
    record.common.conversation_id = body.string("conversation_id").filter(|id| !id.is_empty());
}

/// Reads the conversation, which the request states in pieces, and what may be used for the answer.
pub(super) fn content(mut body: Json<'_>, content: &mut Content, keep: &mut Keep) {
    if let Some(Json::Text(preamble)) = body.take("preamble") {
        content
            .system_instructions
            .extend(parts::text_part(preamble));
    }
    content.input = body
        .take_items("chat_history")
        .into_iter()
        .filter(|turn| !turn.members().is_empty())
        .map(|turn| message(turn, keep))
        .collect();
    if let Some(Json::Text(asked)) = body.take("message")
        && let Some(part) = parts::text_part(asked)
    {
        content.input.push(Message::new(Role::User, vec![part]));
    }
    documents::attach(body.take("documents"), &mut content.input);
    let results = results(body.take_items("tool_results"));
    if !results.is_empty() {
        content.input.push(Message::new(Role::Tool, results));
    }
    let tools = body.take_items("tools").into_iter();
    content.tools = tools
        .filter(|stated| !stated.members().is_empty())
        .map(tool)
        .collect();
    let connectors = body.take_items("connectors");
    content.tools.extend(connectors.iter().map(connector));
}

/// Reads an earlier turn; the roles are words of Cohere's own.
fn message(mut turn: Json<'_>, keep: &mut Keep) -> Message {
    let role = match turn.text("role").unwrap_or("unknown") {
        "USER" => Role::User,
        "CHATBOT" => Role::Assistant,
        "SYSTEM" => Role::System,
        "TOOL" => Role::Tool,
        other => Role::from(other),
    };
    let mut said: Vec<Part> = match turn.take("message") {
        Some(Json::Text(text)) => parts::text_part(text).into_iter().collect(),
        _ => Vec::new(),
    };
    said.extend(calls(turn.take_items("tool_calls"), keep).into_parts());
    said.extend(results(turn.take_items("tool_results")));
    Message::new(role, said)
}

/// Reads calls of tools, which have no ids.
pub(super) fn calls(stated: Vec<Json<'_>>, keep: &mut Keep) -> ToolCalls {
    let mut calls = ToolCalls::default();
    for (index, mut call) in (0..).zip(stated) {
        let arguments = call.take("parameters");
        let name = call.text("name");
        if name.is_some() || arguments.is_some() {
            calls.read_call(Some(index), None, name, arguments, keep);
        }
    }
    calls
}

/// Reads results of tools: with no ids, the call that each belongs to is a part of it.
fn results(items: Vec<Json<'_>>) -> Vec<Part> {
    let results = items.into_iter().map(|item| {
        Part::ToolCallResponse(ToolCallResponse {
            id: None,
            response: item.into_value(),
        })
    });
    results.collect()
}

fn tool(mut stated: Json<'_>) -> ToolDefinition {
    ToolDefinition {
        kind: "function".to_owned(),
        name: stated
            .text("name")
            .filter(|name| !name.is_empty())
            .unwrap_or("function")
            .to_owned(),
        description: stated.string("description"),
        parameters: stated.take("parameter_definitions").map(Json::into_value),
    }
}

/// Reads a search that Cohere runs; of its options one is a secret.
fn connector(stated: &Json<'_>) -> ToolDefinition {
    ToolDefinition {
        kind: "connector".to_owned(),
        name: stated.text("id").unwrap_or("connector").to_owned(),
        description: None,
        parameters: None,
    }
}
