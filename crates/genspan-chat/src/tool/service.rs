//! The service that records each run of the tools it wraps.

use std::{
    fmt,
    task::{Context, Poll},
};

use genspan::{Active, ErrorType, Failure, StartOptions, ToolDefinition, ToolExecution};
use tower_service::Service;

use super::{ToolCall, ToolLayer, ToolOutput, Toolset};
use crate::{
    Classifier,
    recording::{Answer, Recording},
};

/// Hands calls on to tools and records each as one run.
#[derive(Clone, Debug)]
pub struct ToolService<S> {
    inner: S,
    layer: ToolLayer,
}

impl<S> ToolService<S> {
    pub(super) const fn new(inner: S, layer: ToolLayer) -> Self {
        Self { inner, layer }
    }

    /// Gives the tools inside.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Gives the tools back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl ToolLayer {
    fn start(&self, call: &ToolCall) -> Option<Active<ToolExecution>> {
        if !self.telemetry.is_enabled() {
            return None;
        }
        let mut record = call.execution();
        record.agent_name.clone_from(&self.agent_name);
        let options = StartOptions {
            links: call.asked_by.iter().cloned().collect(),
            ..StartOptions::default()
        };
        let mut active = self.telemetry.start_with(record, options);
        if active.wants_content() {
            active.arguments = call.arguments.clone();
        }
        Some(active)
    }
}

impl<S> Service<ToolCall> for ToolService<S>
where
    S: Service<ToolCall, Response = ToolOutput>,
    S::Error: fmt::Display + 'static,
{
    type Response = ToolOutput;
    type Error = S::Error;
    type Future = Recording<S::Future, ToolExecution>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: ToolCall) -> Self::Future {
        let active = self.layer.start(&call);
        let inner = &mut self.inner;
        Recording::begin(active, self.layer.classifier.clone(), || inner.call(call))
    }
}

impl<S: Toolset> Toolset for ToolService<S>
where
    S::Error: fmt::Display + 'static,
{
    fn definitions(&self) -> Vec<ToolDefinition> {
        self.inner.definitions()
    }
}

impl Answer<ToolExecution> for ToolOutput {
    type Recorded = Self;

    fn recorded(self, active: Option<Active<ToolExecution>>, _: &Classifier) -> Self {
        let Some(mut active) = active else {
            return self;
        };
        let wants_content = active.wants_content();
        match &self {
            Self::Done(value) => {
                if wants_content {
                    active.result = value.clone();
                }
                active.finish();
            }
            Self::Failed(value) => {
                let mut failure = Failure::new(ErrorType::ToolError);
                if wants_content {
                    failure.message = Some(match value.as_str() {
                        Some(text) => text.to_owned(),
                        None => value.to_json(),
                    });
                }
                active.fail(failure);
            }
        }
        self
    }
}
