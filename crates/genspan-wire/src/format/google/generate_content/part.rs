//! The parts that contents consist of, of requests and of answers.

use std::borrow::Cow;

use genspan::{
    Part, ServerToolCall, ServerToolCallResponse, ToolCallRequest, ToolCallResponse, Value,
};

use crate::{
    format::google::{media, spelled},
    json::Json,
};

/// The members of a part that say something of another member, or mean something to the provider alone.
const BESIDE: [&str; 5] = [
    "thought",
    "thoughtSignature",
    "videoMetadata",
    "mediaResolution",
    "partMetadata",
];

/// What one part gives.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Text(Cow<'a, str>),
    Thought(Cow<'a, str>),
    /// A call of a function, whole or a piece of one.
    Call(Json<'a>),
    Other(Part),
}

/// Reads a content's parts, or a text that stands in their place.
pub(super) fn read_all<'a>(content: Json<'a>, on_piece: &mut dyn FnMut(Piece<'a>)) {
    match content {
        mut content @ Json::Object(_) if spelled::get(&content, "parts").is_some() => {
            for part in spelled::take_items(&mut content, "parts") {
                read(part, on_piece);
            }
        }
        Json::Object(members) if members.iter().any(|(name, _)| name == "role") => {}
        Json::List(parts) => {
            for part in parts {
                read(part, on_piece);
            }
        }
        part => read(part, on_piece),
    }
}

/// Reads one part: most give one piece, those without anything to show give none.
fn read<'a>(part: Json<'a>, on_piece: &mut dyn FnMut(Piece<'a>)) {
    if let Json::Text(text) = part {
        if !text.is_empty() {
            on_piece(Piece::Text(text));
        }
        return;
    }
    let is_thought = part.get("thought").and_then(Json::as_bool) == Some(true);
    for (name, value) in part.into_members() {
        match (spelled::camel(&name).as_ref(), value) {
            (_, Json::Null) => {}
            (name, _) if BESIDE.contains(&name) => {}
            ("text", Json::Text(text)) if text.is_empty() => {}
            ("text", Json::Text(text)) if is_thought => on_piece(Piece::Thought(text)),
            ("text", Json::Text(text)) => on_piece(Piece::Text(text)),
            ("functionCall", call @ Json::Object(_)) => on_piece(Piece::Call(call)),
            ("functionResponse", response @ Json::Object(_)) => {
                function_response(response, on_piece);
            }
            (name, value) => on_piece(Piece::Other(other(name, value))),
        }
    }
}

/// Reads a part that came as a whole.
fn other(name: &str, mut value: Json<'_>) -> Part {
    let known = match name {
        _ if value.members().is_empty() => None,
        "inlineData" => media::inline(&mut value, None),
        "fileData" => media::address(&value, "fileUri", None),
        "executableCode" => Some(server_call(name, "codeExecution".to_owned(), &value)),
        "codeExecutionResult" => Some(server_response(name, &value)),
        "toolCall" => {
            let tool = spelled::string(&value, "toolType");
            tool.map(|tool| server_call(name, tool, &value))
        }
        "toolResponse" => Some(server_response(name, &value)),
        _ => None,
    };
    known.unwrap_or_else(|| media::generic(name, value))
}

fn server_call(kind: &str, name: String, value: &Json<'_>) -> Part {
    Part::ServerToolCall(ServerToolCall {
        id: spelled::string(value, "id"),
        name,
        kind: kind.to_owned(),
        call: Value::Map(value.members_except(&["id", "toolType", "tool_type"])),
    })
}

fn server_response(kind: &str, value: &Json<'_>) -> Part {
    Part::ServerToolCallResponse(ServerToolCallResponse {
        id: spelled::string(value, "id"),
        kind: kind.to_owned(),
        response: Value::Map(value.members_except(&["id"])),
    })
}

/// Reads what a function gave back, and the media that it gave beside. Where no id says which call it answers, its name
/// does, and stays.
fn function_response<'a>(mut stated: Json<'a>, on_piece: &mut dyn FnMut(Piece<'a>)) {
    let media = spelled::take_items(&mut stated, "parts");
    let id = spelled::string(&stated, "id");
    let response = if id.is_some() {
        stated.take("response").unwrap_or(Json::Null).into_value()
    } else {
        Value::Map(stated.members_except(&["id", "parts"]))
    };
    on_piece(Piece::Other(Part::ToolCallResponse(ToolCallResponse {
        id,
        response,
    })));
    for part in media {
        read(part, on_piece);
    }
}

/// Makes the part that a piece of a request is: there everything comes whole.
pub(super) fn of_request(piece: Piece<'_>) -> Part {
    match piece {
        Piece::Text(text) => Part::Text(media::bounded(text)),
        Piece::Thought(text) => Part::Reasoning(media::bounded(text)),
        Piece::Call(mut call) => Part::ToolCallRequest(ToolCallRequest {
            id: spelled::string(&call, "id"),
            name: call.string("name").unwrap_or_default(),
            arguments: call.take("args").unwrap_or(Json::Null).into_value(),
        }),
        Piece::Other(part) => part,
    }
}
