//! Tools that a model may ask for.

use crate::Value;

/// Describes a tool that a request offers to the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolDefinition {
    /// The kind of tool, `function` for those that the application runs.
    pub kind: String,
    /// The tool's name; a tool without one is named by its kind.
    pub name: String,
    /// What the tool does, in the application's words.
    pub description: Option<String>,
    /// The JSON schema of its arguments.
    pub parameters: Option<Value>,
}

impl ToolDefinition {
    /// Estimates the bytes this definition holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + self.name.len()
            + self.description.as_ref().map_or(0, String::len)
            + self.parameters.as_ref().map_or(0, Value::weight)
    }
}

/// Names where a tool runs, as `gen_ai.tool.type` does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolType {
    /// Runs in the application.
    Function,
    /// Runs at the agent's or provider's side and reaches outside.
    Extension,
    /// Reads data for the model.
    Datastore,
    /// A word of the framework's own.
    Other(String),
}

impl ToolType {
    /// Gives the conventions' word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Function => "function",
            Self::Extension => "extension",
            Self::Datastore => "datastore",
            Self::Other(word) => word,
        }
    }
}
