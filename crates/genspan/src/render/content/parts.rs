//! Messages, parts and tools in the conventions' JSON shapes.

use super::{ContentWriter, Redacted, binary::Fingerprint, form::Form};
use crate::{Blob, Message, Modality, Part, Role, ToolDefinition, Value};

impl ContentWriter<'_> {
    pub(super) fn messages(&mut self, messages: &[Message], is_output: bool) -> Redacted {
        let room = || messages.iter().map(message_room).sum();
        self.formed(room, |writer, form| {
            form.begin_list(messages.len());
            for message in messages {
                writer.message(message, is_output, form);
            }
            form.end_list();
        })
    }

    pub(super) fn parts(&mut self, parts: &[Part]) -> Redacted {
        let room = || parts.iter().map(part_room).sum();
        self.formed(room, |writer, form| writer.part_list(parts, form))
    }

    /// Writes tools by kind and name, or whole where the rendering asks for it.
    pub(super) fn tools(&mut self, tools: &[ToolDefinition]) -> Redacted {
        let is_full = self.rendering.has_full_tool_definitions();
        let room = || tools.len() * if is_full { 512 } else { 64 };
        self.formed(room, |writer, form| {
            form.begin_list(tools.len());
            for tool in tools {
                begin(form, &tool.kind);
                form.known("name");
                writer.text(&tool.name, form);
                if is_full {
                    writer.text_if("description", tool.description.as_deref(), form);
                    if let Some(schema) = &tool.parameters {
                        form.known("parameters");
                        writer.value(None, schema, form);
                    }
                }
                form.end_map();
            }
            form.end_list();
        })
    }

    fn part_list(&mut self, parts: &[Part], form: &mut Form) {
        form.begin_list(parts.len());
        for part in parts {
            self.part(part, form);
        }
        form.end_list();
    }

    fn message(&mut self, message: &Message, is_output: bool, form: &mut Form) {
        form.begin_map(4);
        form.known("role");
        match &message.role {
            Role::Other(role) => self.text(role, form),
            known => self.capped(known.as_str().into(), form),
        }
        form.known("parts");
        self.part_list(&message.parts, form);
        self.text_if("name", message.name.as_deref(), form);
        if is_output && let Some(reason) = &message.finish_reason {
            form.known("finish_reason");
            self.text(reason.as_str(), form);
        }
        form.end_map();
    }

    pub(super) fn part(&mut self, part: &Part, form: &mut Form) {
        match part {
            Part::Text(text) => self.text_part("text", text, form),
            Part::Reasoning(text) => self.text_part("reasoning", text, form),
            Part::ToolCallRequest(call) => {
                begin_with_id(form, "tool_call", call.id.as_deref());
                form.known("name");
                self.text(&call.name, form);
                if !call.arguments.is_null() {
                    form.known("arguments");
                    self.value(None, &call.arguments, form);
                }
            }
            Part::ToolCallResponse(answer) => {
                begin_with_id(form, "tool_call_response", answer.id.as_deref());
                form.known("response");
                self.value(None, &answer.response, form);
            }
            Part::ServerToolCall(call) => {
                begin_with_id(form, "server_tool_call", call.id.as_deref());
                form.known("name");
                self.text(&call.name, form);
                form.known("server_tool_call");
                self.typed(&call.kind, &call.call, form);
                form.end_map();
            }
            Part::ServerToolCallResponse(answer) => {
                begin_with_id(form, "server_tool_call_response", answer.id.as_deref());
                form.known("server_tool_call_response");
                self.typed(&answer.kind, &answer.response, form);
                form.end_map();
            }
            Part::Blob(blob) => self.blob(blob, form),
            Part::File(file) => {
                begin_media(form, "file", &file.modality, file.mime_type.as_deref());
                form.known("file_id");
                self.text(&file.file_id, form);
            }
            Part::Uri(uri) => {
                begin_media(form, "uri", &uri.modality, uri.mime_type.as_deref());
                form.known("uri");
                self.text(&uri.uri, form);
            }
            Part::Compaction(summary) => {
                begin_with_id(form, "compaction", summary.id.as_deref());
                self.text_if("content", summary.content.as_deref(), form);
            }
            Part::Generic(part) => {
                begin(form, &part.kind);
                self.members_but_type(&part.members, form);
            }
        }
        form.end_map();
    }

    fn text_part(&mut self, kind: &'static str, text: &str, form: &mut Form) {
        begin_known(form, kind);
        form.known("content");
        self.text(text, form);
    }

    /// Begins a map of members beside their kind.
    fn typed(&mut self, kind: &str, value: &Value, form: &mut Form) {
        begin(form, kind);
        match value {
            Value::Map(members) => self.members_but_type(members, form),
            Value::Null => {}
            other => {
                form.known("content");
                self.value(None, other, form);
            }
        }
    }

    /// Writes members; one of the name `type` gives way to the part's own.
    fn members_but_type(&mut self, members: &[(String, Value)], form: &mut Form) {
        for (name, value) in members.iter().filter(|(name, _)| name != "type") {
            form.name(name);
            self.value(Some(name), value, form);
        }
    }

    /// Writes inline media, by default its size and hash instead of its bytes.
    fn blob(&mut self, blob: &Blob, form: &mut Form) {
        begin_media(form, "blob", &blob.modality, blob.mime_type.as_deref());
        if self.rendering.has_binary() && blob.content.len() <= self.max_text_bytes {
            form.member("content", &blob.content);
            return;
        }
        let fingerprint = Fingerprint::of(&blob.content);
        form.member("content", "");
        form.known("byte_size");
        form.plain(Value::from(fingerprint.byte_size));
        form.member("sha256", fingerprint.sha256);
    }
}

/// Begins a part.
fn begin(form: &mut Form, kind: &str) {
    form.begin_map(4);
    form.member("type", kind);
}

/// Begins a part of the conventions' own.
fn begin_known(form: &mut Form, kind: &'static str) {
    form.begin_map(4);
    form.known("type");
    form.word(kind);
}

fn begin_with_id(form: &mut Form, kind: &'static str, id: Option<&str>) {
    begin_known(form, kind);
    if let Some(id) = id {
        form.member("id", id);
    }
}

fn begin_media(form: &mut Form, kind: &'static str, modality: &Modality, mime_type: Option<&str>) {
    begin_known(form, kind);
    form.member("modality", modality.as_str());
    if let Some(mime_type) = mime_type {
        form.member("mime_type", mime_type);
    }
}

/// Estimates the JSON text of a message, so that it need not move while it grows.
fn message_room(message: &Message) -> usize {
    80 + message.parts.iter().map(part_room).sum::<usize>()
}

fn part_room(part: &Part) -> usize {
    let text = match part {
        Part::Text(text) | Part::Reasoning(text) => text.len(),
        Part::ToolCallRequest(call) => call.arguments.weight(),
        Part::ToolCallResponse(answer) => answer.response.weight(),
        _ => 200,
    };
    40 + text + text / 16
}
