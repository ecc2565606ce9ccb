//! The parts of a message.

use genspan::{Conventions, Value};

use super::walk::{Members, Walk};

/// Checks a part of a message; one of an unknown type is free in all but its type.
pub(super) fn part(walk: &mut Walk, value: &Value) {
    let Some(members) = Members::of(walk, value) else {
        return;
    };
    members.text(walk, "type");
    match members.get("type").and_then(Value::as_str) {
        Some("text" | "reasoning") => members.text(walk, "content"),
        Some("tool_call") => {
            members.optional_text(walk, "id");
            members.text(walk, "name");
        }
        Some("tool_call_response") => {
            members.optional_text(walk, "id");
            members.required(walk, "response", |_, _| {});
        }
        Some("server_tool_call") => {
            members.optional_text(walk, "id");
            members.text(walk, "name");
            members.required(walk, "server_tool_call", typed);
        }
        Some("server_tool_call_response") => {
            members.optional_text(walk, "id");
            members.required(walk, "server_tool_call_response", typed);
        }
        Some("blob") => media(walk, &members, "content"),
        Some("file") => media(walk, &members, "file_id"),
        Some("uri") => media(walk, &members, "uri"),
        Some("compaction") => {
            members.optional_text(walk, "id");
            members.optional_text(walk, "content");
        }
        _ => {}
    }
}

/// Checks a part of the instructions: text, or of a type of its own; v1.41 took every part.
pub(super) fn instruction(walk: &mut Walk, value: &Value) {
    if walk.version() == Conventions::V1_41 {
        return part(walk, value);
    }
    if let Some(members) = Members::of(walk, value) {
        members.text(walk, "type");
        if members.get("type").and_then(Value::as_str) == Some("text") {
            members.text(walk, "content");
        }
    }
}

fn media(walk: &mut Walk, members: &Members<'_>, content: &str) {
    members.text(walk, "modality");
    members.optional_text(walk, "mime_type");
    members.text(walk, content);
}

fn typed(walk: &mut Walk, value: &Value) {
    if let Some(members) = Members::of(walk, value) {
        members.text(walk, "type");
    }
}
