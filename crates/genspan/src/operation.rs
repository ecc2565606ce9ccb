//! One record for each operation that the conventions know.

mod agent;
mod embeddings;
mod evaluation;
mod fetch_response;
mod fill;
mod inference;
mod mcp;
mod memory;
mod outline;
mod plan;
mod request;
mod retrieval;
mod step;
mod tool;
mod turn;
mod workflow;

pub use agent::{AgentCreation, AgentInvocation, AgentSite};
pub use embeddings::Embeddings;
pub use evaluation::Evaluation;
pub use fetch_response::{ResponseFetch, ResponseStatus};
pub use inference::{ApiType, Inference, InferenceKind, Response, StreamTiming};
pub use mcp::{McpConnection, McpOperation, McpSession, McpSide, McpTarget, NetworkTransport};
pub use memory::{MemoryKind, MemoryOperation, MemoryRecord};
pub use outline::Outline;
pub(crate) use outline::View;
pub use plan::Plan;
pub use request::{OutputType, Request};
pub use retrieval::{Retrieval, RetrievedDocument};
pub use step::Step;
pub use tool::ToolExecution;
pub use turn::Turn;
pub use workflow::WorkflowInvocation;

use std::fmt;

use crate::{
    Diagnostic, ErrorType, Link, Timestamp, Value,
    semconv::{attribute, event},
};

/// Is implemented by the records of all operations, so that one guard serves them all.
pub trait Operation: Send + 'static {
    /// Gives what is known at birth: enough to name the span, decide on sampling and label metrics.
    ///
    /// It stands for the operation where the operation itself never comes back, as at a shutdown.
    fn outline(&self) -> Outline;

    /// Gives the record as one of all.
    fn into_record(self: Box<Self>) -> Record;

    /// Gives the facts that every operation may have.
    fn common(&self) -> &Common;

    /// Notes that the answer comes as a stream.
    fn will_stream(&mut self) {}

    /// Notes the moment at which a chunk of the answer came.
    fn note_chunk(&mut self, _at: Timestamp) {}

    /// Tells whether the record knows why the answer ended, so that nothing of it is missing.
    fn is_answered(&self) -> bool {
        false
    }
}

/// Holds what happened in one operation, whichever it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Record {
    /// A model's answer to a request.
    Inference(Box<Inference>),
    /// Embeddings of texts.
    Embeddings(Box<Embeddings>),
    /// A search in a data source.
    Retrieval(Box<Retrieval>),
    /// The run of a tool.
    ToolExecution(Box<ToolExecution>),
    /// The creation of a remote agent.
    AgentCreation(Box<AgentCreation>),
    /// The run of an agent.
    AgentInvocation(Box<AgentInvocation>),
    /// The run of a workflow.
    WorkflowInvocation(Box<WorkflowInvocation>),
    /// An agent's making of a plan.
    Plan(Box<Plan>),
    /// One turn of an agent's loop.
    Turn(Box<Turn>),
    /// Work on a memory store.
    Memory(Box<MemoryOperation>),
    /// The reading of a stored response.
    ResponseFetch(Box<ResponseFetch>),
    /// A stretch of an agent's run that the conventions have no operation for.
    Step(Box<Step>),
    /// A request or notification of the Model Context Protocol.
    Mcp(Box<McpOperation>),
    /// A session of that protocol, which is measured and has no span.
    McpSession(Box<McpSession>),
}

impl Record {
    /// Tells whether the operation is a span; a session is only measured.
    pub(crate) const fn has_span(&self) -> bool {
        !matches!(self, Self::McpSession(_))
    }

    /// Gives a copy without content of what is measured by itself, also where another operation's span tells of it.
    pub(crate) fn measured_apart(&self) -> Option<Self> {
        match self {
            Self::Mcp(record) => Some(Self::Mcp(Box::new(record.without_content()))),
            _ => None,
        }
    }

    /// Gives the facts that every operation may have.
    #[must_use]
    pub const fn common(&self) -> &Common {
        match self {
            Self::Inference(record) => &record.common,
            Self::Embeddings(record) => &record.common,
            Self::Retrieval(record) => &record.common,
            Self::ToolExecution(record) => &record.common,
            Self::AgentCreation(record) => &record.common,
            Self::AgentInvocation(record) => &record.common,
            Self::WorkflowInvocation(record) => &record.common,
            Self::Plan(record) => &record.common,
            Self::Turn(record) => &record.common,
            Self::Memory(record) => &record.common,
            Self::ResponseFetch(record) => &record.common,
            Self::Step(record) => &record.common,
            Self::Mcp(record) => &record.common,
            Self::McpSession(record) => &record.common,
        }
    }

    /// Gives the facts that every operation may have, to be added to.
    #[must_use]
    pub const fn common_mut(&mut self) -> &mut Common {
        match self {
            Self::Inference(record) => &mut record.common,
            Self::Embeddings(record) => &mut record.common,
            Self::Retrieval(record) => &mut record.common,
            Self::ToolExecution(record) => &mut record.common,
            Self::AgentCreation(record) => &mut record.common,
            Self::AgentInvocation(record) => &mut record.common,
            Self::WorkflowInvocation(record) => &mut record.common,
            Self::Plan(record) => &mut record.common,
            Self::Turn(record) => &mut record.common,
            Self::Memory(record) => &mut record.common,
            Self::ResponseFetch(record) => &mut record.common,
            Self::Step(record) => &mut record.common,
            Self::Mcp(record) => &mut record.common,
            Self::McpSession(record) => &mut record.common,
        }
    }

    /// Estimates the bytes of content this record holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Inference(record) => record.weight(),
            Self::Embeddings(_)
            | Self::Plan(_)
            | Self::Step(_)
            | Self::Turn(_)
            | Self::McpSession(_) => 0,
            Self::Retrieval(record) => record.weight(),
            Self::ToolExecution(record) => record.arguments.weight() + record.result.weight(),
            Self::Mcp(record) => record.arguments.weight() + record.result.weight(),
            Self::AgentCreation(record) => record
                .system_instructions
                .iter()
                .map(crate::Part::weight)
                .sum(),
            Self::AgentInvocation(record) => record.content.weight(),
            Self::WorkflowInvocation(record) => record.content.weight(),
            Self::Memory(record) => record.weight(),
            Self::ResponseFetch(record) => record.content.weight(),
        }
    }

    /// Takes the content out of the record and leaves the facts; tells in the record that it was done.
    pub fn drop_content(&mut self) {
        match self {
            Self::Inference(record) => record.content = Content::default(),
            Self::Embeddings(_)
            | Self::Plan(_)
            | Self::Step(_)
            | Self::Turn(_)
            | Self::McpSession(_) => {}
            Self::Retrieval(record) => {
                record.query = None;
                record.documents.clear();
            }
            Self::ToolExecution(record) => {
                record.arguments = Value::Null;
                record.result = Value::Null;
            }
            Self::Mcp(record) => {
                record.arguments = Value::Null;
                record.result = Value::Null;
            }
            Self::AgentCreation(record) => record.system_instructions.clear(),
            Self::AgentInvocation(record) => record.content = Content::default(),
            Self::WorkflowInvocation(record) => record.content = Content::default(),
            Self::Memory(record) => {
                record.query = None;
                record.records.clear();
            }
            Self::ResponseFetch(record) => record.content = Content::default(),
        }
        self.common_mut()
            .diagnostics
            .push(Diagnostic::ContentDropped);
    }
}

/// Holds facts that every operation may have.
#[derive(Clone, Default, PartialEq)]
pub struct Common {
    /// The conversation's id, where the library or the application states one; never made up.
    pub conversation_id: Option<String>,
    /// Attributes of the application's own, for spans and events; never for metrics.
    pub attributes: Vec<(String, Value)>,
    /// Things that happened during the operation and stand as events on its span.
    pub events: Vec<SpanEvent>,
    /// Other spans it turned out to have to do with, such as the attempt that it replays.
    pub links: Vec<Link>,
    /// Oddities that were met.
    pub diagnostics: Vec<Diagnostic>,
    /// Set where nobody saw the operation itself, and it was concluded from what others say: how its times are meant.
    ///
    /// The span says so, and nothing is measured of it, since measurements could not say so.
    pub inferred: Option<TimeBounds>,
}

/// Tells how a span's times relate to the true ones of an operation that was inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBounds {
    /// It took place within the span's times.
    Outer,
    /// It began no later and ended no earlier than the span.
    Inner,
}

impl TimeBounds {
    /// Gives the word for `genspan.time.bounds`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Inner => "inner",
        }
    }
}

impl fmt::Debug for Common {
    /// Shows what is seldom there only where it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Common");
        shown
            .field("conversation_id", &self.conversation_id)
            .field("attributes", &self.attributes)
            .field("events", &self.events);
        if !self.links.is_empty() {
            shown.field("links", &self.links);
        }
        shown.field("diagnostics", &self.diagnostics);
        if self.inferred.is_some() {
            shown.field("inferred", &self.inferred);
        }
        shown.finish()
    }
}

impl Common {
    /// Sets an attribute of the application's own; the last word on a key stands.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.attributes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((key, value)),
        }
    }
}

/// Holds something that happened at one moment of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanEvent {
    /// The event's name; low cardinality.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// Its attributes; none of them may be content.
    pub attributes: Vec<(String, Value)>,
}

impl SpanEvent {
    /// Tells that an attempt of a call failed; attempts are numbered from 1.
    #[must_use]
    pub fn attempt(
        number: u32,
        status: Option<u16>,
        error_type: &ErrorType,
        at: Timestamp,
    ) -> Self {
        let mut attributes = vec![(
            attribute::GENSPAN_ATTEMPT_NUMBER.to_owned(),
            Value::Int(number.into()),
        )];
        if let Some(status) = status {
            let status = Value::Int(status.into());
            attributes.push((attribute::GENSPAN_ATTEMPT_STATUS.to_owned(), status));
        }
        let error = Value::from(error_type.as_str());
        attributes.push((attribute::ERROR_TYPE.to_owned(), error));
        Self {
            name: event::GENSPAN_ATTEMPT.to_owned(),
            at,
            attributes,
        }
    }
}

/// Holds what was said in an operation; it reaches telemetry only as far as [`Capture`](crate::Capture) allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// Instructions that were given apart from the conversation.
    pub system_instructions: Vec<crate::Part>,
    /// What was sent, in order.
    pub input: Vec<crate::Message>,
    /// What came back, one message for each choice.
    pub output: Vec<crate::Message>,
    /// The tools that were offered.
    pub tools: Vec<crate::ToolDefinition>,
}

impl Content {
    /// Estimates the bytes this content holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        let messages = self
            .input
            .iter()
            .chain(&self.output)
            .map(crate::Message::weight)
            .sum::<usize>();
        let instructions = self
            .system_instructions
            .iter()
            .map(crate::Part::weight)
            .sum::<usize>();
        messages
            + instructions
            + self
                .tools
                .iter()
                .map(crate::ToolDefinition::weight)
                .sum::<usize>()
    }
}

/// Writes the two conversions of a record that every operation needs.
macro_rules! operation {
    ($operation:ident, $variant:ident, $outline:expr) => {
        impl $crate::Operation for $operation {
            fn outline(&self) -> $crate::Outline {
                let outline: fn(&Self) -> Self = $outline;
                $crate::Record::$variant(Box::new(outline(self))).into()
            }

            fn into_record(self: Box<Self>) -> $crate::Record {
                $crate::Record::$variant(self)
            }

            fn common(&self) -> &$crate::Common {
                &self.common
            }
        }
    };
}
pub(crate) use operation;
