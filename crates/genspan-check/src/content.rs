//! The shapes of content: messages, instructions, tool definitions, documents and memory records.
//!
//! A value is looked at as it is, or read first where it is a JSON text. What does not fit is told by its path in the
//! value, what was expected there and what type stands there; never by its words.

mod part;
mod walk;

use genspan::semconv::attribute;
use genspan::{Conventions, Value};

use self::part::{instruction, part};
pub(crate) use self::walk::{Grade, Misfit};
use self::walk::{Members, Walk};

/// Names the shapes that content takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    InputMessages,
    OutputMessages,
    SystemInstructions,
    ToolDefinitions,
    RetrievalDocuments,
    MemoryRecords,
    ToolPayload,
}

impl Shape {
    /// The shape of an attribute's value, where it has one.
    pub(crate) fn of(key: &str) -> Option<Self> {
        Some(match key {
            attribute::GEN_AI_INPUT_MESSAGES => Self::InputMessages,
            attribute::GEN_AI_OUTPUT_MESSAGES => Self::OutputMessages,
            attribute::GEN_AI_SYSTEM_INSTRUCTIONS => Self::SystemInstructions,
            attribute::GEN_AI_TOOL_DEFINITIONS => Self::ToolDefinitions,
            attribute::GEN_AI_RETRIEVAL_DOCUMENTS => Self::RetrievalDocuments,
            attribute::GEN_AI_MEMORY_RECORDS => Self::MemoryRecords,
            attribute::GEN_AI_TOOL_CALL_ARGUMENTS | attribute::GEN_AI_TOOL_CALL_RESULT => {
                Self::ToolPayload
            }
            _ => return None,
        })
    }
}

/// Holds a value against a shape of a version; an empty answer means that it fits.
pub(crate) fn misfits(shape: Shape, version: Conventions, value: &Value) -> Vec<Misfit> {
    let mut walk = Walk::new(version);
    let parsed = value.as_str().map(Value::from_json);
    let value = match (&parsed, shape) {
        (None, _) => value,
        (Some(Ok(parsed)), _) => parsed,
        // A tool may well answer in prose; the conventions would rather see an object.
        (Some(Err(_)), Shape::ToolPayload) => value,
        (Some(Err(_)), _) => {
            walk.misfit("JSON", "text that is no JSON");
            return walk.into_misfits();
        }
    };
    match shape {
        Shape::InputMessages => walk.items(value, |walk, item| message(walk, item, false)),
        Shape::OutputMessages => walk.items(value, |walk, item| message(walk, item, true)),
        Shape::SystemInstructions => walk.items(value, instruction),
        Shape::ToolDefinitions => walk.items(value, definition),
        Shape::RetrievalDocuments => walk.items(value, document),
        Shape::MemoryRecords => walk.items(value, record),
        Shape::ToolPayload => {
            if !matches!(value, Value::Map(_)) {
                walk.wish("an object", value);
            }
        }
    }
    walk.into_misfits()
}

fn message(walk: &mut Walk, value: &Value, is_output: bool) {
    let Some(members) = Members::of(walk, value) else {
        return;
    };
    members.text(walk, "role");
    members.optional_text(walk, "name");
    members.required(walk, "parts", |walk, parts| walk.items(parts, part));
    if is_output {
        members.optional_text(walk, "finish_reason");
        if walk.version() == Conventions::V1_41 && members.get("finish_reason").is_none() {
            walk.wish_for("finish_reason");
        }
    }
}

fn definition(walk: &mut Walk, value: &Value) {
    let Some(members) = Members::of(walk, value) else {
        return;
    };
    members.text(walk, "type");
    members.text(walk, "name");
    if members.get("type").and_then(Value::as_str) == Some("function") {
        members.optional_text(walk, "description");
        if let Some(parameters) = members.get("parameters") {
            walk.at("parameters", |walk| {
                if !matches!(parameters, Value::Map(_) | Value::Bool(_) | Value::Null) {
                    walk.misfit_of("a JSON schema", parameters);
                }
            });
        }
    }
}

fn document(walk: &mut Walk, value: &Value) {
    if let Some(members) = Members::of(walk, value) {
        members.text_if_there(walk, "id");
        members.number_if_there(walk, "score");
        if walk.version() == Conventions::V1_41 {
            for name in ["id", "score"] {
                if members.get(name).is_none() {
                    walk.wish_for(name);
                }
            }
        }
    }
}

fn record(walk: &mut Walk, value: &Value) {
    if let Some(members) = Members::of(walk, value) {
        members.required(walk, "content", |_, _| {});
        members.text_if_there(walk, "id");
        members.number_if_there(walk, "score");
        if let Some(metadata) = members.get("metadata") {
            walk.at("metadata", |walk| {
                if !matches!(metadata, Value::Map(_)) {
                    walk.misfit_of("an object", metadata);
                }
            });
        }
    }
}
