//! Messages, parts and tools in the conventions' JSON shapes.

use super::{ContentWriter, Redacted, binary::Fingerprint};
use crate::{Blob, Message, Modality, Part, Role, ToolDefinition, Value};

/// Writes a map of members, those without a value left out.
struct Members(Vec<(String, Value)>);

impl Members {
    fn of(kind: &str) -> Self {
        let mut members = Vec::with_capacity(4);
        members.push(("type".to_owned(), Value::from(kind)));
        Self(members)
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    fn with_if(self, name: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Map(members.0)
    }
}

impl ContentWriter<'_> {
    pub(super) fn messages(&mut self, messages: &[Message], is_output: bool) -> Redacted {
        let list = messages
            .iter()
            .map(|message| self.message(message, is_output))
            .collect();
        self.fitted(Value::Array(list))
    }

    pub(super) fn parts(&mut self, parts: &[Part]) -> Redacted {
        let list = parts.iter().map(|part| self.part(part)).collect();
        self.fitted(Value::Array(list))
    }

    /// Writes tools by kind and name, or whole where the rendering asks for it.
    pub(super) fn tools(&mut self, tools: &[ToolDefinition]) -> Redacted {
        let is_full = self.rendering.has_full_tool_definitions();
        let list = tools
            .iter()
            .map(|tool| {
                let short = Members::of(&tool.kind).with("name", self.text(&tool.name));
                if !is_full {
                    return short.into();
                }
                let description = tool.description.as_deref().map(|text| self.text(text));
                let parameters = tool
                    .parameters
                    .as_ref()
                    .map(|schema| self.value(None, schema));
                short
                    .with_if("description", description)
                    .with_if("parameters", parameters)
                    .into()
            })
            .collect();
        self.fitted(Value::Array(list))
    }

    fn message(&mut self, message: &Message, is_output: bool) -> Value {
        let parts = message.parts.iter().map(|part| self.part(part)).collect();
        let role = match &message.role {
            Role::Other(role) => self.text(role),
            known => self.capped(known.as_str().into()),
        };
        let mut members = Vec::with_capacity(4);
        members.push(("role".to_owned(), role));
        members.push(("parts".to_owned(), Value::Array(parts)));
        if let Some(name) = &message.name {
            members.push(("name".to_owned(), self.text(name)));
        }
        if is_output && let Some(reason) = &message.finish_reason {
            members.push(("finish_reason".to_owned(), self.text(reason.as_str())));
        }
        Value::Map(members)
    }

    fn part(&mut self, part: &Part) -> Value {
        match part {
            Part::Text(text) => Members::of("text").with("content", self.text(text)).into(),
            Part::Reasoning(text) => Members::of("reasoning")
                .with("content", self.text(text))
                .into(),
            Part::ToolCallRequest(call) => {
                let arguments =
                    (!call.arguments.is_null()).then(|| self.value(None, &call.arguments));
                Members::of("tool_call")
                    .with_if("id", call.id.as_deref().map(Value::from))
                    .with("name", self.text(&call.name))
                    .with_if("arguments", arguments)
                    .into()
            }
            Part::ToolCallResponse(answer) => Members::of("tool_call_response")
                .with_if("id", answer.id.as_deref().map(Value::from))
                .with("response", self.value(None, &answer.response))
                .into(),
            Part::ServerToolCall(call) => {
                let inner = self.typed(&call.kind, &call.call);
                Members::of("server_tool_call")
                    .with_if("id", call.id.as_deref().map(Value::from))
                    .with("name", self.text(&call.name))
                    .with("server_tool_call", inner)
                    .into()
            }
            Part::ServerToolCallResponse(answer) => {
                let inner = self.typed(&answer.kind, &answer.response);
                Members::of("server_tool_call_response")
                    .with_if("id", answer.id.as_deref().map(Value::from))
                    .with("server_tool_call_response", inner)
                    .into()
            }
            Part::Blob(blob) => self.blob(blob),
            Part::File(file) => media("file", &file.modality, file.mime_type.as_deref())
                .with("file_id", self.text(&file.file_id))
                .into(),
            Part::Uri(uri) => media("uri", &uri.modality, uri.mime_type.as_deref())
                .with("uri", self.text(&uri.uri))
                .into(),
            Part::Compaction(summary) => Members::of("compaction")
                .with_if("id", summary.id.as_deref().map(Value::from))
                .with_if(
                    "content",
                    summary.content.as_deref().map(|text| self.text(text)),
                )
                .into(),
            Part::Generic(part) => {
                let members = Value::Map(part.members.clone());
                self.typed(&part.kind, &members)
            }
        }
    }

    /// Writes members beside their kind; a member of the name `type` gives way to it.
    fn typed(&mut self, kind: &str, value: &Value) -> Value {
        let mut members = Members::of(kind);
        match value {
            Value::Map(rest) => {
                for (name, value) in rest.iter().filter(|(name, _)| name != "type") {
                    members = members.with(name, self.value(Some(name), value));
                }
            }
            Value::Null => {}
            other => members = members.with("content", self.value(None, other)),
        }
        members.into()
    }

    /// Writes inline media, by default its size and hash instead of its bytes.
    fn blob(&mut self, blob: &Blob) -> Value {
        let members = media("blob", &blob.modality, blob.mime_type.as_deref());
        if self.rendering.has_binary() && blob.content.len() <= self.max_text_bytes {
            return members
                .with("content", Value::from(blob.content.as_str()))
                .into();
        }
        let fingerprint = Fingerprint::of(&blob.content);
        members
            .with("content", Value::from(""))
            .with("byte_size", Value::from(fingerprint.byte_size))
            .with("sha256", Value::String(fingerprint.sha256))
            .into()
    }
}

fn media(kind: &str, modality: &Modality, mime_type: Option<&str>) -> Members {
    Members::of(kind)
        .with("modality", Value::from(modality.as_str()))
        .with_if("mime_type", mime_type.map(Value::from))
}
