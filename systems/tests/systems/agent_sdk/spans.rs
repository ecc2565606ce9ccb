//! What its spans say, and to whom.

use std::time::Duration;

use genspan::{Conventions, ErrorType, LiveRoots, Rendering, RootLimits};
use genspan_otel::{
    Dialect, DialectExporter, OtelSink,
    instrument::{
        ChatResponse, StopReason, ToolSpanOutcome, ToolSpanParams, build_tool_span,
        finish_chat_span_error, finish_chat_span_success, finish_root_turn_span, finish_tool_span,
        keep_roots_with, stash_root_turn_span,
    },
};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

use super::rig::{MODEL, PROVIDER, Rig, answered, attribute, chat, run, text, tool};

fn ran(mut span: genspan_otel::instrument::BoxedSpan) {
    let outcome = ToolSpanOutcome::Completed {
        output: "rain",
        success: true,
        duration_ms: None,
    };
    finish_tool_span(&mut span, "get_weather", "sync", &outcome);
}

/// A1: a list, under one key, of the words that its own table has.
#[test]
fn finish_reason_normalisation_as_a_string_array() {
    for (reason, word) in [
        (StopReason::EndTurn, "stop"),
        (StopReason::ToolUse, "tool_call"),
        (StopReason::MaxTokens, "length"),
        (StopReason::StopSequence, "stop_sequence"),
        (StopReason::Refusal, "refusal"),
        (
            StopReason::ModelContextWindowExceeded,
            "model_context_window_exceeded",
        ),
        (StopReason::Unknown, "unknown"),
    ] {
        let rig = Rig::new();
        let answer = ChatResponse {
            stop_reason: Some(reason),
            ..ChatResponse::default()
        };
        rig.task(|| finish_chat_span_success(&mut chat(true), &answer, 0.25, PROVIDER, MODEL));
        let span = rig.span("chat claude-sonnet-4-5");
        let reasons = text(&span, "gen_ai.response.finish_reasons");
        assert_eq!(reasons, format!("[\"{word}\"]"));
    }
}

#[test]
fn tool_span_is_named_covers_the_run_and_has_its_type() {
    let named = |name: &str| {
        let rig = Rig::new();
        rig.task(|| {
            let span = build_tool_span(ToolSpanParams {
                tool_name: name,
                tool_call_id: "toolu_1",
                display_name: "",
                tier: None,
                kind: "async",
            });
            ran(span);
        });
        let span = rig.span(&format!("execute_tool {name}"));
        let took = span.end_time.duration_since(span.start_time).unwrap();
        assert!(took > Duration::ZERO);
        assert_eq!(
            (span.span_kind.clone(), &span.status),
            (SpanKind::Internal, &Status::Unset)
        );
        assert_eq!(text(&span, "gen_ai.tool.call.id"), "toolu_1");
        assert_eq!(attribute(&span, "agent_sdk.tool.display_name"), None);
        text(&span, "gen_ai.tool.type")
    };
    assert_eq!(named("get_weather"), "function");
    assert_eq!(named("mcp__files__read"), "extension");
}

/// A16: the text decides only where nothing better is known, and then as it always did.
#[test]
fn error_type_of_a_typed_error_and_of_a_text() {
    for (class, word) in [
        (ErrorType::from_http_status(429), "rate_limited"),
        (ErrorType::from_http_status(401), "authentication"),
        (ErrorType::from_http_status(529), "server_error"),
    ] {
        assert_eq!(class.as_str(), word);
    }
    for text_of in ["Rate limited: wait", "429 Too Many Requests"] {
        let class = genspan_otel::instrument::classify_llm_error(text_of);
        let rig = Rig::new();
        rig.task(|| {
            finish_chat_span_error(&mut chat(false), class, text_of, 0.25, PROVIDER, MODEL);
        });
        let span = rig.span("chat claude-sonnet-4-5");
        assert_eq!(text(&span, "error.type"), class);
        assert_eq!(span.status, Status::error(""), "its text is content");
    }
}

#[test]
fn vendor_namespace_layer_writes_langfuse_for_who_wants_it() {
    let shown = |dialect| {
        let exporter = InMemorySpanExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_simple_exporter(DialectExporter::new(exporter.clone(), dialect))
            .build();
        let sink = OtelSink::builder(Rendering::new(Conventions::V1_41))
            .with_tracer_provider(&tracers)
            .build();
        let telemetry = genspan::Telemetry::builder(std::sync::Arc::new(sink));
        let telemetry = telemetry.inline().build();
        telemetry.scope().run(|| {
            let mut started = run();
            started.span.scope().run(|| {
                answered(chat(false));
                ran(tool());
            });
            finish_root_turn_span(&mut started.span, 1, None, "done");
        });
        let spans = exporter.get_finished_spans().unwrap();
        let types: Vec<_> = spans
            .iter()
            .map(|span| text(span, "langfuse.observation.type"))
            .collect();
        types
    };
    for dialect in [Dialect::AgentSdk, Dialect::Langfuse] {
        assert_eq!(
            shown(dialect),
            ["generation", "tool", "agent"],
            "{dialect:?}"
        );
    }
}

/// The limits of its registry, and that they are kept: the 1025th run costs the oldest alone.
#[test]
fn bounded_memory_for_live_spans() {
    let limits = RootLimits::default();
    assert_eq!((limits.live, limits.age), (1024, Duration::from_secs(3600)));
    let rig = Rig::new();
    let roots = LiveRoots::builder().with_limits(RootLimits {
        age: Duration::from_secs(3_600_000),
        ..limits
    });
    let roots = keep_roots_with(&rig.telemetry, roots);
    rig.task(|| {
        for task in 0..=limits.live {
            stash_root_turn_span(format!("task-{task}"), run().span).unwrap();
        }
    });
    assert_eq!(roots.len(), limits.live);
    let spans = rig.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(text(&spans[0], "agent_sdk.outcome"), "abandoned");
}
