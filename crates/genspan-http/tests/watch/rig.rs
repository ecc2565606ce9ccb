//! A recorder whose spans a test can look at.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use genspan::{
    Capture, Conventions, Place, QueueLimits, Rendering, Telemetry, Value,
    semconv::{attribute, event},
};
use genspan_http::{RecordLayer, RecordService, Recorder, RecorderOptions, WatchedBody};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use testkit::{CaptureSink, CapturedSpan, ManualClock};
use tower_layer::Layer;
use tower_service::Service;

use crate::mock::{Mock, Script};

pub(crate) const QUESTION: &str =
    r#"{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
pub(crate) const CHUNKS: [&str; 3] = [
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
];
pub(crate) const STREAM: [(&str, &str); 1] = [("content-type", "text/event-stream")];
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Rig {
    pub(crate) sink: Arc<CaptureSink>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) telemetry: Telemetry,
    pub(crate) recorder: Recorder,
}

impl Rig {
    /// Decodes on the caller's thread.
    pub(crate) fn new() -> Self {
        Self::with(RecorderOptions::default(), true)
    }

    pub(crate) fn with(options: RecorderOptions, is_inline: bool) -> Self {
        let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
        let sink = CaptureSink::new(rendering);
        let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(1)));
        let mut builder = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::clone(&clock) as _)
            .with_queue(QueueLimits::default());
        if is_inline {
            builder = builder.inline();
        }
        let telemetry = builder.build();
        let recorder = Recorder::new(telemetry.clone(), options);
        Self {
            sink,
            clock,
            telemetry,
            recorder,
        }
    }

    pub(crate) fn client(&self, mock: &Mock) -> RecordService<Mock> {
        RecordLayer::new(self.recorder.clone()).layer(mock.clone())
    }

    pub(crate) async fn call(
        &self,
        mock: &Mock,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<WatchedBody<Script>>, io::Error> {
        self.client(mock).call(request).await
    }

    /// Makes a call and reads the answer to its end.
    pub(crate) async fn whole(&self, mock: &Mock, request: Request<Full<Bytes>>) -> Bytes {
        self.call(mock, request)
            .await
            .unwrap()
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
    }

    /// Gives the spans that have ended, without waiting for retries.
    pub(crate) fn ended(&self) -> Vec<CapturedSpan> {
        assert!(self.telemetry.flush(LIMIT).is_complete());
        self.sink.spans()
    }

    /// Gives all spans.
    pub(crate) fn settled(&self) -> Vec<CapturedSpan> {
        assert!(self.recorder.settle(LIMIT));
        self.ended()
    }

    /// Gives the only span.
    pub(crate) fn span(&self) -> CapturedSpan {
        let mut spans = self.settled();
        assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
        spans.remove(0)
    }
}

pub(crate) fn ask() -> Request<Full<Bytes>> {
    ask_with(&[])
}

pub(crate) fn ask_with(headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::post("https://api.openai.com/v1/chat/completions")
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(QUESTION)).unwrap()
}

pub(crate) fn error_type(span: &CapturedSpan) -> Option<String> {
    let word = span
        .signals
        .get(attribute::ERROR_TYPE)
        .and_then(Value::as_str)
        .map(str::to_owned);
    assert_eq!(span.signals.is_error, word.is_some());
    word
}

pub(crate) fn text(span: &CapturedSpan, key: &str) -> String {
    span.signals
        .get(key)
        .map(Value::to_json)
        .unwrap_or_default()
}

pub(crate) fn diagnostics(span: &CapturedSpan) -> String {
    text(span, attribute::GENSPAN_DIAGNOSTICS)
}

/// Gives the attempts' events as `number status error.type`.
pub(crate) fn attempts(span: &CapturedSpan) -> Vec<String> {
    let is_attempt = |event: &&genspan::Event| event.name == event::GENSPAN_ATTEMPT;
    let line = |event: &genspan::Event| {
        let of = |key: &str| {
            event
                .attributes
                .iter()
                .find(|it| it.key == key)
                .map(|it| it.value.to_json())
        };
        [
            attribute::GENSPAN_ATTEMPT_NUMBER,
            attribute::GENSPAN_ATTEMPT_STATUS,
            attribute::ERROR_TYPE,
        ]
        .map(|key| of(key).unwrap_or_else(|| "-".to_owned()))
        .join(" ")
    };
    span.signals
        .span_events
        .iter()
        .filter(is_attempt)
        .map(line)
        .collect()
}
