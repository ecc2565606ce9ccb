//! The items of which requests and answers consist, to parts.

use genspan::{
    Blob, Compaction, Modality, Part, Role, ServerToolCall, ServerToolCallResponse,
    ToolCallRequest, ToolCallResponse, Value,
};

pub(super) use super::content::recordable;
use super::content::{self, generic, members};
use crate::{
    format::openai_chat::{parts::bounded, tool_calls::value},
    json::Json,
};

/// What the item of a tool that the provider runs says of the outcome.
const RESULTS: [&str; 4] = ["results", "outputs", "output", "error"];

/// Names who runs a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    Application,
    Provider,
}

/// Names the kind of an item; messages and references may leave it out.
pub(super) fn kind<'i>(item: &'i Json<'_>) -> &'i str {
    let stated = item.text("type").filter(|kind| !kind.is_empty());
    stated.unwrap_or_else(|| match item {
        Json::Text(_) => "message",
        _ if item.get("role").is_some() => "message",
        _ if item.get("id").is_some() => "item_reference",
        _ => "unknown",
    })
}

/// Tells who says what an item holds.
pub(super) fn role(item: &Json<'_>) -> Role {
    match kind(item) {
        "message" => Role::from(item.text("role").unwrap_or("user")),
        "mcp_approval_response" => Role::User,
        "reasoning"
        | "compaction"
        | "compaction_summary"
        | "mcp_list_tools"
        | "mcp_approval_request" => Role::Assistant,
        kind if kind.ends_with("_call") => Role::Assistant,
        kind if kind.ends_with("_output") => Role::Tool,
        _ => Role::from("unknown"),
    }
}

/// Reads one item; results of tools, where they do not say it themselves, are of tools that the given one runs.
///
/// Ids and states of messages and of reasoning have no place in the conventions.
pub(super) fn push(mut item: Json<'_>, runner: Runner, parts: &mut Vec<Part>) {
    if matches!(item, Json::Text(_) | Json::Null) {
        return content::push(item, parts);
    }
    let kind = kind(&item).to_owned();
    match kind.as_str() {
        "message" => content::push(item.take("content").unwrap_or(Json::Null), parts),
        "reasoning" => {
            for list in ["summary", "content"] {
                content::push_reasoning_list(item.take(list), parts);
            }
        }
        "function_call" | "custom_tool_call" => parts.push(call(item)),
        "compaction" | "compaction_summary" => parts.push(Part::Compaction(Compaction {
            id: item.string("id"),
            content: item.string("summary").map(|text| bounded(text.into())),
        })),
        "computer_call" | "local_shell_call" | "shell_call" | "apply_patch_call"
        | "tool_search_call" => match runs(&item, Runner::Application) {
            Runner::Application => parts.push(builtin_call(&kind, item)),
            Runner::Provider => push_server_call(&kind, item, parts),
        },
        "web_search_call"
        | "file_search_call"
        | "code_interpreter_call"
        | "image_generation_call"
        | "mcp_call"
        | "x_search_call" => {
            push_server_call(&kind, item, parts);
        }
        "function_call_output" | "custom_tool_call_output" => {
            parts.push(output(&kind, item, Runner::Application));
        }
        "computer_call_output"
        | "local_shell_call_output"
        | "shell_call_output"
        | "apply_patch_call_output"
        | "tool_search_output" => {
            let runner = runs(&item, runner);
            parts.push(output(&kind, item, runner));
        }
        kind => parts.push(generic(item, kind)),
    }
}

/// Tells who runs a tool that either may run.
fn runs(item: &Json<'_>, otherwise: Runner) -> Runner {
    let environment = item.get("environment").and_then(|of| of.text("type"));
    match item.text("execution").or(environment) {
        Some("client" | "local") => Runner::Application,
        Some(_) => Runner::Provider,
        None => otherwise,
    }
}

fn call_id(item: &Json<'_>) -> Option<String> {
    item.string("call_id").or_else(|| item.string("id"))
}

fn call(mut item: Json<'_>) -> Part {
    let arguments = item.take("arguments").or_else(|| item.take("input"));
    Part::ToolCallRequest(ToolCallRequest {
        id: call_id(&item),
        name: item.string("name").unwrap_or_default(),
        arguments: arguments.map(self::arguments).unwrap_or_default(),
    })
}

/// Reads what a tool is called with, which nearly all send as the text of a document.
fn arguments(stated: Json<'_>) -> Value {
    match stated {
        Json::Text(text) if text.is_empty() => Value::Null,
        Json::Text(text) => value(bounded(text)),
        other => recordable(other),
    }
}

/// Gives the name that the tool of an item has among the tools of a request.
fn tool(kind: &str) -> &str {
    let name = kind.strip_suffix("_output").unwrap_or(kind);
    name.strip_suffix("_call").unwrap_or(name)
}

/// Takes out what identifies an item and is said elsewhere.
fn take_ids(item: &mut Json<'_>) -> Option<String> {
    let id = call_id(item);
    for name in ["id", "call_id"] {
        item.take(name);
    }
    id
}

/// Reads the call of a tool that the provider defines and the application runs.
fn builtin_call(kind: &str, mut item: Json<'_>) -> Part {
    let id = take_ids(&mut item);
    item.take("status");
    let arguments = item.take("arguments").map(arguments);
    Part::ToolCallRequest(ToolCallRequest {
        id,
        name: tool(kind).to_owned(),
        arguments: arguments.unwrap_or_else(|| Value::Map(members(item))),
    })
}

/// Reads a call that the provider made itself, and what came of it.
fn push_server_call(kind: &str, mut item: Json<'_>, parts: &mut Vec<Part>) {
    let id = take_ids(&mut item);
    let kind = tool(kind);
    let name = item.take("name");
    let name = name.as_ref().and_then(Json::as_str).unwrap_or(kind);
    let picture = item.take("result");
    let results = RESULTS.iter().filter_map(|name| {
        let result = item.take(name)?;
        Some(((*name).to_owned(), recordable(result)))
    });
    let results: Vec<_> = results.collect();
    let arguments = item.take("arguments").map(arguments);
    let mime_type = item
        .text("output_format")
        .map(|format| format!("image/{format}"));
    let mut call = Vec::new();
    call.extend(arguments.map(|arguments| ("arguments".to_owned(), arguments)));
    call.extend(members(item));
    parts.push(Part::ServerToolCall(ServerToolCall {
        id: id.clone(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        call: Value::Map(call),
    }));
    if !results.is_empty() {
        parts.push(Part::ServerToolCallResponse(ServerToolCallResponse {
            id,
            kind: kind.to_owned(),
            response: Value::Map(results),
        }));
    }
    if let Some(Json::Text(content)) = picture {
        parts.push(Part::Blob(Blob {
            modality: Modality::Image,
            mime_type,
            content: content.into_owned(),
        }));
    }
}

/// Reads what came of a call; where that is all there is, it stands in the shape it was sent in.
fn output(kind: &str, mut item: Json<'_>, runner: Runner) -> Part {
    let id = take_ids(&mut item);
    if runner == Runner::Provider {
        return Part::ServerToolCallResponse(ServerToolCallResponse {
            id,
            kind: tool(kind).to_owned(),
            response: Value::Map(members(item)),
        });
    }
    let output = item.take("output").map(recordable);
    if item.text("status") == Some("completed") {
        item.take("status");
    }
    let mut beside = members(item);
    let response = match output {
        Some(output) if beside.is_empty() => output,
        output => {
            beside.extend(output.map(|output| ("output".to_owned(), output)));
            Value::Map(beside)
        }
    };
    Part::ToolCallResponse(ToolCallResponse { id, response })
}
