//! The pure function from a record to its signals.

mod agent;
mod attributes;
mod client;
mod content;
mod cost;
mod details;
mod evaluation;
mod exception;
mod inference;
mod legacy;
mod mcp;
mod measure;
mod measuring;
mod request;
mod start;
mod tool;
mod usage;

use attributes::Attributes;
use content::ContentWriter;
pub(crate) use content::redact;
pub(crate) use evaluation::evaluation;
pub use measuring::{Measure, Measuring};
pub(crate) use start::{span_name, start_attributes};

use crate::{
    AgentSite, Conventions, Diagnostic, Event, InferenceKind, Link, McpSide, Measured, MemoryKind,
    Outcome, Record, Rendering, Severity, Signals, SpanKind, Timestamp, Value,
    operation::View,
    semconv::{attribute as key, spec, value::operation_name as operation},
    signals::Attribute,
};

/// Names the span of a turn, which is no operation of the conventions.
const TURN: &str = "turn";

/// Holds when and how an operation ran.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How it ended.
    pub outcome: &'a Outcome,
}

/// Holds what every renderer of an operation needs.
struct Context<'a> {
    record: &'a Record,
    span: &'a Span<'a>,
    rendering: &'a Rendering,
    /// The version that knows the operation: the rendering's own, or the oldest that does.
    version: Conventions,
}

/// Renders an operation that ended.
///
/// It is pure: the same record, span and rendering give the same signals. An operation that the
/// rendering's version does not know is rendered by the oldest version that does.
#[must_use]
pub fn signals(record: &Record, span: &Span<'_>, rendering: &Rendering) -> Signals {
    let hooked = content::after_hook(record, rendering);
    let record = hooked.as_ref().unwrap_or(record);
    let view = View::of(record);
    let version = home_version(view, rendering);
    let context = Context {
        record,
        span,
        rendering,
        version,
    };
    let mut content = ContentWriter::new(rendering);
    let mut attributes = Attributes::new(rendering.redactor());
    write_attributes(&context, &mut attributes);
    let sampled = start_attributes(view, rendering);
    let sampled: Vec<Attribute> = sampled.into_iter().map(Attribute::from).collect();
    let details = details::write(&context, &sampled, &attributes, &mut content);
    let exception = exception::write(&context, &content);
    content.write_span(&context, &mut attributes);
    let told = legacy::messages(&context, &sampled, &mut content);
    attributes.count_nonzero(key::GENSPAN_CONTENT_TRUNCATED, content.left_out());
    let mut attributes = attributes.into_list();
    if !record.common().attributes.is_empty() {
        // An attribute of the application's own must not repeat what was set at the start.
        attributes.retain(|attribute| sampled.iter().all(|start| start.key != attribute.key));
    }
    Signals {
        conventions: version,
        name: span_name(view, rendering),
        kind: span_kind(view),
        sampled,
        attributes,
        is_error: span.outcome.error_type().is_some(),
        status_message: content.status_message(span.outcome),
        span_events: [told.said_to, span_events(record, &content), told.said_by].concat(),
        links: links(record, &content),
        events: details
            .into_iter()
            .chain(told.logs)
            .chain(exception)
            .collect(),
        measurements: measuring::measurements(&context),
    }
}

/// Measures an operation that has no span of its own, or is told by that of another.
pub(crate) fn measured(record: &Record, span: &Span<'_>, rendering: &Rendering) -> Measured {
    let version = home_version(View::of(record), rendering);
    let context = Context {
        record,
        span,
        rendering,
        version,
    };
    Measured {
        conventions: version,
        measurements: measuring::measurements(&context),
    }
}

/// Gives the version that knows the operation: the rendering's own, or the oldest that does.
fn home_version(view: View<'_>, rendering: &Rendering) -> Conventions {
    let asked = rendering.conventions();
    match view {
        View::Other(Record::Mcp(_) | Record::McpSession(_)) => spec::message_version(asked),
        _ => spec::home_version(asked, operation_name(view)),
    }
}

/// Writes everything that is not content and was not there at the start.
fn write_attributes(context: &Context<'_>, attributes: &mut Attributes<'_>) {
    match context.record {
        Record::Inference(record) => inference::write(record, context, attributes),
        Record::Embeddings(record) => client::write_embeddings(record, context.version, attributes),
        Record::Retrieval(record) => client::write_retrieval(record, context.version, attributes),
        Record::ToolExecution(record) => tool::write(record, context.version, attributes),
        Record::AgentCreation(record) => agent::write_creation(record, attributes),
        Record::AgentInvocation(record) => {
            agent::write_invocation(record, context.version, attributes)
        }
        Record::WorkflowInvocation(record) => agent::write_workflow(record, attributes),
        Record::Mcp(record) => mcp::write(record, attributes),
        Record::Plan(_) | Record::Step(_) | Record::Turn(_) | Record::McpSession(_) => {}
        Record::Memory(record) => client::write_memory(record, attributes),
        Record::ResponseFetch(record) => client::write_fetch(record, attributes),
    }
    if let Some(error_type) = context.span.outcome.error_type() {
        attributes.text(key::ERROR_TYPE, error_type.as_str());
    }
    let common = context.record.common();
    if knows_conversation(context.record, context.version) {
        attributes.text_if(
            key::GEN_AI_CONVERSATION_ID,
            common.conversation_id.as_deref(),
        );
    }
    if let Some(bounds) = common.inferred {
        attributes.flag(key::GENSPAN_INFERRED, true);
        attributes.word(key::GENSPAN_TIME_BOUNDS, bounds.as_str());
    }
    let diagnostics = common.diagnostics.iter().map(Diagnostic::as_str);
    attributes.texts(key::GENSPAN_DIAGNOSTICS, diagnostics);
    for (name, value) in &common.attributes {
        attributes.custom(name, value);
    }
}

/// Tells whether the version has a place for a conversation's id on this operation.
fn knows_conversation(record: &Record, version: Conventions) -> bool {
    match record {
        Record::Inference(_) | Record::AgentInvocation(_) => true,
        Record::ToolExecution(_) | Record::WorkflowInvocation(_) => version >= Conventions::Main,
        _ => false,
    }
}

/// Stands for the word of what the conventions have no operation for; no version has an operation of this name.
const NO_OPERATION: &str = "";

/// Gives the word of `gen_ai.operation.name`.
fn operation_name(view: View<'_>) -> &'static str {
    match view {
        View::Inference { kind, .. } => inference_name(kind),
        View::Other(record) => match record {
            Record::Inference(record) => inference_name(record.kind),
            Record::Embeddings(_) => operation::EMBEDDINGS,
            Record::Retrieval(_) => operation::RETRIEVAL,
            Record::ToolExecution(_) => operation::EXECUTE_TOOL,
            Record::AgentCreation(_) => operation::CREATE_AGENT,
            Record::AgentInvocation(_) => operation::INVOKE_AGENT,
            Record::WorkflowInvocation(_) => operation::INVOKE_WORKFLOW,
            Record::Plan(_) => operation::PLAN,
            Record::Turn(_) => TURN,
            Record::Memory(record) => memory_name(record.kind),
            Record::ResponseFetch(_) => operation::FETCH_RESPONSE,
            Record::Mcp(record) if record.is_tool_call() => operation::EXECUTE_TOOL,
            Record::Step(_) | Record::Mcp(_) | Record::McpSession(_) => NO_OPERATION,
        },
    }
}

const fn inference_name(kind: InferenceKind) -> &'static str {
    match kind {
        InferenceKind::Chat => operation::CHAT,
        InferenceKind::TextCompletion => operation::TEXT_COMPLETION,
        InferenceKind::GenerateContent => operation::GENERATE_CONTENT,
    }
}

const fn memory_name(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::CreateStore => operation::CREATE_MEMORY_STORE,
        MemoryKind::DeleteStore => operation::DELETE_MEMORY_STORE,
        MemoryKind::Search => operation::SEARCH_MEMORY,
        MemoryKind::Create => operation::CREATE_MEMORY,
        MemoryKind::Update => operation::UPDATE_MEMORY,
        MemoryKind::Upsert => operation::UPSERT_MEMORY,
        MemoryKind::Delete => operation::DELETE_MEMORY,
    }
}

/// Gives the kind of an operation's span.
pub(crate) const fn span_kind(view: View<'_>) -> SpanKind {
    match view {
        View::Other(
            Record::ToolExecution(_)
            | Record::WorkflowInvocation(_)
            | Record::Plan(_)
            | Record::Step(_)
            | Record::Turn(_),
        ) => SpanKind::Internal,
        View::Other(Record::AgentInvocation(record)) => match record.site {
            AgentSite::InProcess { .. } => SpanKind::Internal,
            AgentSite::Remote { .. } => SpanKind::Client,
        },
        View::Other(Record::Mcp(record)) => match record.side {
            McpSide::Client => SpanKind::Client,
            McpSide::Server => SpanKind::Server,
        },
        _ => SpanKind::Client,
    }
}

/// Writes what happened on the way; none of it is content, and it is redacted all the same.
fn span_events(record: &Record, content: &ContentWriter<'_>) -> Vec<Event> {
    let events = record.common().events.iter();
    events
        .map(|event| Event {
            name: event.name.clone().into(),
            at: event.at,
            severity: Severity::Info,
            attributes: event
                .attributes
                .iter()
                .map(|(name, value)| Attribute {
                    key: name.clone().into(),
                    value: content.redacted_member(name, value).into_value(),
                })
                .collect(),
            body: None,
        })
        .collect()
}

/// Writes what the operation has to do with, redacted as all else.
fn links(record: &Record, content: &ContentWriter<'_>) -> Vec<Link> {
    let links = record.common().links.iter();
    let redacted = |(name, value): &(String, Value)| {
        let value = content.redacted_member(name, value).into_value();
        (name.clone(), value)
    };
    links
        .map(|link| Link {
            to: link.to.clone(),
            attributes: link.attributes.iter().map(redacted).collect(),
        })
        .collect()
}

/// Makes a number of tokens or the like a value.
fn count(number: u64) -> Value {
    Value::from(number)
}
