//! A provider, a proxy before it, and what was recorded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use genspan::semconv::attribute;
use genspan::{Conventions, Rendering, Telemetry, Value};
use genspan_http::proxy::{Proxy, ProxyBuilder, Route, Upstream};
use genspan_http::{Recorder, RecorderOptions};
use testkit::provider::{Provider, Script};
use testkit::{CaptureSink, CapturedSpan};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::wire::Wire;

/// The proxy's path for what the provider has below `/v1`.
pub(crate) const PREFIX: &str = "/s3cr3t/openai";
/// What a chat request sends.
pub(crate) const QUESTION: &str = r#"{"model":"gpt-test","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hello"}]}"#;

/// The longest that a proxy may take to end its exchanges.
const LIMIT: Duration = Duration::from_secs(30);

/// A proxy that listens, and its recordings.
pub(crate) struct Listening {
    pub(crate) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<bool>,
    recorder: Recorder,
    telemetry: Telemetry,
    sink: Arc<CaptureSink>,
}

impl Listening {
    pub(crate) async fn before(upstream: Upstream) -> Self {
        Self::with(upstream, |builder| builder).await
    }

    pub(crate) async fn with(
        upstream: Upstream,
        set_up: impl FnOnce(ProxyBuilder) -> ProxyBuilder,
    ) -> Self {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let telemetry = Telemetry::builder(sink.clone()).build();
        let options = RecorderOptions {
            trusts_trace_headers: true,
            copies_small_chunks: true,
            ..RecorderOptions::default()
        };
        let recorder = Recorder::new(telemetry.clone(), options);
        let route = Route::new(PREFIX, upstream).unwrap();
        let builder = set_up(Proxy::builder(recorder.clone()).with_route(route.clone()));
        let proxy = builder
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let addr = proxy.local_addr();
        assert_eq!(proxy.url_for(&route), format!("http://{addr}{PREFIX}"));
        let (stop, stopped) = oneshot::channel();
        let until = async { drop::<Result<(), _>>(stopped.await) };
        let running = tokio::spawn(proxy.run(until, LIMIT));
        Self {
            addr,
            stop,
            running,
            recorder,
            telemetry,
            sink,
        }
    }

    pub(crate) fn recorder(&self) -> Recorder {
        self.recorder.clone()
    }

    /// Ends the proxy, and gives the spans that it recorded.
    pub(crate) async fn spans(self) -> Vec<CapturedSpan> {
        self.stop.send(()).unwrap();
        assert!(
            self.running.await.unwrap(),
            "an exchange did not end by itself"
        );
        recorded(&self.recorder, &self.telemetry, &self.sink)
    }

    /// Drops the proxy amid what it does, and gives how each recorded call ended.
    pub(crate) async fn cut(self) -> Vec<String> {
        self.running.abort();
        assert!(self.running.await.unwrap_err().is_cancelled());
        // The exchanges are tasks of this thread: they end as soon as it is theirs.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        recorded(&self.recorder, &self.telemetry, &self.sink);
        self.sink.spans().iter().map(ending).collect()
    }

    /// Ends the proxy, and gives how each recorded call ended: `ok`, or its error type.
    pub(crate) async fn endings(self) -> Vec<String> {
        self.spans().await.iter().map(ending).collect()
    }
}

fn recorded(recorder: &Recorder, telemetry: &Telemetry, sink: &CaptureSink) -> Vec<CapturedSpan> {
    assert!(recorder.settle(LIMIT));
    drop(telemetry.flush(LIMIT));
    sink.spans()
}

fn ending(span: &CapturedSpan) -> String {
    let error = span.signals.get(attribute::ERROR_TYPE);
    assert_eq!(error.is_some(), span.signals.is_error, "{span:?}");
    match error {
        None => "ok".to_owned(),
        Some(Value::String(word)) => word.to_string(),
        Some(other) => panic!("{other:?}"),
    }
}

/// A scripted provider and a proxy before it.
pub(crate) struct Rig {
    pub(crate) provider: Provider,
    pub(crate) proxy: Listening,
}

impl Rig {
    pub(crate) async fn start(script: Script) -> Self {
        let provider = Provider::start(script).unwrap();
        let upstream = format!("{}/v1", provider.url()).parse().unwrap();
        Self {
            provider,
            proxy: Listening::before(upstream).await,
        }
    }

    /// The same with a proxy that asks for usage.
    pub(crate) async fn asking(script: Script) -> Self {
        let provider = Provider::start(script).unwrap();
        let upstream = format!("{}/v1", provider.url()).parse().unwrap();
        let proxy = Listening::with(upstream, |builder| builder.with_usage_asked(true)).await;
        Self { provider, proxy }
    }

    /// A connection to the provider, or to the proxy, and the base path there.
    pub(crate) async fn open(&self, way: Way) -> (Wire, &'static str) {
        match way {
            Way::Direct => (Wire::open(self.provider.addr()).await, "/v1"),
            Way::Proxied => (Wire::open(self.proxy.addr).await, PREFIX),
        }
    }
}

/// Whether a client speaks to the provider itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Direct,
    Proxied,
}

impl Way {
    pub(crate) const BOTH: [Self; 2] = [Self::Direct, Self::Proxied];
}

/// The head and body of a streamed chat request, to `base`.
pub(crate) fn chat(base: &str, more: &str) -> Vec<u8> {
    let length = QUESTION.len();
    format!(
        "POST {base}/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n{QUESTION}"
    )
    .into_bytes()
}
