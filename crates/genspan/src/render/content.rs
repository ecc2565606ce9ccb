//! Content on its way into signals: hook, policy, binaries, secrets, sizes, in this order.

mod binary;
mod fit;
mod form;
mod legacy;
mod mcp;
mod parts;

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use self::form::Form;
pub(super) use self::legacy::Shape;
use super::{Context, attributes::Attributes};
use crate::{
    Content, Conventions, MemoryKind, MemoryOperation, Outcome, Record, Rendering, Retrieval,
    Value,
    redact::Redactor,
    semconv::attribute as key,
    shorten::{Shortened, shorten},
    signals::Attribute,
};

/// Bounds the text of a span's status, in bytes.
const MAX_STATUS_BYTES: usize = 1024;

/// Holds content that has gone through the policy; nothing else reaches a signal as content.
#[derive(Clone, Debug)]
pub(super) struct Redacted(Value);

impl Redacted {
    /// Takes a text of an application that may quote what was said.
    pub(super) fn text(text: &str, rendering: &Rendering) -> Self {
        let redacted = rendering.redactor().redact(text);
        let text = shorten(&redacted, rendering.max_text_bytes());
        Self(Value::String(text.into_owned()))
    }

    pub(super) fn into_value(self) -> Value {
        self.0
    }

    /// Puts it under a name.
    pub(super) fn under(self, name: &'static str) -> Self {
        Self(Value::Map(vec![(name.to_owned(), self.0)]))
    }
}

/// Lets the rendering's hook see and change the record's content; `None` where there is no hook.
pub(super) fn after_hook(record: &Record, rendering: &Rendering) -> Option<Record> {
    let hook = rendering.hook()?;
    let mut record = record.clone();
    let content = match &mut record {
        Record::Inference(record) => &mut record.content,
        Record::AgentInvocation(record) => &mut record.content,
        Record::WorkflowInvocation(record) => &mut record.content,
        Record::ResponseFetch(record) => &mut record.content,
        _ => return Some(record),
    };
    if catch_unwind(AssertUnwindSafe(|| hook(content))).is_err() {
        // What a broken hook left behind may be half changed: better none of it.
        record.drop_content();
    }
    Some(record)
}

/// Takes the secrets out of a value; `name` is the member it stands under.
pub(crate) fn redact(redactor: &Redactor, name: Option<&str>, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(match name {
            Some(name) => redactor.redact_value(name, text).into_owned(),
            None => redactor.redact(text).into_owned(),
        }),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| redact(redactor, name, item))
                .collect(),
        ),
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| {
                    (
                        redactor.redact(name).into_owned(),
                        redact(redactor, Some(name), value),
                    )
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Writes content as the rendering's policy has it.
pub(super) struct ContentWriter<'a> {
    rendering: &'a Rendering,
    max_text_bytes: usize,
    left_out: usize,
    /// Whether structured content becomes JSON text.
    is_json: bool,
}

/// Holds an operation's content, ready for its signals.
type Contents = Vec<(Cow<'static, str>, Redacted)>;

impl<'a> ContentWriter<'a> {
    pub(super) const fn new(rendering: &'a Rendering) -> Self {
        Self {
            rendering,
            max_text_bytes: rendering.max_text_bytes(),
            left_out: 0,
            is_json: false,
        }
    }

    /// Gives how many bytes of content the caps cost.
    pub(super) const fn left_out(&self) -> usize {
        self.left_out
    }

    /// Writes the content that stands on the span.
    pub(super) fn write_span(&mut self, context: &Context<'_>, attributes: &mut Attributes<'_>) {
        let capture = self.rendering.capture();
        let mut contents = Contents::new();
        self.is_json = self.rendering.has_content_as_json();
        // The legacy version has content in message events and no keys for it on spans.
        let has_keys = context.version >= Conventions::V1_41;
        if capture.inputs_on_span() && has_keys {
            self.inputs(context, &mut contents);
        } else if capture.inputs_on_span() {
            self.offered(context.record, &mut contents);
        }
        if capture.outputs_on_span() && has_keys {
            self.outputs(context.record, &mut contents);
        }
        for (key, content) in contents {
            attributes.content(key, content);
        }
    }

    /// Gives the content that stands on the details event.
    pub(super) fn event_attributes(&mut self, context: &Context<'_>) -> Vec<Attribute> {
        let capture = self.rendering.capture();
        let mut contents = Contents::new();
        self.is_json = false;
        if capture.inputs_on_event() {
            self.inputs(context, &mut contents);
        }
        if capture.outputs_on_event() {
            self.outputs(context.record, &mut contents);
        }
        contents
            .into_iter()
            .map(|(key, content)| Attribute {
                key,
                value: content.into_value(),
            })
            .collect()
    }

    /// Gives the text of the span's status: the error's own words where outputs may be recorded.
    pub(super) fn status_message(&self, outcome: &Outcome) -> String {
        let Outcome::Failed(failure) = outcome else {
            return String::new();
        };
        let capture = self.rendering.capture();
        match &failure.message {
            Some(message) if capture.outputs_on_span() || capture.outputs_on_event() => {
                shorten(&self.rendering.redactor().redact(message), MAX_STATUS_BYTES).into_owned()
            }
            _ => failure
                .status
                .map(|status| format!("HTTP {status}"))
                .unwrap_or_default(),
        }
    }

    /// Takes the secrets out of a member that is no content.
    pub(super) fn redacted_member(&self, name: &str, value: &Value) -> Redacted {
        Redacted(redact(self.rendering.redactor(), Some(name), value))
    }

    fn inputs(&mut self, context: &Context<'_>, contents: &mut Contents) {
        match context.record {
            Record::Inference(record) => self.said_to(&record.content, true, contents),
            Record::AgentInvocation(record) => self.said_to(&record.content, true, contents),
            Record::WorkflowInvocation(record) => self.said_to(&record.content, false, contents),
            Record::ResponseFetch(record) => self.said_to(&record.content, true, contents),
            Record::AgentCreation(record) => {
                self.instructions(&record.system_instructions, contents);
            }
            Record::ToolExecution(record) => {
                let key = key::GEN_AI_TOOL_CALL_ARGUMENTS;
                self.object(key, "arguments", &record.arguments, contents);
            }
            Record::Retrieval(record) => {
                let key = key::GEN_AI_RETRIEVAL_QUERY_TEXT;
                self.query(key, record.query.as_deref(), contents);
            }
            Record::Memory(record) => {
                let key = key::GEN_AI_MEMORY_QUERY_TEXT;
                self.query(key, record.query.as_deref(), contents);
                if record.kind != MemoryKind::Search {
                    self.records(record, contents);
                }
            }
            Record::Mcp(record) => self.message_arguments(record, context.version, contents),
            Record::Embeddings(_)
            | Record::Plan(_)
            | Record::Step(_)
            | Record::Turn(_)
            | Record::McpSession(_) => {}
        }
    }

    fn outputs(&mut self, record: &Record, contents: &mut Contents) {
        match record {
            Record::Inference(record) => self.said_by(&record.content, contents),
            Record::AgentInvocation(record) => self.said_by(&record.content, contents),
            Record::WorkflowInvocation(record) => self.said_by(&record.content, contents),
            Record::ResponseFetch(record) => self.said_by(&record.content, contents),
            Record::ToolExecution(record) => {
                let key = key::GEN_AI_TOOL_CALL_RESULT;
                self.object(key, "result", &record.result, contents);
            }
            Record::Mcp(record) => self.message_result(record, contents),
            Record::Retrieval(record) => self.documents(record, contents),
            Record::Memory(record) if record.kind == MemoryKind::Search => {
                self.records(record, contents);
            }
            _ => {}
        }
    }

    fn said_to(&mut self, content: &Content, has_settings: bool, contents: &mut Contents) {
        if has_settings {
            self.instructions(&content.system_instructions, contents);
        }
        if !content.input.is_empty() {
            let messages = self.messages(&content.input, false);
            contents.push((key::GEN_AI_INPUT_MESSAGES.into(), messages));
        }
        if has_settings && !content.tools.is_empty() {
            contents.push((
                key::GEN_AI_TOOL_DEFINITIONS.into(),
                self.tools(&content.tools),
            ));
        }
    }

    /// Writes the tools of a version that has no key for them, where they are asked for whole: Strands has it so.
    fn offered(&mut self, record: &Record, contents: &mut Contents) {
        let tools = match record {
            Record::Inference(record) => &record.content.tools,
            Record::AgentInvocation(record) => &record.content.tools,
            _ => return,
        };
        if self.rendering.has_full_tool_definitions() && !tools.is_empty() {
            contents.push((key::GEN_AI_TOOL_DEFINITIONS.into(), self.tools(tools)));
        }
    }

    fn said_by(&mut self, content: &Content, contents: &mut Contents) {
        if !content.output.is_empty() {
            let messages = self.messages(&content.output, true);
            contents.push((key::GEN_AI_OUTPUT_MESSAGES.into(), messages));
        }
    }

    fn instructions(&mut self, parts: &[crate::Part], contents: &mut Contents) {
        if !parts.is_empty() {
            contents.push((key::GEN_AI_SYSTEM_INSTRUCTIONS.into(), self.parts(parts)));
        }
    }

    /// Writes a tool's arguments or result; the conventions want an object, so anything else is named.
    fn object(
        &mut self,
        key: &'static str,
        name: &'static str,
        value: &Value,
        contents: &mut Contents,
    ) {
        let object = match value {
            Value::Null => return,
            Value::Map(_) => self.formed(
                || value.weight(),
                |writer, form| writer.value(None, value, form),
            ),
            other => self.formed(
                || other.weight(),
                |writer, form| {
                    form.begin_map(1);
                    form.known(name);
                    writer.value(None, other, form);
                    form.end_map();
                },
            ),
        };
        contents.push((key.into(), object));
    }

    /// Writes a text that is all of an attribute.
    fn query(&mut self, key: &'static str, text: Option<&str>, contents: &mut Contents) {
        if let Some(text) = text {
            let mut form = Form::tree();
            self.text(text, &mut form);
            contents.push((key.into(), Redacted(form.into_value())));
        }
    }

    fn documents(&mut self, record: &Retrieval, contents: &mut Contents) {
        let documents = &record.documents;
        if documents.is_empty() {
            return;
        }
        let room = || documents.len() * 256;
        let list = self.formed(room, |writer, form| {
            form.begin_list(documents.len());
            for document in documents {
                form.begin_map(2 + document.members.len());
                writer.text_if("id", document.id.as_deref(), form);
                if let Some(score) = document.score {
                    form.known("score");
                    form.plain(Value::Double(score));
                }
                for (name, value) in &document.members {
                    form.name(name);
                    writer.value(Some(name), value, form);
                }
                form.end_map();
            }
            form.end_list();
        });
        contents.push((key::GEN_AI_RETRIEVAL_DOCUMENTS.into(), list));
    }

    fn records(&mut self, record: &MemoryOperation, contents: &mut Contents) {
        let records = &record.records;
        if records.is_empty() {
            return;
        }
        let room = || records.len() * 256;
        let list = self.formed(room, |writer, form| {
            form.begin_list(records.len());
            for record in records {
                form.begin_map(4);
                form.known("content");
                writer.value(None, &record.content, form);
                writer.text_if("id", record.id.as_deref(), form);
                if let Some(score) = record.score {
                    form.known("score");
                    form.plain(Value::Double(score));
                }
                if !record.metadata.is_null() {
                    form.known("metadata");
                    writer.value(None, &record.metadata, form);
                }
                form.end_map();
            }
            form.end_list();
        });
        contents.push((key::GEN_AI_MEMORY_RECORDS.into(), list));
    }

    /// Writes one text: without secrets, and within the cap.
    fn text(&mut self, text: &str, form: &mut Form) {
        if !form.is_full() {
            self.capped(self.rendering.redactor().redact(text), form);
        }
    }

    /// Writes a member that is a text, where there is one.
    fn text_if(&mut self, name: &'static str, text: Option<&str>, form: &mut Form) {
        if let Some(text) = text {
            form.known(name);
            self.text(text, form);
        }
    }

    /// Writes one of the conventions' own words, or a text that has no secrets any more, within the cap.
    fn capped(&mut self, clean: Cow<'_, str>, form: &mut Form) {
        let short = Shortened::of(clean, self.max_text_bytes);
        self.left_out += short.left_out();
        form.text(short.into_text());
    }

    /// Writes any value: its texts without secrets, and within the cap.
    fn value(&mut self, name: Option<&str>, value: &Value, form: &mut Form) {
        match value {
            Value::String(text) => self.member_text(name, text, form),
            Value::Array(items) => {
                form.begin_list(items.len());
                for item in items {
                    self.value(name, item, form);
                }
                form.end_list();
            }
            Value::Map(members) => {
                form.begin_map(members.len());
                self.members(members, form);
                form.end_map();
            }
            other => form.plain(other.clone()),
        }
    }

    fn members(&mut self, members: &[(String, Value)], form: &mut Form) {
        let has_binary = self.rendering.has_binary();
        for (name, value) in members {
            form.name(self.rendering.redactor().redact(name));
            let binary = match value {
                Value::String(text) if !has_binary => {
                    binary::instead_of_member(name, text, members)
                }
                _ => None,
            };
            match binary {
                Some(binary) => form.text(binary),
                None => self.value(Some(name), value, form),
            }
        }
    }

    /// Writes a text that stands under a name, which may tell that it is a secret.
    fn member_text(&mut self, name: Option<&str>, text: &str, form: &mut Form) {
        if form.is_full() {
            return;
        }
        if !self.rendering.has_binary()
            && let Some(address) = binary::instead_of_address(text)
        {
            form.text(address);
            return;
        }
        match name {
            Some(name) => self.capped(self.rendering.redactor().redact_value(name, text), form),
            None => self.text(text, form),
        }
    }

    /// Writes all of a content attribute in the form that is wanted, within its cap.
    ///
    /// `room` estimates the bytes of its JSON text.
    fn formed(
        &mut self,
        room: impl FnOnce() -> usize,
        write: impl Fn(&mut Self, &mut Form),
    ) -> Redacted {
        let max_bytes = self.rendering.max_content_bytes();
        let before = self.left_out;
        if self.is_json {
            let mut form = Form::json(room().min(max_bytes), max_bytes);
            write(self, &mut form);
            if let Some(json) = form.into_json() {
                return Redacted(Value::String(json));
            }
            // What exceeds the cap is cut as a value.
            self.left_out = before;
        }
        let mut form = Form::tree();
        write(self, &mut form);
        let value = form.into_value();
        let (value, left_out) = fit::fit(value, max_bytes, self.max_text_bytes);
        self.left_out += left_out;
        Redacted(if self.is_json {
            Value::String(value.to_json())
        } else {
            value
        })
    }
}
