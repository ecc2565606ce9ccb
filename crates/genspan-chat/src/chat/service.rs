//! The service that records each call of the client it wraps.

use std::{
    fmt,
    task::{Context, Poll},
};

use genspan::{Active, Inference};
use tower_service::Service;

use super::ChatLayer;
use crate::{
    ChatAnswer, ChatRequest, ChatResponse, Classifier,
    recording::{Answer, Recording},
};

/// Hands requests on to a chat client and records each as one call to a model.
#[derive(Clone, Debug)]
pub struct ChatService<S> {
    inner: S,
    layer: ChatLayer,
}

impl<S> ChatService<S> {
    pub(super) const fn new(inner: S, layer: ChatLayer) -> Self {
        Self { inner, layer }
    }

    /// Gives the client inside.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Gives the client back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl ChatLayer {
    fn start(&self, request: &ChatRequest) -> Option<Active<Inference>> {
        if !self.telemetry.is_enabled() {
            return None;
        }
        let record = request.inference(&self.provider, self.server.as_ref());
        let mut active = self.telemetry.start(record);
        if active.wants_content() {
            active.content = request.content();
        }
        Some(active)
    }
}

impl<S> Service<ChatRequest> for ChatService<S>
where
    S: Service<ChatRequest>,
    S::Response: ChatAnswer<S::Error> + Answer<Inference>,
    S::Error: fmt::Display + 'static,
{
    type Response = <S::Response as Answer<Inference>>::Recorded;
    type Error = S::Error;
    type Future = Recording<S::Future, Inference>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: ChatRequest) -> Self::Future {
        let active = self.layer.start(&request);
        request.is_recorded_as_agent = false;
        let inner = &mut self.inner;
        Recording::begin(active, self.layer.classifier.clone(), || {
            inner.call(request)
        })
    }
}

impl Answer<Inference> for ChatResponse {
    type Recorded = Self;

    fn recorded(mut self, active: Option<Active<Inference>>, _: &Classifier) -> Self {
        if let Some(mut active) = active {
            self.span = Some(active.context().clone());
            let content = active.wants_content().then(|| self.output.clone());
            note(&mut active, self.details.clone(), self.usage, content);
            active.finish();
        }
        self
    }
}

/// Tells the record what the answer says.
pub(super) fn note(
    record: &mut Inference,
    details: genspan::Response,
    usage: genspan::Usage,
    content: Option<Vec<genspan::Message>>,
) {
    record.response = details;
    record.usage = usage;
    if let Some(output) = content {
        record.content.output = output;
    }
}
