//! The run of a tool.

use super::{Common, McpOperation, operation};
use crate::{ToolType, Value};

/// Records one run of a tool that a model asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolExecution {
    /// The tool's name; it names the span.
    pub name: String,
    /// Where the tool runs.
    pub tool_type: Option<ToolType>,
    /// The provider's id of the call.
    pub call_id: Option<String>,
    /// What the tool does, in the application's words.
    pub description: Option<String>,
    /// The agent that runs the tool.
    pub agent_name: Option<String>,
    /// The arguments, an object where the tool takes one; content.
    pub arguments: Value,
    /// The result; content.
    pub result: Value,
    /// The MCP request by which it ran, where instrumentation further in saw one.
    pub mcp: Option<Box<McpOperation>>,
    /// Facts that every operation may have.
    pub common: Common,
}

impl ToolExecution {
    /// Begins the record of a run of the named tool.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

operation!(ToolExecution, ToolExecution, |tool| ToolExecution {
    name: tool.name.clone(),
    tool_type: tool.tool_type.clone(),
    call_id: tool.call_id.clone(),
    agent_name: tool.agent_name.clone(),
    ..ToolExecution::default()
});
