//! A set of tools by name.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use genspan::{ToolDefinition, Value};
use tower_service::Service;

use super::{ToolCall, ToolError, ToolOutput, Toolset};

/// Holds functions that a model may ask for, each with what it is told about them.
///
/// ```
/// use genspan::Value;
/// use genspan_chat::{Tools, function};
///
/// let parameters = Value::from_json(r#"{"type":"object","properties":{"city":{"type":"string"}}}"#).unwrap();
/// let tools = Tools::new().with(
///     function("get_weather", "Tells the weather in a city.", parameters),
///     |call| async move {
///         let city = call.arguments.get("city").and_then(Value::as_str).unwrap_or("nowhere");
///         Ok::<_, std::io::Error>(format!("sunny in {city}"))
///     },
/// );
/// ```
///
/// The future of each run is boxed, since tools are of many types; a [`Toolset`] of your own need not.
#[derive(Clone, Default)]
pub struct Tools {
    tools: Arc<Vec<Tool>>,
}

#[derive(Clone)]
struct Tool {
    definition: ToolDefinition,
    run: Arc<Run>,
}

type Run = dyn Fn(ToolCall) -> Running + Send + Sync;

/// Waits for the result of a tool.
type Running = Pin<Box<dyn Future<Output = Result<ToolOutput, ToolError>> + Send>>;

impl Tools {
    /// Holds none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool; of equal names the first one counts.
    #[must_use]
    pub fn with<F, A, T, E>(mut self, definition: ToolDefinition, function: F) -> Self
    where
        F: Fn(ToolCall) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<ToolOutput>,
        E: fmt::Display + 'static,
    {
        let run = move |call| -> Running {
            let result = function(call);
            Box::pin(async move {
                let result = result.await;
                result
                    .map(Into::into)
                    .map_err(|error| ToolError::of(&error))
            })
        };
        Arc::make_mut(&mut self.tools).push(Tool {
            definition,
            run: Arc::new(run),
        });
        self
    }
}

impl Service<ToolCall> for Tools {
    type Response = ToolOutput;
    type Error = ToolError;
    type Future = Running;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ToolError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: ToolCall) -> Running {
        let mut tools = self.tools.iter();
        match tools.find(|tool| tool.definition.name == call.name) {
            Some(tool) => (tool.run)(call),
            None => Box::pin(async move { Ok(ToolOutput::unknown(&call.name)) }),
        }
    }
}

impl Toolset for Tools {
    fn definitions(&self) -> Vec<ToolDefinition> {
        let definitions = self.tools.iter().map(|tool| tool.definition.clone());
        definitions.collect()
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.tools.iter().map(|tool| &tool.definition.name);
        f.debug_list().entries(names).finish()
    }
}

/// Describes a function of the application to a model; `parameters` is the JSON schema of its arguments.
#[must_use]
pub fn function(
    name: impl Into<String>,
    description: impl Into<String>,
    parameters: Value,
) -> ToolDefinition {
    ToolDefinition {
        kind: "function".to_owned(),
        name: name.into(),
        description: Some(description.into()),
        parameters: (!parameters.is_null()).then_some(parameters),
    }
}
