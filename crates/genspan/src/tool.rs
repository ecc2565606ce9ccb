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

/// Tools that are not run by the application: agents' own that reach out, and those that providers run.
const KNOWN: [(&str, ToolType); 14] = [
    ("ListMcpResources", ToolType::Extension),
    ("ReadMcpResource", ToolType::Extension),
    ("WebFetch", ToolType::Extension),
    ("WebSearch", ToolType::Extension),
    ("advisor", ToolType::Extension),
    ("bash_code_execution", ToolType::Extension),
    ("code_execution", ToolType::Extension),
    ("code_interpreter", ToolType::Extension),
    ("image_generation", ToolType::Extension),
    ("text_editor_code_execution", ToolType::Extension),
    ("web_fetch", ToolType::Extension),
    ("web_search", ToolType::Extension),
    ("file_search", ToolType::Datastore),
    ("tool_search", ToolType::Datastore),
];

impl ToolType {
    /// Tells the type of a tool that coding agents and providers bring along by its name; others are functions.
    ///
    /// Tools of MCP servers, `mcp__{server}__{tool}` there, are extensions.
    #[must_use]
    pub fn of_known(name: &str) -> Self {
        if name.starts_with("mcp__") {
            return Self::Extension;
        }
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        known.map_or(Self::Function, |(_, kind)| kind.clone())
    }

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
