//! Spans that rig makes with `tracing`, on their way to Braintrust.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan_otel::{Dialect, DialectExporter, DialectSettings};
use opentelemetry::{Value, trace::TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use rig_core::{
    completion::{CompletionRequest, Message},
    providers::openai::OpenAIConfig,
    telemetry::{completion_parent_span, record_model_input, record_model_output},
};
use testkit::provider::{Provider, Script};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

/// Asks with rig; gives the spans as an exporter gets them.
fn asked(
    model: &str,
    exporter: impl FnOnce(InMemorySpanExporter) -> SdkTracerProvider,
) -> Vec<SpanData> {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let memory = InMemorySpanExporter::default();
    let tracers = exporter(memory.clone());
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("rig"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    let subscriber = tracing_subscriber::registry().with(layer);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _default = tracing::subscriber::set_default(subscriber);
    runtime.block_on(async {
        let config = OpenAIConfig::new("k3y").with_base_url(provider.url());
        let model = config.client().chat(model);
        let question = CompletionRequest::new("Who are you?").temperature(0.5);
        // As rig's own agents do it: their span is the call's, and holds what was said where that is wanted.
        let span = completion_parent_span!(
            target: "agent",
            name: "chat",
            operation: "chat",
            system_instructions: Option::<&str>::None,
            gen_ai.agent.name = "assistant"
        );
        record_model_input(&span, &[Message::user("Who are you?")], true);
        if let Ok(answer) = model.call(question).instrument(span.clone()).await {
            record_model_output(&span, &answer.choice, true);
        }
    });
    tracers.force_flush().unwrap();
    memory.get_finished_spans().unwrap()
}

fn bare(memory: InMemorySpanExporter) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_simple_exporter(memory)
        .build()
}

fn braintrust(memory: InMemorySpanExporter) -> SdkTracerProvider {
    let settings = DialectSettings {
        braintrust_parent: Some("project_name:travel".to_owned()),
        ..DialectSettings::default()
    };
    let exporter = DialectExporter::new(memory, Dialect::Braintrust).with_settings(settings);
    SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build()
}

/// Gives the one span of an operation.
fn operation(spans: &[SpanData]) -> &SpanData {
    let mut found = spans
        .iter()
        .filter(|span| value(span, "gen_ai.operation.name").is_some());
    let span = found.next().unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(found.count(), 0, "one call is one span");
    span
}

fn value(span: &SpanData, key: &str) -> Option<Value> {
    let mut values = span.attributes.iter().filter(|one| one.key.as_str() == key);
    let value = values.next().map(|one| one.value.clone());
    assert_eq!(values.count(), 0, "{key} stands more than once");
    value
}

fn json(span: &SpanData, key: &str) -> serde_json::Value {
    serde_json::from_str(&value(span, key).unwrap().as_str()).unwrap()
}

#[test]
fn a_call_is_one_span_with_both_namespaces_and_numbers_that_are_numbers() {
    let spans = asked("gpt-4o-mini", braintrust);
    let span = operation(&spans);
    assert_eq!(value(span, "gen_ai.agent.name"), Some("assistant".into()));
    for (key, own) in [
        (
            "gen_ai.usage.input_tokens",
            "braintrust.metrics.prompt_tokens",
        ),
        (
            "gen_ai.usage.output_tokens",
            "braintrust.metrics.completion_tokens",
        ),
    ] {
        let count = value(span, key);
        assert!(
            matches!(count, Some(Value::I64(tokens)) if tokens > 0),
            "{key}: {count:?}"
        );
        assert_eq!(value(span, own), count, "{own}");
    }
    assert!(matches!(
        value(span, "braintrust.metrics.tokens"),
        Some(Value::I64(_))
    ));
    assert_eq!(
        value(span, "braintrust.parent"),
        Some("project_name:travel".into())
    );
    assert_eq!(json(span, "braintrust.span_attributes")["type"], "llm");
    assert_eq!(
        json(span, "braintrust.input_json")[0]["content"],
        "Who are you?"
    );
    let said = &json(span, "gen_ai.output.messages")[0]["parts"][0]["content"];
    let shown = &json(span, "braintrust.output_json")[0]["message"]["content"];
    assert_eq!(said, shown);
    assert_eq!(json(span, "braintrust.metadata")["model"], "gpt-4o-mini");
    let origin = &json(span, "braintrust.context_json")["span_origin"];
    assert_eq!(origin["instrumentation"]["name"], "rig");
}

#[test]
fn without_the_wrapper_numbers_are_texts_and_keys_stand_twice() {
    let spans = asked("gpt-4o-mini", bare);
    let values = |key: &str| -> Vec<Value> {
        let all = spans.iter().flat_map(|span| &span.attributes);
        let of_key = all.filter(|one| one.key.as_str() == key);
        of_key.map(|one| one.value.clone()).collect()
    };
    let counts = values("gen_ai.usage.input_tokens");
    assert!(matches!(counts[..], [Value::String(_)]), "{counts:?}");
    assert!(values("gen_ai.operation.name").len() > 1);
}

#[test]
fn a_refused_call_is_one_span_too() {
    let spans = asked("scripted:error-400", braintrust);
    let span = operation(&spans);
    assert_eq!(
        value(span, "braintrust.parent"),
        Some("project_name:travel".into())
    );
    assert_eq!(value(span, "braintrust.metrics.tokens"), None);
}
