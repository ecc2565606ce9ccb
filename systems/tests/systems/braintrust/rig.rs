//! A recorder whose spans go to Braintrust's intake, which drops what names no parent, and models to ask.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use genspan::{Rendering, Telemetry};
use genspan_chat::{ChatRequest, ChatResponse, Tools, function};
use genspan_http::{Recorder, RecorderOptions, reqwest_0_13::Recorded};
use genspan_otlp::{Batching, CountingIds, OtlpSink, PipelineOptions, Route, SinkOptions};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use serde_json::json;
use testkit::{
    ManualClock,
    braintrust::{Arrived, Intake},
    provider::{Provider, Script},
};

const KEY: &str = "k3y";

/// The longest that a test waits for the worker.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) struct Rig {
    intake: Intake,
    pub(super) models: Provider,
    pub(super) telemetry: Telemetry,
    pub(super) recorder: Recorder,
}

impl Rig {
    /// Sends everything that Braintrust can be sent.
    pub(super) fn with_content() -> Self {
        Self::of("braintrust;content=span", &[])
    }

    /// Sends no content, which is the default.
    pub(super) fn without_content() -> Self {
        Self::of("braintrust", &[])
    }

    pub(super) fn of(destination: &str, variables: &[(&str, &str)]) -> Self {
        let intake = Intake::of(KEY);
        let url = intake.url();
        let own = [
            ("BRAINTRUST_API_KEY", KEY),
            ("BRAINTRUST_API_URL", url.as_str()),
            ("BRAINTRUST_DEFAULT_PROJECT_NAME", "travel"),
        ];
        let read = |name: &str| {
            let mut all = variables.iter().chain(&own);
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let destination: genspan_otlp::Destination = destination.parse().unwrap();
        let route = Route {
            rendering: destination
                .rendering(Rendering::default().conventions(), Default::default()),
            destination: destination.resolve(read).unwrap(),
        };
        let options = SinkOptions {
            ids: Arc::new(CountingIds::default()),
            pipeline: PipelineOptions {
                batching: Batching::OnFlush,
                ..PipelineOptions::default()
            },
            ..SinkOptions::default()
        };
        let sink = OtlpSink::start(vec![route], options).unwrap();
        let clock = ManualClock::default().stepping(Duration::from_millis(250));
        let telemetry = Telemetry::builder(Arc::new(sink)).with_clock(Arc::new(clock));
        let telemetry = telemetry.build();
        Self {
            intake,
            models: Provider::start(Script::scenarios()).unwrap(),
            recorder: Recorder::new(telemetry.clone(), RecorderOptions::default()),
            telemetry,
        }
    }

    /// Asks a model over a transport that is recorded, in one of `testkit::provider`'s ways; gives what was read.
    pub(super) async fn ask(&self, way: &str, stream: bool) -> reqwest::Result<String> {
        let client = Recorded::new(reqwest::Client::new(), self.recorder.clone());
        let url = format!("{}/v1/chat/completions", self.models.url());
        let request = client.post(url).header("x-scripted", way);
        request
            .body(question(stream).to_string())
            .send()
            .await?
            .text()
            .await
    }

    /// Gives all that came.
    pub(super) fn arrived(self) -> Arrived {
        assert!(self.recorder.settle(LIMIT));
        let report = self.telemetry.shutdown(LIMIT);
        assert!(report.is_complete(), "{report}");
        self.intake.arrived()
    }

    /// Gives the spans that Braintrust shows, which must be all.
    pub(super) fn shown(self) -> Vec<Shown> {
        let arrived = self.arrived();
        assert_eq!((arrived.dropped, &arrived.refused), (0, &Vec::new()));
        let mut spans: Vec<Shown> = arrived.kept.into_iter().map(Shown::of).collect();
        spans.sort_by_key(|span| span.at);
        spans
    }

    /// Gives the only span.
    pub(super) fn only(self) -> Shown {
        let mut spans = self.shown();
        assert_eq!(spans.len(), 1, "{spans:#?}");
        spans.remove(0)
    }
}

pub(super) fn question(stream: bool) -> serde_json::Value {
    json!({
        "model": "gpt-4o-mini",
        "stream": stream,
        "stream_options": if stream { json!({"include_usage": true}) } else { json!(null) },
        "temperature": 0.2,
        "max_tokens": 100,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What shall I wear?"},
        ],
        "tools": [{"type": "function", "function": {
            "name": "get_weather",
            "description": "Tells the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        }}],
    })
}

/// Holds a span as Braintrust got it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) kind: SpanKind,
    pub(super) status: StatusCode,
    pub(super) parent: Vec<u8>,
    pub(super) id: Vec<u8>,
    pub(super) took: Duration,
    at: u64,
    facts: BTreeMap<String, String>,
}

impl Shown {
    fn of(span: Span) -> Self {
        let kind = span.kind();
        let status = span.status.unwrap_or_default().code();
        Self {
            kind,
            status,
            parent: span.parent_span_id,
            id: span.span_id,
            took: Duration::from_nanos(span.end_time_unix_nano - span.start_time_unix_nano),
            at: span.start_time_unix_nano,
            facts: span
                .attributes
                .into_iter()
                .map(|one| (one.key, text(one.value.unwrap().value.unwrap())))
                .collect(),
            name: span.name,
        }
    }

    /// Gives a fact as text, a dash where there is none.
    pub(super) fn get(&self, key: &str) -> &str {
        self.facts.get(key).map_or("-", String::as_str)
    }

    /// Gives a fact that is JSON.
    pub(super) fn json(&self, key: &str) -> serde_json::Value {
        let text = self.get(key);
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{key} = {text}: {error}"))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// Draws it, without what is another number each time.
    pub(super) fn drawn(&self) -> String {
        let facts = self.facts.iter().map(|(key, value)| match key.as_str() {
            "server.port" => format!("{key} = PORT\n"),
            _ => format!(
                "{key} = {}\n",
                value.replace(env!("CARGO_PKG_VERSION"), "VERSION")
            ),
        });
        let head = format!("{} [{:?}] {:?}\n", self.name, self.kind, self.status);
        std::iter::once(head).chain(facts).collect()
    }
}

/// Gives a text as it is, and all else as JSON.
fn text(value: Value) -> String {
    match value {
        Value::StringValue(text) => text,
        other => as_json(other),
    }
}

/// Writes members in their order, which a map of `serde_json` need not keep.
fn as_json(value: Value) -> String {
    let item = |value: Option<AnyValue>| {
        let value = value.and_then(|any| any.value);
        value.map_or_else(|| "null".to_owned(), as_json)
    };
    match value {
        Value::StringValue(text) => json!(text).to_string(),
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => format!("{number:?}"),
        Value::BoolValue(is) => is.to_string(),
        Value::ArrayValue(list) => {
            let items = list.values.into_iter().map(|one| item(Some(one)));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Value::KvlistValue(map) => {
            let members = map.values.into_iter();
            let members = members.map(|one| format!("{}:{}", json!(one.key), item(one.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        other => panic!("{other:?}"),
    }
}

/// Asks for a tool, then answers in words.
pub(super) fn two_rounds(
    asked: &ChatRequest,
) -> std::future::Ready<Result<ChatResponse, std::io::Error>> {
    let usage = |input, output| {
        let counts = genspan::Counts {
            input: Some(input),
            output: Some(output),
            cache_read: Some(4),
            cache_write: Some(2),
            reasoning: Some(1),
            ..Default::default()
        };
        genspan::Usage::inclusive(counts).0
    };
    let is_first = asked.messages.len() == 1;
    let answer = if is_first {
        let call = genspan::ToolCallRequest {
            id: Some("call_1".to_owned()),
            name: "get_weather".to_owned(),
            arguments: genspan::Value::from_json(r#"{"city":"Lisbon"}"#).unwrap(),
        };
        ChatResponse::tool_calls([call])
            .with_finish_reason("tool_calls")
            .with_usage(usage(10, 4))
    } else {
        ChatResponse::text("Take a coat.")
            .with_finish_reason("stop")
            .with_usage(usage(20, 5))
    };
    std::future::ready(Ok(answer))
}

pub(super) fn tools() -> Tools {
    let weather = function(
        "get_weather",
        "Tells the weather.",
        genspan::Value::from_json(r#"{"type":"object"}"#).unwrap(),
    );
    Tools::new().with(weather, |_| async { Ok::<_, std::io::Error>("rain") })
}
