//! Content on its way into signals: hook, policy, binaries, secrets, sizes, in this order.

mod binary;
mod fit;
mod parts;

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

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
pub(super) fn redact(redactor: &Redactor, name: Option<&str>, value: &Value) -> Value {
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
}

/// Holds an operation's content, ready for its signals.
type Contents = Vec<(&'static str, Redacted)>;

impl<'a> ContentWriter<'a> {
    pub(super) const fn new(rendering: &'a Rendering) -> Self {
        Self {
            rendering,
            max_text_bytes: rendering.max_text_bytes(),
            left_out: 0,
        }
    }

    /// Gives how many bytes of content the caps cost.
    pub(super) const fn left_out(&self) -> usize {
        self.left_out
    }

    /// Writes the content that stands on the span.
    pub(super) fn write_span(&mut self, context: &Context<'_>, attributes: &mut Attributes<'_>) {
        if context.version < Conventions::V1_41 {
            return; // The legacy version has content in message events and no keys for it on spans.
        }
        let capture = self.rendering.capture();
        let inputs = if capture.inputs_on_span() {
            self.inputs(context.record)
        } else {
            Contents::new()
        };
        let outputs = if capture.outputs_on_span() {
            self.outputs(context.record)
        } else {
            Contents::new()
        };
        for (key, content) in inputs.into_iter().chain(outputs) {
            attributes.content(key, content);
        }
    }

    /// Gives the content that stands on the details event.
    pub(super) fn event_attributes(&mut self, context: &Context<'_>) -> Vec<Attribute> {
        let capture = self.rendering.capture();
        let inputs = if capture.inputs_on_event() {
            self.inputs(context.record)
        } else {
            Contents::new()
        };
        let outputs = if capture.outputs_on_event() {
            self.outputs(context.record)
        } else {
            Contents::new()
        };
        let contents = inputs.into_iter().chain(outputs);
        contents
            .map(|(key, content)| Attribute {
                key: key.into(),
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

    fn inputs(&mut self, record: &Record) -> Contents {
        match record {
            Record::Inference(record) => self.said_to(&record.content, true),
            Record::AgentInvocation(record) => self.said_to(&record.content, true),
            Record::WorkflowInvocation(record) => self.said_to(&record.content, false),
            Record::ResponseFetch(record) => self.said_to(&record.content, true),
            Record::AgentCreation(record) => self.instructions(&record.system_instructions),
            Record::ToolExecution(record) => self.object(
                key::GEN_AI_TOOL_CALL_ARGUMENTS,
                "arguments",
                &record.arguments,
            ),
            Record::Retrieval(record) => {
                self.query(key::GEN_AI_RETRIEVAL_QUERY_TEXT, record.query.as_deref())
            }
            Record::Memory(record) => {
                let mut contents =
                    self.query(key::GEN_AI_MEMORY_QUERY_TEXT, record.query.as_deref());
                if record.kind != MemoryKind::Search {
                    contents.extend(self.records(record));
                }
                contents
            }
            Record::Embeddings(_) | Record::Plan(_) => Contents::new(),
        }
    }

    fn outputs(&mut self, record: &Record) -> Contents {
        match record {
            Record::Inference(record) => self.said_by(&record.content),
            Record::AgentInvocation(record) => self.said_by(&record.content),
            Record::WorkflowInvocation(record) => self.said_by(&record.content),
            Record::ResponseFetch(record) => self.said_by(&record.content),
            Record::ToolExecution(record) => {
                self.object(key::GEN_AI_TOOL_CALL_RESULT, "result", &record.result)
            }
            Record::Retrieval(record) => self.documents(record),
            Record::Memory(record) if record.kind == MemoryKind::Search => self.records(record),
            _ => Contents::new(),
        }
    }

    fn said_to(&mut self, content: &Content, has_settings: bool) -> Contents {
        let mut contents = Contents::new();
        if has_settings {
            contents = self.instructions(&content.system_instructions);
        }
        if !content.input.is_empty() {
            contents.push((
                key::GEN_AI_INPUT_MESSAGES,
                self.messages(&content.input, false),
            ));
        }
        if has_settings && !content.tools.is_empty() {
            contents.push((key::GEN_AI_TOOL_DEFINITIONS, self.tools(&content.tools)));
        }
        contents
    }

    fn said_by(&mut self, content: &Content) -> Contents {
        if content.output.is_empty() {
            return Contents::new();
        }
        vec![(
            key::GEN_AI_OUTPUT_MESSAGES,
            self.messages(&content.output, true),
        )]
    }

    fn instructions(&mut self, parts: &[crate::Part]) -> Contents {
        if parts.is_empty() {
            return Contents::new();
        }
        vec![(key::GEN_AI_SYSTEM_INSTRUCTIONS, self.parts(parts))]
    }

    /// Writes a tool's arguments or result; the conventions want an object, so anything else is named.
    fn object(&mut self, key: &'static str, name: &str, value: &Value) -> Contents {
        let object = match value {
            Value::Null => return Contents::new(),
            Value::Map(_) => self.value(None, value),
            other => Value::Map(vec![(name.to_owned(), self.value(None, other))]),
        };
        vec![(key, self.fitted(object))]
    }

    fn query(&mut self, key: &'static str, text: Option<&str>) -> Contents {
        text.map(|text| (key, Redacted(self.text(text))))
            .into_iter()
            .collect()
    }

    fn documents(&mut self, record: &Retrieval) -> Contents {
        if record.documents.is_empty() {
            return Contents::new();
        }
        let mut list = Vec::with_capacity(record.documents.len());
        for document in &record.documents {
            let mut members = Vec::new();
            members.extend(
                document
                    .id
                    .as_deref()
                    .map(|id| ("id".to_owned(), self.text(id))),
            );
            members.extend(
                document
                    .score
                    .map(|score| ("score".to_owned(), Value::Double(score))),
            );
            members.extend(
                document
                    .members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.value(Some(name), value))),
            );
            list.push(Value::Map(members));
        }
        vec![(
            key::GEN_AI_RETRIEVAL_DOCUMENTS,
            self.fitted(Value::Array(list)),
        )]
    }

    fn records(&mut self, record: &MemoryOperation) -> Contents {
        if record.records.is_empty() {
            return Contents::new();
        }
        let mut list = Vec::with_capacity(record.records.len());
        for record in &record.records {
            let mut members = vec![("content".to_owned(), self.value(None, &record.content))];
            members.extend(
                record
                    .id
                    .as_deref()
                    .map(|id| ("id".to_owned(), self.text(id))),
            );
            members.extend(
                record
                    .score
                    .map(|score| ("score".to_owned(), Value::Double(score))),
            );
            if !record.metadata.is_null() {
                members.push(("metadata".to_owned(), self.value(None, &record.metadata)));
            }
            list.push(Value::Map(members));
        }
        vec![(key::GEN_AI_MEMORY_RECORDS, self.fitted(Value::Array(list)))]
    }

    /// Writes one text: without secrets, and within the cap.
    fn text(&mut self, text: &str) -> Value {
        self.capped(self.rendering.redactor().redact(text))
    }

    /// Writes one of the conventions' own words, or a text that has no secrets any more, within the cap.
    fn capped(&mut self, clean: Cow<'_, str>) -> Value {
        let short = Shortened::of(clean, self.max_text_bytes);
        self.left_out += short.left_out();
        Value::String(short.into_text().into_owned())
    }

    /// Writes any value: its texts without secrets, and within the cap.
    fn value(&mut self, name: Option<&str>, value: &Value) -> Value {
        match value {
            Value::String(text) => self.member_text(name, text),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.value(name, item)).collect())
            }
            Value::Map(members) => Value::Map(self.members(members)),
            other => other.clone(),
        }
    }

    fn members(&mut self, members: &[(String, Value)]) -> Vec<(String, Value)> {
        let has_binary = self.rendering.has_binary();
        let mut written = Vec::with_capacity(members.len());
        for (name, value) in members {
            let binary = match value {
                Value::String(text) if !has_binary => {
                    binary::instead_of_member(name, text, members)
                }
                _ => None,
            };
            let value = binary.map_or_else(|| self.value(Some(name), value), Value::String);
            written.push((self.rendering.redactor().redact(name).into_owned(), value));
        }
        written
    }

    /// Writes a text that stands under a name, which may tell that it is a secret.
    fn member_text(&mut self, name: Option<&str>, text: &str) -> Value {
        if !self.rendering.has_binary()
            && let Some(address) = binary::instead_of_address(text)
        {
            return Value::String(address);
        }
        match name {
            Some(name) => self.capped(self.rendering.redactor().redact_value(name, text)),
            None => self.text(text),
        }
    }

    /// Holds a content attribute within its cap.
    fn fitted(&mut self, value: Value) -> Redacted {
        let (value, left_out) = fit::fit(
            value,
            self.rendering.max_content_bytes(),
            self.max_text_bytes,
        );
        self.left_out += left_out;
        Redacted(value)
    }
}
