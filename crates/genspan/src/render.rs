//! The pure function from a record to its signals.

mod agent;
mod attributes;
mod client;
mod content;
mod details;
mod evaluation;
mod exception;
mod inference;
mod measure;
mod request;
mod tool;

use attributes::Attributes;
use content::ContentWriter;
pub(crate) use evaluation::evaluation;

use crate::{
    AgentSite, Conventions, Event, InferenceKind, MemoryKind, Outcome, Record, Rendering, Severity,
    Signals, SpanKind, Timestamp, Value,
    semconv::{attribute as key, spec, value::operation_name as operation},
    signals::Attribute,
};

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
    let version = spec::home_version(rendering.conventions(), operation_name(record));
    let context = Context {
        record,
        span,
        rendering,
        version,
    };
    let mut content = ContentWriter::new(rendering);
    let mut attributes = Attributes::new(rendering.redactor());
    write_attributes(&context, &mut attributes);
    let details = details::write(&context, &attributes, &mut content);
    let exception = exception::write(&context, &content);
    content.write_span(&context, &mut attributes);
    attributes.count_nonzero(key::GENSPAN_CONTENT_TRUNCATED, content.left_out());
    let sampled = start_attributes(record, rendering);
    let mut attributes = attributes.into_list();
    // An attribute of the application's own must not repeat what was set at the start.
    attributes.retain(|attribute| sampled.iter().all(|start| start.key != attribute.key));
    Signals {
        conventions: version,
        name: span_name(record, rendering),
        kind: span_kind(record),
        sampled,
        attributes,
        is_error: span.outcome.error_type().is_some(),
        status_message: content.status_message(span.outcome),
        span_events: span_events(record, &content),
        events: details.into_iter().chain(exception).collect(),
        measurements: measure::measurements(&context),
    }
}

/// Writes everything that is not content and was not there at the start.
fn write_attributes(context: &Context<'_>, attributes: &mut Attributes<'_>) {
    match context.record {
        Record::Inference(record) => inference::write(record, context, attributes),
        Record::Embeddings(record) => client::write_embeddings(record, attributes),
        Record::Retrieval(record) => client::write_retrieval(record, context.version, attributes),
        Record::ToolExecution(record) => tool::write(record, attributes),
        Record::AgentCreation(record) => agent::write_creation(record, attributes),
        Record::AgentInvocation(record) => {
            agent::write_invocation(record, context.version, attributes)
        }
        Record::WorkflowInvocation(record) => agent::write_workflow(record, attributes),
        Record::Plan(_) => {}
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
    let diagnostics = common
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.as_str().to_owned());
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

/// Gives the word of `gen_ai.operation.name`.
fn operation_name(record: &Record) -> &'static str {
    match record {
        Record::Inference(record) => match record.kind {
            InferenceKind::Chat => operation::CHAT,
            InferenceKind::TextCompletion => operation::TEXT_COMPLETION,
            InferenceKind::GenerateContent => operation::GENERATE_CONTENT,
        },
        Record::Embeddings(_) => operation::EMBEDDINGS,
        Record::Retrieval(_) => operation::RETRIEVAL,
        Record::ToolExecution(_) => operation::EXECUTE_TOOL,
        Record::AgentCreation(_) => operation::CREATE_AGENT,
        Record::AgentInvocation(_) => operation::INVOKE_AGENT,
        Record::WorkflowInvocation(_) => operation::INVOKE_WORKFLOW,
        Record::Plan(_) => operation::PLAN,
        Record::Memory(record) => match record.kind {
            MemoryKind::CreateStore => operation::CREATE_MEMORY_STORE,
            MemoryKind::DeleteStore => operation::DELETE_MEMORY_STORE,
            MemoryKind::Search => operation::SEARCH_MEMORY,
            MemoryKind::Create => operation::CREATE_MEMORY,
            MemoryKind::Update => operation::UPDATE_MEMORY,
            MemoryKind::Upsert => operation::UPSERT_MEMORY,
            MemoryKind::Delete => operation::DELETE_MEMORY,
        },
        Record::ResponseFetch(_) => operation::FETCH_RESPONSE,
    }
}

/// Gives the kind of an operation's span.
pub(crate) const fn span_kind(record: &Record) -> SpanKind {
    match record {
        Record::ToolExecution(_) | Record::WorkflowInvocation(_) | Record::Plan(_) => {
            SpanKind::Internal
        }
        Record::AgentInvocation(record) => match record.site {
            AgentSite::InProcess { .. } => SpanKind::Internal,
            AgentSite::Remote { .. } => SpanKind::Client,
        },
        _ => SpanKind::Client,
    }
}

/// Gives the name of an operation's span: the operation and what it is done to.
pub(crate) fn span_name(record: &Record, rendering: &Rendering) -> String {
    let target = match record {
        Record::Inference(record) => record.request.model.as_deref(),
        Record::Embeddings(record) => record.model.as_deref(),
        Record::Retrieval(record) => record.data_source_id.as_deref(),
        Record::ToolExecution(record) => Some(record.name.as_str()),
        Record::AgentCreation(record) => record.name.as_deref(),
        Record::AgentInvocation(record) => record.name.as_deref(),
        Record::WorkflowInvocation(record) => record.name.as_deref(),
        Record::Plan(record) => record.agent_name.as_deref(),
        Record::Memory(_) | Record::ResponseFetch(_) => None,
    };
    let operation = operation_name(record);
    match target {
        Some(target) if !target.is_empty() => {
            format!("{operation} {}", rendering.redactor().redact(target))
        }
        _ => operation.to_owned(),
    }
}

/// Writes what a sampler should see when the span starts.
pub(crate) fn start_attributes(record: &Record, rendering: &Rendering) -> Vec<Attribute> {
    let version = spec::home_version(rendering.conventions(), operation_name(record));
    let mut attributes = Attributes::new(rendering.redactor());
    attributes.word(key::GEN_AI_OPERATION_NAME, operation_name(record));
    match record {
        Record::Inference(record) => {
            attributes.provider(version, &record.provider);
            attributes.text_if(key::GEN_AI_REQUEST_MODEL, record.request.model.as_deref());
            attributes.server(record.server.as_ref());
        }
        Record::Embeddings(record) => {
            attributes.provider(version, &record.provider);
            attributes.text_if(key::GEN_AI_REQUEST_MODEL, record.model.as_deref());
            attributes.server(record.server.as_ref());
        }
        Record::ToolExecution(record) => tool::write_start(record, version, &mut attributes),
        Record::AgentCreation(record) => {
            agent::write_creation_start(record, version, &mut attributes)
        }
        Record::AgentInvocation(record) => {
            agent::write_invocation_start(record, version, &mut attributes)
        }
        Record::Plan(record) => {
            attributes.text_if(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref())
        }
        Record::ResponseFetch(record) => {
            attributes.provider(version, &record.provider);
            attributes.server(record.server.as_ref());
        }
        Record::Retrieval(_) | Record::Memory(_) | Record::WorkflowInvocation(_) => {}
    }
    attributes.into_list()
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
        })
        .collect()
}

/// Makes a number of tokens or the like a value.
fn count(number: u64) -> Value {
    Value::from(number)
}
