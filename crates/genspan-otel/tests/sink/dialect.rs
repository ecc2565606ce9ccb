//! Spans on their way to an exporter, in a vendor's language.

use genspan::Provider;
use genspan_otel::{
    ApplicationProviders, Dialect, DialectExporter, DialectSettings, OtelSink, ScopeFacts,
};
use opentelemetry::{
    Array, KeyValue, Value,
    trace::{Span, SpanKind, Status, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData, SpanExporter},
};
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt;

use crate::rig::attribute;

fn settings() -> DialectSettings {
    DialectSettings {
        braintrust_parent: Some("project_name:travel".to_owned()),
        ..DialectSettings::default()
    }
}

/// Gives providers whose spans go to memory in Braintrust's language.
fn braintrust() -> (SdkTracerProvider, InMemorySpanExporter) {
    let memory = InMemorySpanExporter::default();
    let exporter = DialectExporter::new(memory.clone(), Dialect::Braintrust);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(ScopeFacts::new(["braintrust.parent"]))
        .with_simple_exporter(exporter.with_settings(settings()))
        .build();
    (provider, memory)
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    attribute(span, key).map(|value| value.as_str().into_owned())
}

/// Shows the attributes, sorted, each key once.
fn shown(span: &SpanData) -> String {
    let mut lines: Vec<String> = span
        .attributes
        .iter()
        .filter(|one| {
            !["code.", "thread.", "target"]
                .iter()
                .any(|of| one.key.as_str().starts_with(of))
        })
        .filter(|one| !["busy_ns", "idle_ns"].contains(&one.key.as_str()))
        .map(|one| format!("{} = {:?}", one.key, one.value))
        .collect();
    lines.sort();
    let all = lines.len();
    lines.dedup_by_key(|line| line.split(" = ").next().unwrap().to_owned());
    assert_eq!(lines.len(), all, "a key stands twice");
    lines.join("\n")
}

#[test]
fn a_span_of_tracing_gets_numbers_and_both_namespaces() {
    let (provider, memory) = braintrust();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("application"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        // Unsigned numbers are texts by the time that they are in a span.
        let _span = tracing::info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o-mini",
            gen_ai.request.temperature = 0.5,
            gen_ai.request.max_tokens = 64_u64,
            gen_ai.usage.input_tokens = 12_u64,
            gen_ai.usage.output_tokens = 3_u64,
            gen_ai.response.finish_reasons = r#"["stop"]"#,
            gen_ai.input.messages = r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#,
        )
        .entered();
    });
    let spans = memory.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    insta::assert_snapshot!(shown(&spans[0]), @r#"
    braintrust.context_json = String(Owned("{\"span_origin\":{\"name\":\"genspan\",\"version\":\"0.1.0\",\"instrumentation\":{\"name\":\"application\"}}}"))
    braintrust.input_json = String(Owned("[{\"role\":\"user\",\"content\":\"Hi\"}]"))
    braintrust.metadata = String(Owned("{\"model\":\"gpt-4o-mini\",\"provider\":\"openai\",\"temperature\":0.5,\"max_tokens\":64}"))
    braintrust.metrics.completion_tokens = I64(3)
    braintrust.metrics.prompt_tokens = I64(12)
    braintrust.metrics.tokens = I64(15)
    braintrust.parent = String(Owned("project_name:travel"))
    braintrust.span_attributes = String(Owned("{\"type\":\"llm\"}"))
    gen_ai.input.messages = String(Owned("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi\"}]}]"))
    gen_ai.operation.name = String(Owned("chat"))
    gen_ai.provider.name = String(Owned("openai"))
    gen_ai.request.max_tokens = I64(64)
    gen_ai.request.model = String(Owned("gpt-4o-mini"))
    gen_ai.request.temperature = F64(0.5)
    gen_ai.response.finish_reasons = Array(String([Owned("stop")]))
    gen_ai.usage.input_tokens = I64(12)
    gen_ai.usage.output_tokens = I64(3)
    "#);
}

#[test]
fn another_vendor_s_span_is_read_before() {
    let (provider, memory) = braintrust();
    let mut span = provider.tracer("framework").start("ChatOpenAI");
    for one in [
        KeyValue::new("openinference.span.kind", "LLM"),
        KeyValue::new("llm.model_name", "gpt-4o-mini"),
        KeyValue::new("llm.token_count.prompt", "12"),
        KeyValue::new("llm.token_count.completion", 3),
        KeyValue::new("llm.input_messages.0.message.role", "user"),
        KeyValue::new("llm.input_messages.0.message.content", "Hi"),
        KeyValue::new("app.tier", "gold"),
    ] {
        span.set_attribute(one);
    }
    span.end();
    let spans = memory.get_finished_spans().unwrap();
    insta::assert_snapshot!(shown(&spans[0]), @r#"
    app.tier = String(Owned("gold"))
    braintrust.context_json = String(Owned("{\"span_origin\":{\"name\":\"genspan\",\"version\":\"0.1.0\",\"instrumentation\":{\"name\":\"framework\"}}}"))
    braintrust.input_json = String(Owned("[{\"role\":\"user\",\"content\":\"Hi\"}]"))
    braintrust.metadata = String(Owned("{\"model\":\"gpt-4o-mini\"}"))
    braintrust.metrics.completion_tokens = I64(3)
    braintrust.metrics.prompt_tokens = I64(12)
    braintrust.metrics.tokens = I64(15)
    braintrust.parent = String(Owned("project_name:travel"))
    braintrust.span_attributes = String(Owned("{\"type\":\"llm\"}"))
    gen_ai.input.messages = String(Owned("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi\"}]}]"))
    gen_ai.operation.name = String(Owned("chat"))
    gen_ai.request.model = String(Owned("gpt-4o-mini"))
    gen_ai.usage.input_tokens = I64(12)
    gen_ai.usage.output_tokens = I64(3)
    "#);
}

#[test]
fn what_is_no_operation_gets_its_parent_and_stays_as_it_is() {
    let (provider, memory) = braintrust();
    let tracer = provider.tracer("app");
    let builder = tracer.span_builder("GET /").with_kind(SpanKind::Server);
    let mut span = tracer.build(builder);
    let list = Array::I64(vec![1, 2]);
    span.set_attribute(KeyValue::new("list", Value::Array(list.clone())));
    span.set_attribute(KeyValue::new("again", 1));
    span.set_attribute(KeyValue::new("again", 2));
    span.add_event("cache.miss", vec![KeyValue::new("key", "k")]);
    span.set_status(Status::error("it broke"));
    span.end();
    let span = memory.get_finished_spans().unwrap().remove(0);
    assert_eq!(
        (span.name.as_ref(), &span.span_kind),
        ("GET /", &SpanKind::Server)
    );
    assert_eq!(span.status, Status::error("it broke"));
    assert_eq!(span.events[0].name, "cache.miss");
    assert_eq!(attribute(&span, "list"), Some(Value::Array(list)));
    assert_eq!(attribute(&span, "again"), Some(Value::I64(2)));
    assert_eq!(
        text(&span, "braintrust.parent").as_deref(),
        Some("project_name:travel")
    );
    assert_eq!(attribute(&span, "braintrust.span_attributes"), None);
}

#[test]
fn a_scope_s_parent_holds_for_spans_of_others_too() {
    let (provider, memory) = braintrust();
    let sink = OtelSink::builder(genspan::Rendering::default())
        .with_tracer_provider(&provider)
        .with_providers(ApplicationProviders::default().with_tracer_provider(provider.clone()))
        .build();
    let telemetry = genspan::Telemetry::builder(Arc::new(sink)).inline().build();
    let tracer = provider.tracer("app");
    let scope = telemetry.scope();
    let experiment = scope.with_attribute("braintrust.parent", "experiment_id:e");
    experiment.run(|| {
        let agent = telemetry.invoke_agent("planner");
        agent.scope().run(|| {
            tracer.in_span("lookup", |_| telemetry.chat(Provider::OPENAI, "m").finish());
            let mut own = tracer.start("own");
            own.set_attribute(KeyValue::new("braintrust.parent", "project_id:own"));
            own.end();
        });
        agent.finish();
    });
    tracer.in_span("elsewhere", |_| ());
    let spans = memory.get_finished_spans().unwrap();
    let mut parents: Vec<_> = spans
        .iter()
        .map(|span| {
            format!(
                "{}: {}",
                span.name,
                text(span, "braintrust.parent").unwrap()
            )
        })
        .collect();
    parents.sort();
    insta::assert_snapshot!(parents.join("\n"), @"
    chat m: experiment_id:e
    elsewhere: project_name:travel
    invoke_agent planner: experiment_id:e
    lookup: experiment_id:e
    own: project_id:own
    ");
}

/// Keeps batches apart, and refuses those with a certain span.
#[derive(Clone, Debug, Default)]
struct Batches(Arc<Mutex<Vec<Vec<SpanData>>>>);

impl SpanExporter for Batches {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let is_refused = batch.iter().any(|span| span.name == "refused");
        self.0.lock().unwrap().push(batch);
        if is_refused {
            return Err(OTelSdkError::InternalFailure("no".to_owned()));
        }
        Ok(())
    }
}

/// Makes spans of this many bytes of text each.
fn spans(sizes: &[(&'static str, usize)]) -> Vec<SpanData> {
    let memory = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(memory.clone())
        .build();
    let tracer = provider.tracer("app");
    for (name, size) in sizes {
        let mut span = tracer.start(*name);
        let text = serde_json::json!([{"role": "user", "parts": [{"type": "text", "content": "x".repeat(*size)}]}]);
        span.set_attribute(KeyValue::new("gen_ai.input.messages", text.to_string()));
        span.set_attribute(KeyValue::new("last", true));
        span.end();
    }
    memory.get_finished_spans().unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn batches_stay_within_bounds_and_a_refused_one_costs_itself_alone() {
    let batches = Batches::default();
    let exporter =
        DialectExporter::new(batches.clone(), Dialect::Braintrust).with_request_bytes(10_000);
    let sizes = [
        ("a", 3_000),
        ("refused", 3_000),
        ("c", 30_000),
        ("d", 3_000),
        ("e", 3_000),
    ];
    let result = exporter.export(spans(&sizes)).await;
    assert!(result.unwrap_err().to_string().contains("no"));
    let batches = batches.0.lock().unwrap();
    let names: Vec<Vec<&str>> = batches
        .iter()
        .map(|batch| batch.iter().map(|span| span.name.as_ref()).collect())
        .collect();
    assert_eq!(names, [vec!["a", "refused"], vec!["c"], vec!["d", "e"]]);
    let cut = &batches[1][0];
    let said = text(cut, "gen_ai.input.messages").unwrap();
    assert!(said.len() < 10_000);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(
        said[0]["parts"][0]["content"]
            .as_str()
            .unwrap()
            .starts_with("xxx")
    );
    assert_eq!(attribute(cut, "last"), Some(Value::Bool(true)));
    assert!(
        matches!(attribute(cut, "genspan.content.truncated"), Some(Value::I64(left_out)) if left_out > 20_000)
    );
}

#[tokio::test(flavor = "current_thread")]
async fn spans_that_are_marked_as_none_do_not_pass() {
    let batches = Batches::default();
    let exporter = DialectExporter::new(batches.clone(), Dialect::Langfuse);
    let mut marked = spans(&[("a", 1)]);
    marked[0]
        .attributes
        .push(KeyValue::new("genspan.discarded", true));
    exporter.export(marked).await.unwrap();
    assert_eq!(batches.0.lock().unwrap().len(), 0);
}
