//! A provider, a recorder, and what came of the calls.

use std::{sync::Arc, time::Duration};

use async_openai::{Client, config::OpenAIConfig};
use genspan::{
    Capture, Conventions, Place, Rendering, Telemetry,
    semconv::{attribute, event},
};
use genspan_check::Options;
use genspan_http::Recorder;
use testkit::{
    CaptureSink, CapturedSpan, ManualClock, conventions,
    provider::{Provider, Script},
};

/// The longest that a test waits for the worker.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// What the client shows the provider, and telemetry must never show.
pub(crate) const KEY: &str = "sk-canary-key-4711";

pub(crate) struct Scene {
    pub(crate) provider: Provider,
    pub(crate) sink: Arc<CaptureSink>,
    pub(crate) telemetry: Telemetry,
    pub(crate) recorder: Recorder,
}

impl Scene {
    /// Records content, too.
    pub(crate) fn new(script: Script) -> Self {
        let rendering = Rendering::new(Conventions::V1_41);
        Self::with(script, rendering.with_capture(Capture::at(Place::Span)))
    }

    pub(crate) fn scenarios() -> Self {
        Self::new(Script::scenarios())
    }

    pub(crate) fn with(script: Script, rendering: Rendering) -> Self {
        let sink = CaptureSink::new(rendering);
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            // It stands still: how many chunks a body comes in is the network's choice.
            .with_clock(Arc::new(ManualClock::default()))
            .build();
        Self {
            provider: Provider::start(script).unwrap(),
            recorder: Recorder::from(telemetry.clone()),
            telemetry,
            sink,
        }
    }

    pub(crate) fn config(&self) -> OpenAIConfig {
        OpenAIConfig::new()
            .with_api_base(format!("{}/v1", self.provider.url()))
            .with_api_key(KEY)
    }

    /// The client that is recorded.
    pub(crate) fn client(&self) -> Client<OpenAIConfig> {
        genspan_async_openai::client(self.config(), self.recorder.clone())
    }

    /// The client as it is without.
    pub(crate) fn plain(&self) -> Client<OpenAIConfig> {
        Client::with_config(self.config())
    }

    /// Gives all spans, which break no convention.
    pub(crate) fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.recorder.settle(LIMIT));
        assert!(self.telemetry.flush(LIMIT).is_complete());
        let spans = self.sink.spans();
        conventions::hold_spans(&spans);
        spans
    }

    /// Gives the spans once there are some: async-openai reads streams in tasks of its own, which may still hold an answer
    /// whose error has been told.
    pub(crate) async fn ended(&self) -> Vec<CapturedSpan> {
        for _ in 0..100_000 {
            if !self.sink.spans().is_empty() {
                break;
            }
            tokio::task::yield_now().await;
            assert!(self.recorder.settle(LIMIT));
            assert!(self.telemetry.flush(LIMIT).is_complete());
        }
        self.spans()
    }

    /// Gives the only span.
    pub(crate) fn span(&self) -> CapturedSpan {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
        spans.remove(0)
    }

    /// Draws all spans, without the provider's port.
    pub(crate) fn tree(&self) -> String {
        let port = self.provider.addr().port().to_string();
        testkit::tree(&self.spans()).replace(&port, "PORT")
    }

    /// Gives all that came out, as text.
    pub(crate) fn everything(&self) -> String {
        let spans = self.spans();
        let (measured, events) = (self.sink.measurements(), self.sink.events());
        format!("{spans:?}{measured:?}{events:?}{:?}", self.sink.starts())
    }
}

pub(crate) fn text(span: &CapturedSpan, key: &str) -> Option<String> {
    let value = span.signals.get(key)?;
    Some(
        value
            .as_str()
            .map_or_else(|| value.to_json(), str::to_owned),
    )
}

pub(crate) fn error_type(span: &CapturedSpan) -> Option<String> {
    text(span, attribute::ERROR_TYPE)
}

/// Gives the statuses of the attempts that failed.
pub(crate) fn attempts(span: &CapturedSpan) -> Vec<String> {
    let events = span.signals.span_events.iter();
    let attempts = events.filter(|event| event.name == event::GENSPAN_ATTEMPT);
    attempts
        .map(|event| {
            let told = event.attributes.iter().map(|it| it.value.to_json());
            told.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// Holds spans against the conventions, and those that went well against their advice, too.
pub(crate) fn check_all(spans: &[CapturedSpan]) {
    let (failed, well): (Vec<_>, Vec<_>) = spans
        .iter()
        .cloned()
        .partition(|span| span.signals.is_error);
    conventions::hold_spans(&failed);
    let found = conventions::of_spans(&well, Options::default());
    assert!(found.is_empty(), "{found:#?}");
}
