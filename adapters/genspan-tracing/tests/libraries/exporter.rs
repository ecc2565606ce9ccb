//! The other door: spans that leave through `tracing-opentelemetry`, mended on their way to the exporter.

use std::fmt::Write;

use adk_telemetry::{LlmUsage, semconv::agent_run_semconv_span};
use genspan::{Capture, Conventions, Place, Rendering};
use genspan_otel::DialectExporter;
use opentelemetry::{Value, trace::TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use testkit::suite::{CANARY, Case, Stage};
use tracing::{field::Empty, info_span};
use tracing_subscriber::layer::SubscriberExt;

use crate::{checked, genai, rig};

/// Gives what an exporter gets of work under the bridge.
fn spans(rendering: Rendering, work: impl FnOnce()) -> Vec<SpanData> {
    let memory = InMemorySpanExporter::default();
    let exporter = DialectExporter::conventions(memory.clone(), rendering);
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    let bridge = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("application"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    let subscriber = tracing_subscriber::registry().with(bridge);
    let listening = testkit::listen(subscriber);
    work();
    drop(listening);
    memory.get_finished_spans().unwrap()
}

fn wait(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work);
}

fn without_content() -> Rendering {
    Rendering::new(Conventions::V1_41)
}

fn with_content() -> Rendering {
    without_content().with_capture(Capture::at(Place::Span))
}

/// Draws spans in the order of their end, keys sorted.
fn drawn(spans: &[SpanData]) -> String {
    let mut text = String::new();
    for span in spans {
        let kind = &span.span_kind;
        let _ = writeln!(text, "{} [{kind:?}] {:?}", span.name, span.status);
        let mut lines: Vec<String> = span
            .attributes
            .iter()
            .map(|one| {
                let is_id = one.key.as_str().ends_with("id");
                let value = if is_id {
                    "…".into()
                } else {
                    one.value.clone()
                };
                format!("  {} = {value:?}", one.key)
            })
            .collect();
        lines.sort();
        let _ = writeln!(text, "{}", lines.join("\n"));
    }
    text
}

fn value(span: &SpanData, key: &str) -> Option<Value> {
    let mut values = span.attributes.iter().filter(|one| one.key.as_str() == key);
    let value = values.next().map(|one| one.value.clone());
    assert_eq!(values.count(), 0, "{key} stands more than once");
    value
}

#[test]
fn rig_and_genai_come_out_in_the_conventions() {
    for case in Case::ALL {
        for rendering in [with_content(), without_content()] {
            let has_content = rendering.capture().is_on();
            let stage = Stage::new(case, false);
            let seen = spans(rendering, || wait(rig::play(&stage)));
            checked::clean_data(&seen);
            let text = format!("{seen:?}");
            assert_eq!(text.contains(CANARY), has_content, "{case:?}: {text}");
            let calls = seen.iter().filter(|span| span.name == "chat gpt-4o-mini");
            let expected = if case.has_tools() { 2 } else { 1 };
            assert_eq!(calls.count(), expected, "{case:?}: {}", drawn(&seen));
            let seen = spans(without_content(), || wait(genai::play(&stage)));
            checked::clean_data(&seen);
        }
    }
}

#[test]
fn a_conversation_of_rig_is_what_it_says() {
    let stage = Stage::new(Case::Tools, false);
    let seen = spans(without_content(), || wait(rig::play(&stage)));
    insta::assert_snapshot!(drawn(&seen), @r##"
    chat gpt-4o-mini [Client] Unset
      gen_ai.agent.name = String(Owned("forecaster"))
      gen_ai.operation.name = String(Owned("chat"))
      gen_ai.provider.name = String(Owned("openai"))
      gen_ai.request.model = String(Owned("gpt-4o-mini"))
      gen_ai.response.id = String(Static("…"))
      gen_ai.response.model = String(Owned("gpt-4o-mini"))
      gen_ai.usage.cache_read.input_tokens = I64(14)
      gen_ai.usage.input_tokens = I64(58)
      gen_ai.usage.output_tokens = I64(9)
      gen_ai.usage.reasoning.output_tokens = I64(0)
      rig.provider_request_id = String(Static("…"))
    execute_tool get_weather [Internal] Unset
      gen_ai.operation.name = String(Owned("execute_tool"))
      gen_ai.tool.call.id = String(Static("…"))
      gen_ai.tool.name = String(Owned("get_weather"))
      gen_ai.tool.type = String(Owned("function"))
      rig.tool.call.outcome = String(Owned("success"))
    chat gpt-4o-mini [Client] Unset
      gen_ai.agent.name = String(Owned("forecaster"))
      gen_ai.operation.name = String(Owned("chat"))
      gen_ai.provider.name = String(Owned("openai"))
      gen_ai.request.model = String(Owned("gpt-4o-mini"))
      gen_ai.response.id = String(Static("…"))
      gen_ai.response.model = String(Owned("gpt-4o-mini"))
      gen_ai.usage.cache_read.input_tokens = I64(23)
      gen_ai.usage.input_tokens = I64(92)
      gen_ai.usage.output_tokens = I64(7)
      gen_ai.usage.reasoning.output_tokens = I64(0)
      rig.provider_request_id = String(Static("…"))
    invoke_agent forecaster [Internal] Unset
      gen_ai.agent.name = String(Owned("forecaster"))
      gen_ai.operation.name = String(Owned("invoke_agent"))
      gen_ai.usage.cache_read.input_tokens = I64(37)
      gen_ai.usage.input_tokens = I64(150)
      gen_ai.usage.output_tokens = I64(16)
    "##);
}

#[test]
fn adk_and_langchain_are_read_by_the_same_table() {
    let seen = spans(without_content(), || {
        agent_run_semconv_span("guide", "inv-1", Some("s-1")).in_scope(|| {
            adk_telemetry::llm_generate_span("openai", "gpt-5-mini", false).in_scope(|| {
                adk_telemetry::record_llm_usage(&LlmUsage {
                    input_tokens: 100,
                    output_tokens: 20,
                    total_tokens: 120,
                    ..LlmUsage::default()
                });
            });
        });
        let call = info_span!(
            "llm.generate",
            provider = "openai",
            model = "gpt-4o-mini",
            stream = true,
            prompt_tokens = 7_u32,
            completion_tokens = 3_u32,
            total_tokens = 10_u32,
            error = Empty
        );
        call.record("error", "a canary");
    });
    checked::clean_data(&seen);
    insta::assert_snapshot!(drawn(&seen), @r##"
    chat gpt-5-mini [Client] Unset
      gen_ai.operation.name = String(Owned("chat"))
      gen_ai.provider.name = String(Owned("openai"))
      gen_ai.request.model = String(Owned("gpt-5-mini"))
      gen_ai.usage.input_tokens = I64(100)
      gen_ai.usage.output_tokens = I64(20)
    invoke_agent guide [Internal] Unset
      gen_ai.agent.name = String(Owned("guide"))
      gen_ai.conversation.id = String(Static("…"))
      gen_ai.operation.name = String(Owned("invoke_agent"))
      invocation.id = String(Static("…"))
    chat gpt-4o-mini [Client] Error { description: "" }
      error.type = String(Owned("_OTHER"))
      gen_ai.operation.name = String(Owned("chat"))
      gen_ai.provider.name = String(Owned("openai"))
      gen_ai.request.model = String(Owned("gpt-4o-mini"))
      gen_ai.request.stream = Bool(true)
      gen_ai.usage.input_tokens = I64(7)
      gen_ai.usage.output_tokens = I64(3)
    "##);
}

#[test]
fn other_spans_pass_as_they_are_but_for_what_stood_there_twice() {
    let seen = spans(without_content(), || {
        let request = info_span!("request", path = "/", prompt = Empty, count = 1_u64);
        request.record("prompt", "one");
        request.record("prompt", "two");
    });
    assert_eq!(value(&seen[0], "prompt"), Some("two".into()));
    assert_eq!(value(&seen[0], "path"), Some("/".into()));
    assert_eq!(seen[0].name, "request");
}

#[test]
fn another_version_is_another_rendering() {
    let seen = spans(Rendering::new(Conventions::V1_36), || {
        let call = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "m",
            gen_ai.usage.input_tokens = 12_u64,
            gen_ai.usage.cache_read.input_tokens = 4_u64
        );
        drop(call);
    });
    assert_eq!(value(&seen[0], "gen_ai.system"), Some("openai".into()));
    assert_eq!(
        value(&seen[0], "gen_ai.usage.input_tokens"),
        Some(12_i64.into())
    );
    assert_eq!(
        value(&seen[0], "gen_ai.usage.cache_read.input_tokens"),
        None
    );
}

#[test]
fn what_the_recorder_made_passes_as_it_is() {
    let memory = InMemorySpanExporter::default();
    let exporter = DialectExporter::conventions(memory.clone(), without_content());
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    let rendering = with_content();
    let sink = genspan_otel::OtelSink::builder(rendering)
        .with_tracer_provider(&tracers)
        .build();
    let telemetry = genspan::Telemetry::builder(std::sync::Arc::new(sink))
        .inline()
        .build();
    let mut tool = telemetry.execute_tool("weather");
    tool.result = "rain".into();
    tool.finish();
    let seen = memory.get_finished_spans().unwrap();
    assert_eq!(seen[0].name, "execute_tool weather");
    assert!(value(&seen[0], "gen_ai.tool.call.result").is_some());
}

#[test]
fn events_are_told_in_full_only_where_all_content_stands_on_spans() {
    let told = |capture| {
        let rendering = without_content().with_capture(capture);
        let seen = spans(rendering, || {
            let call = info_span!("chat", gen_ai.operation.name = "chat");
            call.in_scope(|| tracing::info!(prompt = CANARY, "asked"));
        });
        seen.iter().map(|span| span.events.len()).sum::<usize>()
    };
    let on_span = Capture::at(Place::Span);
    assert_eq!(told(on_span), 1);
    for part in [
        Capture::default(),
        Capture::at(Place::Event),
        on_span.without_inputs(),
        on_span.without_outputs(),
    ] {
        assert_eq!(told(part), 0, "{part:?}");
    }
}
