//! What an application may say about the recording of a run.

use std::{collections::BTreeMap, fmt, sync::Arc};

use genspan::{Identity, Parent, Provider, ToolType};

/// Says how runs are recorded.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The agent's name.
    pub agent_name: String,
    /// The model, where the messages do not tell; `unknown` where nobody does.
    pub model: Option<String>,
    /// Who runs the model.
    pub provider: Provider,
    /// Whether prompts, arguments and results of tools may be recorded, where content is recorded at all.
    pub records_inputs: bool,
    /// Whether answers may be recorded, where content is recorded at all.
    pub records_outputs: bool,
    /// Types of tools by their names, which go before what is known of them ([`ToolType::of_known`]).
    pub tool_types: BTreeMap<String, ToolType>,
    /// What the runs happen within.
    pub parent: Parent,
    /// Derives the ids of spans from names that are equal for equal input; imports need it.
    pub identify: Option<Identify>,
}

/// Derives a span's ids from its name, which is unique within a run's conversation.
pub type Identify = Arc<dyn Fn(&str) -> Identity + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self {
            agent_name: "claude-code".to_owned(),
            model: None,
            provider: Provider::ANTHROPIC,
            records_inputs: true,
            records_outputs: true,
            tool_types: BTreeMap::new(),
            parent: Parent::Current,
            identify: None,
        }
    }
}

impl Options {
    /// Names the agent.
    #[must_use]
    pub fn with_agent_name(mut self, name: impl Into<String>) -> Self {
        self.agent_name = name.into();
        self
    }

    /// Says which model was asked for, for as long as the messages do not.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Names who runs the model, such as Bedrock or Vertex AI.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Leaves prompts, arguments and results of tools out, whatever the capture policy allows.
    #[must_use]
    pub const fn without_inputs(mut self) -> Self {
        self.records_inputs = false;
        self
    }

    /// Leaves answers out, whatever the capture policy allows.
    #[must_use]
    pub const fn without_outputs(mut self) -> Self {
        self.records_outputs = false;
        self
    }

    /// States the type of a tool by its name, as the messages tell it: `Bash`, `mcp__{server}__{tool}`.
    #[must_use]
    pub fn with_tool_type(mut self, tool: impl Into<String>, tool_type: ToolType) -> Self {
        self.tool_types.insert(tool.into(), tool_type);
        self
    }

    /// Puts the runs within a span.
    #[must_use]
    pub fn within(mut self, parent: Parent) -> Self {
        self.parent = parent;
        self
    }

    /// Derives the ids of spans from what they are of.
    #[must_use]
    pub fn with_identify(mut self, identify: Identify) -> Self {
        self.identify = Some(identify);
        self
    }

    pub(crate) fn tool_type(&self, name: &str) -> ToolType {
        let stated = self.tool_types.get(name).cloned();
        stated.unwrap_or_else(|| ToolType::of_known(name))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("agent_name", &self.agent_name)
            .field("model", &self.model)
            .field("provider", &self.provider)
            .field("records_inputs", &self.records_inputs)
            .field("records_outputs", &self.records_outputs)
            .field("tool_types", &self.tool_types)
            .field("parent", &self.parent)
            .finish_non_exhaustive()
    }
}
