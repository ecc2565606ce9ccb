//! One call that several instrumentations see is one inference span: a span of the program's own, one that a library makes
//! with `tracing`, an adapter, an HTTP layer beneath it, and a proxy on the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{sync::Arc, time::Duration};

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    middleware::{HttpRequestFactory, retry::OpenAIRetryLayer},
};
use futures_util::StreamExt;
use genspan::{
    Capture, Conventions, Place, Provider, Rendering, Server, Telemetry, Value,
    semconv::{attribute, event},
};
use genspan_http::{
    Recorder, RecorderOptions,
    proxy::{Proxy, Route, RunningProxy},
    reqwest_0_13::Recorded,
};
use serde_json::json;
use testkit::{
    CaptureSink, CapturedSpan,
    provider::{self, Script},
};
use tower::service_fn;
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

const LIMIT: Duration = Duration::from_secs(30);

/// A recorder, and what came of it.
struct Recording {
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
}

impl Recording {
    fn new() -> Self {
        let rendering = Rendering::new(Conventions::V1_41);
        let sink = CaptureSink::new(rendering.with_capture(Capture::at(Place::Span)));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
        Self { sink, telemetry }
    }

    fn recorder(&self) -> Recorder {
        Recorder::from(self.telemetry.clone())
    }

    fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.telemetry.flush(LIMIT).is_complete());
        self.sink.spans()
    }
}

/// Who sees a call beside the adapter. Further instrumentations join in here, and in [`Scene::client`].
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The HTTP client under the adapter is recorded by itself.
    by_layer: bool,
    by_proxy: Option<Proxied>,
    /// The program makes a span for the call.
    by_hand: bool,
    /// A library makes one with `tracing`, as rig and genai do.
    by_library: bool,
}

/// Whose telemetry a proxy on the way has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proxied {
    /// The program's.
    Shared,
    /// Its own, as in another process: the program says that it is led through a recording proxy.
    Own,
}

impl Seen {
    fn all() -> Vec<Self> {
        let proxies = [None, Some(Proxied::Shared), Some(Proxied::Own)];
        let mut all = Vec::new();
        for by_proxy in proxies {
            for by_layer in [false, true] {
                for (by_hand, by_library) in
                    [(false, false), (true, false), (false, true), (true, true)]
                {
                    all.push(Self {
                        by_layer,
                        by_proxy,
                        by_hand,
                        by_library,
                    });
                }
            }
        }
        all
    }
}

struct Scene {
    provider: provider::Provider,
    program: Recording,
    /// What a proxy with telemetry of its own records.
    elsewhere: Recording,
    proxy: RunningProxy,
    route: Route,
    seen: Seen,
}

impl Scene {
    async fn new(seen: Seen) -> Self {
        let provider = provider::Provider::start(Script::scenarios()).unwrap();
        let (program, elsewhere) = (Recording::new(), Recording::new());
        let recorder = match seen.by_proxy {
            Some(Proxied::Own) => Recorder::new(
                elsewhere.telemetry.clone(),
                RecorderOptions {
                    trusts_trace_headers: true,
                    ..RecorderOptions::default()
                },
            ),
            _ => program.recorder(),
        };
        let upstream = format!("{}/v1", provider.url()).parse().unwrap();
        let route = Route::new("/openai", upstream).unwrap();
        let proxy = Proxy::builder(recorder).with_route(route.clone());
        Self {
            proxy: proxy.spawn().await.unwrap(),
            provider,
            program,
            elsewhere,
            route,
            seen,
        }
    }

    fn recorder(&self) -> Recorder {
        let address = self.proxy.local_addr();
        let recording_proxies = match self.seen.by_proxy {
            Some(Proxied::Own) => {
                vec![Server::new(address.ip().to_string(), Some(address.port()))]
            }
            _ => Vec::new(),
        };
        let options = RecorderOptions {
            recording_proxies,
            ..RecorderOptions::default()
        };
        Recorder::new(self.program.telemetry.clone(), options)
    }

    fn client(&self) -> Client<OpenAIConfig> {
        let base = match self.seen.by_proxy {
            Some(_) => self.proxy.url_for(&self.route),
            None => format!("{}/v1", self.provider.url()),
        };
        let config = OpenAIConfig::new().with_api_base(base).with_api_key("none");
        let http = reqwest_0_13::Client::new();
        if !self.seen.by_layer {
            return genspan_async_openai::client_over(http, config, self.recorder());
        }
        let recorded = Recorded::new(http, self.recorder());
        let transport = service_fn(move |factory: HttpRequestFactory| {
            let recorded = recorded.clone();
            async move {
                let sent = recorded.execute(factory.build().await?).await;
                sent.map_err(OpenAIError::Reqwest)
            }
        });
        let retries = OpenAIRetryLayer::default();
        let service = genspan_async_openai::service(retries, transport, self.recorder());
        Client::with_config(config).with_http_service(service)
    }

    /// Asks once, whole or streamed, and gives what was said or why not.
    async fn ask(&self, scenario: &str, is_streamed: bool) -> Result<String, OpenAIError> {
        let layer = genspan_tracing::layer(&self.program.telemetry);
        // The runtime has one thread, so that is where all of it happens.
        let _listening = testkit::listen(tracing_subscriber::registry().with(layer));
        let client = self.client();
        let question = json!({
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": format!("Will it rain? scripted:{scenario}")}],
            "stream": is_streamed,
        });
        let asked = async {
            if !is_streamed {
                let answer: serde_json::Value = client.chat().create_byot(question).await?;
                return Ok(answer.to_string());
            }
            let chat = client.chat();
            let mut stream = chat
                .create_stream_byot::<_, serde_json::Value>(question)
                .await?;
            let mut said = String::new();
            while let Some(chunk) = stream.next().await {
                said += &chunk?.to_string();
            }
            Ok(said)
        };
        if !self.seen.by_hand {
            return self.told(asked).await;
        }
        let call = self.program.telemetry.chat(Provider::OPENAI, "by-hand");
        let answer = call.scope().within(self.told(asked)).await;
        match &answer {
            Ok(_) => call.finish(),
            Err(_) => call.fail(genspan::ErrorType::Unknown),
        }
        answer
    }

    /// Makes the call within the span of a library, if one is to tell of it.
    async fn told<T>(&self, call: impl Future<Output = T>) -> T {
        if !self.seen.by_library {
            return call.await;
        }
        let span = tracing::info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o-mini",
            gen_ai.usage.input_tokens = tracing::field::Empty,
        );
        call.instrument(span).await
    }

    /// Gives the only span, whoever recorded it.
    fn span(&self) -> CapturedSpan {
        let elsewhere = self.elsewhere.spans();
        assert!(
            elsewhere.is_empty(),
            "{:?}: {}",
            self.seen,
            testkit::tree(&elsewhere)
        );
        let mut spans = self.program.spans();
        assert_eq!(spans.len(), 1, "{:?}: {}", self.seen, testkit::tree(&spans));
        for request in self.provider.requests() {
            assert_eq!(request.header("tracestate"), None, "{:?}", self.seen);
            assert_eq!(request.header("traceparent"), None, "{:?}", self.seen);
        }
        let span = spans.remove(0);
        let by_hand = span.signals.name == "chat by-hand";
        assert_eq!(by_hand, self.seen.by_hand, "{:?}", self.seen);
        span
    }
}

fn error_type(span: &CapturedSpan) -> Option<&str> {
    span.signals
        .get(attribute::ERROR_TYPE)
        .and_then(Value::as_str)
}

#[tokio::test]
async fn whole_and_streamed() {
    for seen in Seen::all() {
        for is_streamed in [false, true] {
            let scene = Scene::new(seen).await;
            let said = scene.ask("text", is_streamed).await.unwrap();
            assert!(said.contains("Will"), "{said}");
            let span = scene.span();
            assert_eq!(error_type(&span), None);
            let said = span.signals.get(attribute::GEN_AI_OUTPUT_MESSAGES).unwrap();
            assert_eq!(said.to_json().matches("You said").count(), 1, "{seen:?}");
            assert!(span.signals.get(attribute::GEN_AI_RESPONSE_ID).is_some());
            let measured = scene.program.sink.measurements();
            let durations = measured
                .iter()
                .filter(|it| it.metric.name().ends_with("operation.duration"));
            assert_eq!(durations.count(), 1, "{seen:?}");
        }
    }
}

#[tokio::test]
async fn refused_and_cut_off() {
    for seen in Seen::all() {
        for (scenario, is_streamed, error) in [
            ("error-400", false, "invalid_request"),
            ("cut-midstream", true, "connection_lost"),
        ] {
            let scene = Scene::new(seen).await;
            scene.ask(scenario, is_streamed).await.unwrap_err();
            let span = scene.span();
            assert_eq!(error_type(&span), Some(error), "{seen:?} {scenario}");
        }
    }
}

#[tokio::test]
async fn asked_again() {
    for seen in Seen::all() {
        let scene = Scene::new(seen).await;
        scene.ask("retry-429", false).await.unwrap();
        let span = scene.span();
        assert_eq!(error_type(&span), None);
        let events = span.signals.span_events.iter();
        let attempts = events.filter(|one| one.name == event::GENSPAN_ATTEMPT);
        assert_eq!(attempts.count(), 1, "{seen:?}");
    }
}
