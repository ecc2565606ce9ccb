//! Calls to models and requests with them, as programs send them, and the stores that take them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use genspan::{SpanId, TraceId};
use genspan_prices::Prices;
use genspan_store::{Options, Store};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{
        AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
    },
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use testkit::ManualClock;

/// A moment in November 2026, in nanoseconds.
pub(crate) const NOW: u64 = 1_795_000_000_000_000_000;

/// Makes an empty folder for a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("store")
        .join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn options() -> Options {
    Options {
        prices: Some(Arc::new(Prices::vendored())),
        clock: Arc::new(ManualClock::at(NOW / 1_000_000_000)),
        ..Options::default()
    }
}

pub(crate) fn open_at(folder: &Path) -> Store {
    Store::open(&folder.join("spans.db"), options()).unwrap()
}

pub(crate) fn trace_id(number: u64) -> TraceId {
    let mut id = [7; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    TraceId(id)
}

pub(crate) fn span_id(number: u64) -> SpanId {
    SpanId((number + 1).to_be_bytes())
}

pub(crate) fn text(text: &str) -> AnyValue {
    AnyValue {
        value: Some(Value::StringValue(text.to_owned())),
    }
}

pub(crate) fn list(values: Vec<AnyValue>) -> AnyValue {
    AnyValue {
        value: Some(Value::ArrayValue(ArrayValue { values })),
    }
}

pub(crate) fn map(members: Vec<(&str, AnyValue)>) -> AnyValue {
    let values = members
        .into_iter()
        .map(|(key, value)| attribute(key, value));
    AnyValue {
        value: Some(Value::KvlistValue(KeyValueList {
            values: values.collect(),
        })),
    }
}

pub(crate) fn attribute(key: &str, value: AnyValue) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(value),
        ..KeyValue::default()
    }
}

/// Builds a message of one text, in the conventions' shape.
pub(crate) fn message(role: &str, content: &str) -> AnyValue {
    let part = map(vec![("type", text("text")), ("content", text(content))]);
    map(vec![("role", text(role)), ("parts", list(vec![part]))])
}

/// Builds a span that is yet to say anything; it takes a millisecond, `number` milliseconds after [`NOW`].
pub(crate) fn span(trace: u64, number: u64, name: &str) -> Span {
    let started = NOW + number * 1_000_000;
    Span {
        trace_id: trace_id(trace).0.to_vec(),
        span_id: span_id(number).0.to_vec(),
        name: name.to_owned(),
        start_time_unix_nano: started,
        end_time_unix_nano: started + 1_000_000,
        ..Span::default()
    }
}

pub(crate) trait With: Sized {
    fn with(self, key: &str, value: AnyValue) -> Self;
    fn with_text(self, key: &str, value: &str) -> Self {
        self.with(key, text(value))
    }
    fn with_count(self, key: &str, count: i64) -> Self {
        let value = Some(Value::IntValue(count));
        self.with(key, AnyValue { value })
    }
}

impl With for Span {
    fn with(mut self, key: &str, value: AnyValue) -> Self {
        self.attributes.push(attribute(key, value));
        self
    }
}

/// Builds a call to a model as genspan tells it.
pub(crate) fn chat(trace: u64, number: u64, input: Vec<AnyValue>, answer: &str) -> Span {
    span(trace, number, "chat gpt-4o-mini")
        .with_text("gen_ai.operation.name", "chat")
        .with_text("gen_ai.provider.name", "openai")
        .with_text("gen_ai.request.model", "gpt-4o-mini")
        .with_count("gen_ai.usage.input_tokens", 1_000)
        .with_count("gen_ai.usage.output_tokens", 100)
        .with("gen_ai.input.messages", list(input))
        .with(
            "gen_ai.output.messages",
            list(vec![message("assistant", answer)]),
        )
}

pub(crate) fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    request_of("genspan", spans)
}

pub(crate) fn request_of(scope: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![attribute("service.name", text("travel"))],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: scope.to_owned(),
                    version: "1.0".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// Reads all bytes of all files of a store.
pub(crate) fn bytes(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

/// Makes a text that does not compress.
pub(crate) fn noise(seed: u64, length: usize) -> String {
    let mut state = seed + 1;
    let letters = (0..length).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + (state >> 33) as u8 % 90)
    });
    letters.collect()
}
