//! A provider, a recorder, and what came of a call.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use genspan::{Capture, Conventions, Place, Rendering, Telemetry, semconv::attribute};
use genspan_http::{Recorder, RecorderOptions};
use testkit::{
    CaptureSink, CapturedSpan, ManualClock,
    provider::{Provider, Script},
};

/// The longest that a test waits for the worker.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Rig {
    pub(crate) provider: Provider,
    pub(crate) sink: Arc<CaptureSink>,
    pub(crate) telemetry: Telemetry,
    pub(crate) recorder: Recorder,
}

impl Rig {
    pub(crate) fn new(script: Script) -> Self {
        let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
        Self::over(script, CaptureSink::new(rendering))
    }

    pub(crate) fn scenarios() -> Self {
        Self::new(Script::scenarios())
    }

    pub(crate) fn over(script: Script, sink: Arc<CaptureSink>) -> Self {
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            // It stands still: how many chunks a body comes in is the network's choice.
            .with_clock(Arc::new(ManualClock::default()))
            .build();
        Self {
            provider: Provider::start(script).unwrap(),
            recorder: Recorder::new(telemetry.clone(), RecorderOptions::default()),
            telemetry,
            sink,
        }
    }

    /// Gives all spans, failed attempts included.
    pub(crate) fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.recorder.settle(LIMIT));
        assert!(self.telemetry.flush(LIMIT).is_complete());
        self.sink.spans()
    }

    /// Draws all spans, without the provider's port.
    pub(crate) fn tree(&self) -> String {
        let port = self.provider.addr().port().to_string();
        testkit::tree(&self.spans()).replace(&port, "PORT")
    }

    /// Gives the only span.
    pub(crate) fn span(&self) -> CapturedSpan {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
        spans.remove(0)
    }

    /// Makes the worker wait until the returned guard is dropped.
    pub(crate) fn block_worker(&self) -> std::sync::mpsc::Sender<()> {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let work = move || {
            let _ = told.recv();
        };
        self.telemetry.submit(0, work).unwrap();
        go_on
    }
}

/// What is asked of the provider.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) path: &'static str,
    pub(crate) scenario: &'static str,
    pub(crate) body: String,
    pub(crate) timeout: Option<Duration>,
}

const TOOLS: &str = r#","tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]"#;

impl Ask {
    pub(crate) fn chat(scenario: &'static str) -> Self {
        let tools = if scenario == "tools" { TOOLS } else { "" };
        Self {
            path: "/v1/chat/completions",
            scenario,
            body: format!(
                r#"{{"model":"gpt-test","messages":[{{"role":"user","content":"How are you?"}}]{tools}}}"#
            ),
            timeout: None,
        }
    }

    pub(crate) fn streamed(scenario: &'static str) -> Self {
        let whole = Self::chat(scenario);
        let rest = whole.body.strip_prefix('{').unwrap();
        Self {
            body: format!(r#"{{"stream":true,"stream_options":{{"include_usage":true}},{rest}"#),
            ..whole
        }
    }
}

/// What the program sees of a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) version: http::Version,
    pub(crate) url: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) content_length: Option<u64>,
    pub(crate) remote: Option<std::net::SocketAddr>,
    pub(crate) body: Bytes,
    /// How the body broke off.
    pub(crate) error: Option<String>,
}

pub(crate) fn error_type(span: &CapturedSpan) -> Option<String> {
    let word = span.signals.get(attribute::ERROR_TYPE)?.as_str()?;
    Some(word.to_owned())
}
