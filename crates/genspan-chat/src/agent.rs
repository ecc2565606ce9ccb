//! One span for each run of an agent.

use std::{
    fmt,
    task::{Context, Poll},
};

use genspan::{Active, AgentInvocation, AgentSite, Content, Telemetry};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    ChatRequest, ChatResponse, Classifier, Run,
    recording::{Answer, Recording},
};

/// Puts an [`AgentService`] round a tool loop: one span for each run, which is one turn of a conversation.
///
/// The calls to models and the runs of tools within are its children, and its tokens are the sum of those calls.
/// An agent that another agent's tool runs is a child of that tool. Put round itself it changes nothing.
#[derive(Clone, Debug)]
pub struct AgentLayer {
    telemetry: Telemetry,
    agent: AgentInvocation,
    classifier: Classifier,
}

impl AgentLayer {
    /// Records runs of the named agent.
    #[must_use]
    pub fn new(telemetry: &Telemetry, name: impl Into<String>) -> Self {
        Self::of(telemetry, AgentInvocation::new(name))
    }

    /// Records runs of an agent that is described in full; what a request says comes on top.
    #[must_use]
    pub fn of(telemetry: &Telemetry, agent: AgentInvocation) -> Self {
        Self {
            telemetry: telemetry.clone(),
            agent,
            classifier: Classifier::default(),
        }
    }

    /// Records runs of an agent without a name.
    pub(crate) fn unnamed(telemetry: &Telemetry) -> Self {
        let site = AgentSite::InProcess { provider: None };
        Self::of(telemetry, AgentInvocation::at(site))
    }

    /// Decides by other rules how runs failed.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }

    fn start(&self, request: &ChatRequest) -> Option<Active<AgentInvocation>> {
        if request.is_recorded_as_agent || !self.telemetry.is_enabled() {
            return None;
        }
        let mut record = self.agent.clone();
        if record.request.model.is_none() {
            record.request.clone_from(&request.settings);
            record.request.stream = false;
        }
        if request.conversation_id.is_some() {
            record
                .common
                .conversation_id
                .clone_from(&request.conversation_id);
        }
        let own = std::mem::take(&mut record.content);
        let mut active = self.telemetry.start(record);
        if active.wants_content() {
            active.content = said(request, own);
        }
        Some(active)
    }
}

/// Gives what the agent is told: the request's word, and the agent's own where the request has none.
fn said(request: &ChatRequest, own: Content) -> Content {
    let mut content = request.content();
    if content.system_instructions.is_empty() {
        content.system_instructions = own.system_instructions;
    }
    for tool in own.tools {
        if content.tools.iter().all(|it| it.name != tool.name) {
            content.tools.push(tool);
        }
    }
    content
}

impl<S> Layer<S> for AgentLayer {
    type Service = AgentService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AgentService {
            inner,
            layer: self.clone(),
        }
    }
}

/// Hands requests on to an agent and records each as one run of it.
#[derive(Clone, Debug)]
pub struct AgentService<S> {
    inner: S,
    layer: AgentLayer,
}

impl<S> AgentService<S> {
    /// Gives the agent inside.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Gives the agent back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S> Service<ChatRequest> for AgentService<S>
where
    S: Service<ChatRequest>,
    S::Response: Answer<AgentInvocation>,
    S::Error: fmt::Display + 'static,
{
    type Response = <S::Response as Answer<AgentInvocation>>::Recorded;
    type Error = S::Error;
    type Future = Recording<S::Future, AgentInvocation>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: ChatRequest) -> Self::Future {
        let active = self.layer.start(&request);
        request.is_recorded_as_agent |= active.is_some();
        let inner = &mut self.inner;
        Recording::begin(active, self.layer.classifier.clone(), || {
            inner.call(request)
        })
    }
}

impl Answer<AgentInvocation> for Run {
    type Recorded = Self;

    fn recorded(self, active: Option<Active<AgentInvocation>>, _: &Classifier) -> Self {
        finish(active, &self.response);
        self
    }
}

impl Answer<AgentInvocation> for ChatResponse {
    type Recorded = Self;

    fn recorded(self, active: Option<Active<AgentInvocation>>, _: &Classifier) -> Self {
        finish(active, &self);
        self
    }
}

fn finish(active: Option<Active<AgentInvocation>>, last: &ChatResponse) {
    let Some(mut active) = active else { return };
    active
        .finish_reasons
        .clone_from(&last.details.finish_reasons);
    if active.wants_content() {
        active.content.output.clone_from(&last.output);
    }
    active.finish();
}
