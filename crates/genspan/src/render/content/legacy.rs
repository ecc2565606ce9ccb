//! Content of v1.36's message events: as blocks on span events, as plain members in the bodies of log records.
//!
//! v1.36 leaves the shape of what was said open. On span events it is the JSON text of blocks as Bedrock names them,
//! which those who read such events know from Strands Agents; in bodies it is a text where there is nothing else, and
//! the later versions' parts where there is.

use super::{ContentWriter, Form, Redacted};
use crate::{Part, ToolCallRequest, ToolCallResponse, Value};

/// Names the two shapes of a message event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Shape {
    /// Blocks as JSON text, in the attributes of a span event.
    Blocks,
    /// Members of the body of a log record.
    Body,
}

impl ContentWriter<'_> {
    /// Writes what was said; `None` where that is nothing, or tool calls alone, which bodies hold apart.
    pub(in crate::render) fn message_content(
        &mut self,
        parts: &[Part],
        shape: Shape,
    ) -> Option<Redacted> {
        self.is_json = shape == Shape::Blocks;
        if shape == Shape::Blocks {
            let room = || parts.len() * 256;
            return Some(self.formed(room, |writer, form| {
                form.begin_list(parts.len());
                for part in parts {
                    writer.block(part, form);
                }
                form.end_list();
            }));
        }
        let is_said = |part: &&Part| !matches!(part, Part::ToolCallRequest(_));
        let said: Vec<&Part> = parts.iter().filter(is_said).collect();
        match said.as_slice() {
            [] => None,
            [Part::Text(text)] => {
                Some(self.formed(|| text.len(), |writer, form| writer.text(text, form)))
            }
            said => Some(self.formed(
                || 0,
                |writer, form| {
                    form.begin_list(said.len());
                    for part in said {
                        writer.part(part, form);
                    }
                    form.end_list();
                },
            )),
        }
    }

    /// Writes the tool calls of a message for the body of a log record, their arguments as JSON text.
    pub(in crate::render) fn message_calls(&mut self, parts: &[Part]) -> Option<Redacted> {
        self.is_json = false;
        let calls: Vec<&ToolCallRequest> = parts
            .iter()
            .filter_map(|part| match part {
                Part::ToolCallRequest(call) => Some(call),
                _ => None,
            })
            .collect();
        let is_any = !calls.is_empty();
        is_any.then(|| {
            self.formed(
                || 0,
                |writer, form| {
                    form.begin_list(calls.len());
                    for call in &calls {
                        writer.call(call, form);
                    }
                    form.end_list();
                },
            )
        })
    }

    /// Writes what a tool gave back, as blocks; `None` where it gave nothing.
    pub(in crate::render) fn result_blocks(&mut self, result: &Value) -> Option<Redacted> {
        self.is_json = true;
        let is_any = !result.is_null();
        is_any.then(|| {
            self.formed(
                || result.weight(),
                |writer, form| writer.result(result, form),
            )
        })
    }

    /// Writes a tool's arguments or its answer; `None` where there is none.
    pub(in crate::render) fn message_value(
        &mut self,
        value: &Value,
        shape: Shape,
    ) -> Option<Redacted> {
        self.is_json = shape == Shape::Blocks;
        let is_any = !value.is_null();
        is_any.then(|| {
            self.formed(
                || value.weight(),
                |writer, form| writer.value(None, value, form),
            )
        })
    }

    fn call(&mut self, call: &ToolCallRequest, form: &mut Form) {
        form.begin_map(3);
        self.text_if("id", call.id.as_deref(), form);
        form.known("type");
        form.word("function");
        form.known("function");
        form.begin_map(2);
        form.known("name");
        self.text(&call.name, form);
        if let Some(arguments) = self.json_of(&call.arguments) {
            form.member("arguments", arguments);
        }
        form.end_map();
        form.end_map();
    }

    /// Gives the JSON text of a value without the secrets in it; a text stays as it is.
    fn json_of(&mut self, value: &Value) -> Option<String> {
        let mut form = Form::tree();
        self.value(None, value, &mut form);
        match form.into_value() {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_json()),
        }
    }

    fn block(&mut self, part: &Part, form: &mut Form) {
        match part {
            Part::Text(text) => {
                form.begin_map(1);
                form.known("text");
                self.text(text, form);
                form.end_map();
            }
            Part::Reasoning(text) => {
                form.begin_map(1);
                form.known("reasoningContent");
                form.begin_map(1);
                form.known("reasoningText");
                form.begin_map(1);
                form.known("text");
                self.text(text, form);
                form.end_map();
                form.end_map();
                form.end_map();
            }
            Part::ToolCallRequest(call) => {
                form.begin_map(1);
                form.known("toolUse");
                form.begin_map(3);
                self.text_if("toolUseId", call.id.as_deref(), form);
                form.known("name");
                self.text(&call.name, form);
                if !call.arguments.is_null() {
                    form.known("input");
                    self.value(None, &call.arguments, form);
                }
                form.end_map();
                form.end_map();
            }
            Part::ToolCallResponse(answer) => self.answer(answer, form),
            other => self.part(other, form),
        }
    }

    fn answer(&mut self, answer: &ToolCallResponse, form: &mut Form) {
        form.begin_map(1);
        form.known("toolResult");
        form.begin_map(2);
        self.text_if("toolUseId", answer.id.as_deref(), form);
        form.known("content");
        self.result(&answer.response, form);
        form.end_map();
        form.end_map();
    }

    /// Writes what a tool gave back, as the one block of a list.
    fn result(&mut self, result: &Value, form: &mut Form) {
        form.begin_list(1);
        form.begin_map(1);
        let is_text = matches!(result, Value::String(_));
        form.known(if is_text { "text" } else { "json" });
        self.value(None, result, form);
        form.end_map();
        form.end_list();
    }
}
