//! Tools that a model asks for, and one span for each run of one.

mod layer;
mod output;
mod service;
mod tools;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use genspan::{Outline, Record, SpanContext, ToolDefinition, ToolExecution, ToolType, Value};
pub use layer::ToolLayer;
pub use output::{ToolError, ToolOutput};
pub use service::ToolService;
pub use tools::{Tools, function};
use tower_service::Service;

use crate::request::Asks;

/// Holds a model's request to run a tool, as the application's tools get it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCall {
    /// The provider's id of the call, where it gives one.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments, parsed where they are JSON.
    pub arguments: Value,
    /// Where the tool runs.
    pub tool_type: Option<ToolType>,
    /// What the tool does, as the model was told.
    pub description: Option<String>,
    /// The span of the call to the model that asked for it, which the tool's span is linked to.
    pub asked_by: Option<SpanContext>,
}

impl ToolCall {
    /// Begins the record of the tool's run, without content.
    pub(crate) fn execution(&self) -> ToolExecution {
        ToolExecution {
            tool_type: self.tool_type.clone(),
            call_id: self.id.clone(),
            description: self.description.clone(),
            ..ToolExecution::new(self.name.clone())
        }
    }
}

impl Asks for ToolCall {
    fn outline(&self) -> Outline {
        Record::ToolExecution(Box::new(self.execution())).into()
    }
}

/// Is a service that runs tools and says which.
pub trait Toolset: Service<ToolCall, Response = ToolOutput> {
    /// Describes the tools to the model; a call of any other is answered by the loop, and never run.
    fn definitions(&self) -> Vec<ToolDefinition>;
}

/// Has no tool.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTools;

impl Service<ToolCall> for NoTools {
    type Response = ToolOutput;
    type Error = Infallible;
    type Future = Ready<Result<ToolOutput, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: ToolCall) -> Self::Future {
        ready(Ok(ToolOutput::unknown(&call.name)))
    }
}

impl Toolset for NoTools {
    fn definitions(&self) -> Vec<ToolDefinition> {
        Vec::new()
    }
}
