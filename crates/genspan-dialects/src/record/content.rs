//! What was said, from the conventions' values.

use genspan::{
    Blob, Compaction, Content, FileReference, FinishReason, Generic, Message, Modality, Part, Role,
    ToolCallRequest, ToolCallResponse, ToolDefinition, UriReference, Value,
    semconv::attribute as key,
};

use super::Facts;

/// Takes out what was said.
pub(super) fn take(facts: &mut Facts) -> Content {
    Content {
        system_instructions: list(facts.value(key::GEN_AI_SYSTEM_INSTRUCTIONS), part),
        input: list(facts.value(key::GEN_AI_INPUT_MESSAGES), message),
        output: list(facts.value(key::GEN_AI_OUTPUT_MESSAGES), message),
        tools: list(facts.value(key::GEN_AI_TOOL_DEFINITIONS), tool),
    }
}

fn list<T>(value: Value, read: impl Fn(Value) -> Option<T>) -> Vec<T> {
    match value {
        Value::Array(items) => items.into_iter().filter_map(read).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn message(value: Value) -> Option<Message> {
    let mut members = Members::of(value)?;
    let role = members.text("role")?;
    let parts = list(members.value("parts"), part);
    Some(Message {
        name: members.text("name"),
        finish_reason: members
            .text("finish_reason")
            .map(|word| FinishReason::from_provider(&word)),
        ..Message::new(Role::from(role.as_str()), parts)
    })
}

fn part(value: Value) -> Option<Part> {
    let mut members = Members::of(value)?;
    let kind = members.text("type")?;
    Some(match kind.as_str() {
        "text" => Part::Text(members.text("content").unwrap_or_default()),
        "reasoning" => Part::Reasoning(members.text("content").unwrap_or_default()),
        "tool_call" => Part::ToolCallRequest(ToolCallRequest {
            id: members.text("id"),
            name: members.text("name").unwrap_or_default(),
            arguments: members.value("arguments"),
        }),
        "tool_call_response" => Part::ToolCallResponse(ToolCallResponse {
            id: members.text("id"),
            response: match members.value("response") {
                Value::Null => members.value("result"),
                response => response,
            },
        }),
        "blob" => Part::Blob(Blob {
            mime_type: members.text("mime_type"),
            modality: members.modality(),
            content: members.text("content").unwrap_or_default(),
        }),
        "file" => Part::File(FileReference {
            mime_type: members.text("mime_type"),
            modality: members.modality(),
            file_id: members.text("file_id").unwrap_or_default(),
        }),
        "uri" => Part::Uri(UriReference {
            mime_type: members.text("mime_type"),
            modality: members.modality(),
            uri: members.text("uri").unwrap_or_default(),
        }),
        "compaction" => Part::Compaction(Compaction {
            id: members.text("id"),
            content: members.text("content"),
        }),
        _ => Part::Generic(Generic {
            kind,
            members: members.0,
        }),
    })
}

pub(crate) fn tool(value: Value) -> Option<ToolDefinition> {
    let mut members = Members::of(value)?;
    let kind = members
        .text("type")
        .unwrap_or_else(|| "function".to_owned());
    let parameters = members.value("parameters");
    Some(ToolDefinition {
        name: members.text("name").unwrap_or_else(|| kind.clone()),
        kind,
        description: members.text("description"),
        parameters: (!parameters.is_null()).then_some(parameters),
    })
}

/// Gives the members of a structure out, each once.
struct Members(Vec<(String, Value)>);

impl Members {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Map(members) => Some(Self(members)),
            _ => None,
        }
    }

    fn value(&mut self, name: &str) -> Value {
        let at = self.0.iter().position(|(known, _)| known == name);
        at.map(|at| self.0.remove(at).1).unwrap_or_default()
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn modality(&mut self) -> Modality {
        match self.text("modality").as_deref() {
            Some("image") => Modality::Image,
            Some("video") => Modality::Video,
            Some("audio") => Modality::Audio,
            Some("document") => Modality::Document,
            Some(other) => Modality::Other(other.to_owned()),
            None => Modality::Other("unknown".to_owned()),
        }
    }
}
