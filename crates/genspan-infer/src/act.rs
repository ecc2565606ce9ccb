//! What the engine concludes, to be recorded in this order.

use std::borrow::Cow;

use genspan::{Provider, SpanContext, SpanId, Timestamp, Value};

/// Says what is to be recorded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Act {
    /// There is an agent; its span is still open.
    Begin(AgentBegin),
    /// A call that waited is to be recorded: under the agent whose span this is, or by itself.
    Place {
        /// The call's span.
        call: SpanId,
        /// The agent's span.
        within: Option<SpanId>,
    },
    /// A tool has run for an agent.
    Tool(Box<ToolRun>),
    /// An agent has ended.
    End(Box<AgentEnd>),
}

/// Holds what is known of an agent at its beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentBegin {
    /// Where its span stands.
    pub context: SpanContext,
    /// The tool or agent that it works for.
    pub parent: Option<SpanContext>,
    /// When its first call began.
    pub started: Timestamp,
    /// Calls of its own that were recorded before it was known.
    pub links: Vec<SpanContext>,
    /// Its name, where it says it, or who asked for it does.
    pub name: Option<Cow<'static, str>>,
    /// Who runs its model.
    pub provider: Provider,
}

/// Holds the run of a tool between the answer that asked for it and the request with its result.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolRun {
    /// The agent's span.
    pub agent: SpanId,
    /// The span of the call that asked for it.
    pub asked_by: SpanContext,
    /// Where its span stands.
    pub context: SpanContext,
    /// When the answer that asked for it was complete.
    pub started: Timestamp,
    /// When the request with its result began.
    pub ended: Timestamp,
    /// The provider's id of the call.
    pub call_id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments, as far as they were remembered; content.
    pub arguments: Value,
    /// How it ended.
    pub result: ToolResult,
}

/// Tells how a tool ended, as far as its result says.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolResult {
    /// It came back with this; content.
    Returned(Value),
    /// It failed, and said this; content.
    Failed(Value),
    /// Nobody sent a result, and others ran within it.
    Unknown,
}

/// Holds what is known of an agent at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentEnd {
    /// Its span.
    pub agent: SpanId,
    /// When its last call, tool or sub-agent ended.
    pub at: Timestamp,
    /// Its name, where it says it, or who asked for it does.
    pub name: Option<Cow<'static, str>>,
    /// Who runs its model.
    pub provider: Provider,
    /// The model, where all its calls asked for the same.
    pub model: Option<String>,
    /// The conversation's id, where the provider or the program states one.
    pub conversation_id: Option<String>,
}
