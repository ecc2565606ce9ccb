//! The layer that records runs of tools.

use genspan::Telemetry;
use tower_layer::Layer;

use super::ToolService;
use crate::Classifier;

/// Puts a [`ToolService`] round tools: one span for each run of one.
///
/// | the run | its span |
/// |---|---|
/// | gives [`ToolOutput::Done`](crate::ToolOutput::Done) | is complete, with the result where content is recorded |
/// | gives [`ToolOutput::Failed`](crate::ToolOutput::Failed) | fails as `tool_error` |
/// | gives an error | fails, by the error's type or a [`Classifier`] |
/// | is dropped, or panics | is cancelled |
/// | is recorded further out or further in, by a framework's own `execute_tool` of equal call id | is that one's |
///
/// It stands within the agent, beside the call to the model that asked for it, and is linked to that.
#[derive(Clone, Debug)]
pub struct ToolLayer {
    pub(super) telemetry: Telemetry,
    pub(super) agent_name: Option<String>,
    pub(super) classifier: Classifier,
}

impl ToolLayer {
    /// Records runs of tools.
    #[must_use]
    pub fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            agent_name: None,
            classifier: Classifier::default(),
        }
    }

    /// Names the agent that runs the tools.
    #[must_use]
    pub fn with_agent_name(mut self, name: impl Into<String>) -> Self {
        self.agent_name = Some(name.into());
        self
    }

    /// Decides by other rules how runs failed.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }
}

impl<S> Layer<S> for ToolLayer {
    type Service = ToolService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ToolService::new(inner, self.clone())
    }
}
