//! agent-sdk's primitives, and each defect of theirs that is not ours.
//!
//! A6, A14, A19, A22 and A23 cannot be here: no span is made afterwards, redaction has no switch and a pattern
//! that is wrong is an error of its builder, nothing of MCP is named here, there is no narrative, and whether
//! an answer asks for tools is what the answer says. That loop and worker give the same (A17) is held by
//! `examples/tests/run.rs`.

mod runs;

use genspan::{
    Capture, Content, Conventions, ErrorType, Message, Part, Place, Rendering, Role,
    semconv::{Metric, attribute as key},
};
use genspan_otel::instrument::{
    BoxedSpan, ChatResponse, ChatSpanParams, RootTurnSpanParams, StartedRootTurnSpan, StopReason,
    TokenUsage, ToolSpanOutcome, ToolSpanParams, ToolTier, build_chat_span, build_tool_span,
    context_from_traceparent, finish_chat_span_error, finish_chat_span_success,
    finish_root_turn_span, finish_tool_span, measure_with, remote_parent_context,
    remote_parent_context_with_sampling, start_root_turn_span, traceparent_from_ids,
    traceparent_from_ids_with_sampling,
};
use opentelemetry::{
    Array, KeyValue, Value,
    trace::{Span, SpanKind, Status, TraceContextExt},
};
use opentelemetry_sdk::{
    metrics::data::{AggregatedMetrics, MetricData},
    trace::{Sampler, SpanData},
};

use crate::rig::{Rig, Work, attribute};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn rig() -> Rig {
    measured(Rig::new())
}

fn measured(rig: Rig) -> Rig {
    measure_with(&rig.telemetry, &rig.meters);
    rig
}

/// Runs work as a task of a worker does: in a scope of the recorder.
fn task<T>(rig: &Rig, work: impl FnOnce() -> T) -> T {
    rig.telemetry.scope().run(work)
}

fn run() -> StartedRootTurnSpan {
    start_root_turn_span(RootTurnSpanParams {
        provider_id: "openai-responses",
        model: "gpt-4o-mini",
        conversation_id: "c-1",
    })
}

fn chat() -> BoxedSpan {
    chat_of(false)
}

fn chat_of(streaming: bool) -> BoxedSpan {
    build_chat_span(ChatSpanParams {
        provider_id: "openai-responses",
        model: "gpt-4o-mini",
        streaming,
        max_tokens: Some(64),
    })
}

fn tool() -> BoxedSpan {
    build_tool_span(ToolSpanParams {
        tool_name: "get_weather",
        tool_call_id: "call-1",
        display_name: "Weather",
        tier: Some(ToolTier::Confirm),
        kind: "sync",
    })
}

fn answer() -> ChatResponse {
    ChatResponse {
        id: "resp-1".to_owned(),
        model: "gpt-4o-mini-2024-07-18".to_owned(),
        stop_reason: Some(StopReason::ToolUse),
        usage: TokenUsage {
            input_tokens: 100,
            output_tokens: 10,
            cache_read_input_tokens: 40,
            cache_creation_input_tokens: 0,
        },
        had_tool_calls: true,
        ..ChatResponse::default()
    }
}

fn answered(mut span: BoxedSpan, answer: &ChatResponse) {
    finish_chat_span_success(&mut span, answer, 1.0, "openai-responses", "gpt-4o-mini");
}

fn text(span: &SpanData, key: &str) -> String {
    attribute(span, key).map_or_else(String::new, |value| value.as_str().into_owned())
}

/// Counts what a counter counted under this word.
fn counted(rig: &Rig, name: &str, word: &str) -> u64 {
    let metrics = rig.metrics();
    let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
    let counts = metrics.filter(|metric| metric.name() == name);
    counts
        .map(|metric| match metric.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
                .data_points()
                .filter(|point| point.attributes().any(|set| set.value.as_str() == word))
                .map(|point| point.value())
                .sum::<u64>(),
            other => panic!("{name} is no counter: {other:?}"),
        })
        .sum()
}

fn runs(rig: &Rig, word: &str) -> u64 {
    counted(rig, "agent_sdk.runs.outcome", word)
}

#[test]
fn a_chat_is_as_the_conventions_say() {
    let rig = rig();
    task(&rig, || answered(chat(), &answer()));
    let span = rig.span("chat gpt-4o-mini");
    assert_eq!(
        (span.span_kind.clone(), &span.status),
        (SpanKind::Client, &Status::Unset)
    );
    let mut facts: Vec<_> = span.attributes.iter().collect();
    facts.sort_by_key(|set| &set.key);
    let facts: Vec<_> = facts
        .iter()
        .map(|set| format!("{} = {}", set.key, set.value))
        .collect();
    insta::assert_snapshot!(facts.join("\n"), @r#"
    agent_sdk.llm.had_tool_calls = true
    agent_sdk.llm.streaming = false
    agent_sdk.llm.text_output_present = false
    agent_sdk.llm.thinking_present = false
    agent_sdk.provider.id = openai-responses
    gen_ai.operation.name = chat
    gen_ai.provider.name = openai
    gen_ai.request.max_tokens = 64
    gen_ai.request.model = gpt-4o-mini
    gen_ai.response.finish_reasons = ["tool_call"]
    gen_ai.response.id = resp-1
    gen_ai.response.model = gpt-4o-mini-2024-07-18
    gen_ai.usage.cache_creation.input_tokens = 0
    gen_ai.usage.cache_read.input_tokens = 40
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 10
    "#);
    // A1
    let reasons = attribute(&span, key::GEN_AI_RESPONSE_FINISH_REASONS);
    let list = Value::Array(Array::String(vec!["tool_call".into()]));
    assert_eq!(reasons, Some(list));
}

#[test]
fn the_providers_own_word_stands_where_it_is_known() {
    let rig = rig();
    let answer = ChatResponse {
        provider_stop_reason: Some("tool_calls".to_owned()),
        ..answer()
    };
    task(&rig, || answered(chat(), &answer));
    let reasons = attribute(
        &rig.span("chat gpt-4o-mini"),
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    );
    let list = Value::Array(Array::String(vec!["tool_calls".into()]));
    assert_eq!(reasons, Some(list));
}

#[test]
fn a2_content_has_the_conventions_shape() {
    let capture = Capture::at(Place::Span);
    let rendering = Rendering::new(Conventions::V1_41).with_capture(capture);
    let rig = Rig::with(rendering, Sampler::AlwaysOn, Work::Inline, |sink| sink);
    let question = vec![Part::Text("Is it raining?".to_owned())];
    let question = Message::new(Role::User, question);
    let answer = ChatResponse {
        content: Content {
            input: vec![question],
            ..Content::default()
        },
        ..answer()
    };
    task(&rig, || answered(chat(), &answer));
    let said = text(&rig.span("chat gpt-4o-mini"), key::GEN_AI_INPUT_MESSAGES);
    assert_eq!(
        said,
        r#"[{"role":"user","parts":[{"type":"text","content":"Is it raining?"}]}]"#
    );
}

#[test]
fn a3_tokens_are_measured_once_and_by_no_other_kind() {
    let rig = rig();
    task(&rig, || {
        let mut started = run();
        started.span.scope().run(|| answered(chat(), &answer()));
        finish_root_turn_span(&mut started.span, 1, None, "done");
    });
    assert_eq!(
        rig.count(Metric::ClientTokenUsage.name()),
        2,
        "input and output"
    );
    let root = rig.span("invoke_agent");
    assert_eq!(
        attribute(&root, key::GEN_AI_USAGE_INPUT_TOKENS),
        Some(100.into())
    );
}

#[test]
fn a4_what_a_stream_does_not_say_is_not_made_up() {
    let rig = rig();
    task(&rig, || answered(chat(), &ChatResponse::default()));
    let span = rig.span("chat gpt-4o-mini");
    for key in [
        key::GEN_AI_RESPONSE_ID,
        key::GEN_AI_RESPONSE_MODEL,
        key::GEN_AI_RESPONSE_FINISH_REASONS,
        key::GEN_AI_USAGE_INPUT_TOKENS,
    ] {
        assert_eq!(attribute(&span, key), None, "{key}");
    }
}

#[test]
fn a5_the_first_chunk_is_timed_from_the_beginning_of_the_call() {
    let rig = rig();
    task(&rig, || {
        let mut span = chat_of(true); // at 250 ms
        span.note_failed_attempt(&ErrorType::RateLimited, Some(429)); // at 500 ms
        span.note_chunk(); // at 750 ms
        span.note_chunk();
        answered(span, &answer());
    });
    assert_eq!(rig.count(Metric::ClientOperationTimeToFirstChunk.name()), 1);
    let span = rig.span("chat gpt-4o-mini");
    let first = attribute(&span, key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
    assert_eq!(first, Some(0.5.into()));
    assert_eq!(attribute(&span, key::GENSPAN_ATTEMPTS), Some(2.into()));
    assert_eq!(span.events.iter().count(), 1);
}

#[test]
fn a13_an_error_says_nothing_of_its_own_unless_content_may() {
    let canary = "key sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD is wrong";
    let capture = Capture::at(Place::Span);
    let with_content = Rendering::new(Conventions::V1_41).with_capture(capture);
    let told = [Rendering::new(Conventions::V1_41), with_content].map(|rendering| {
        let rig = Rig::with(rendering, Sampler::AlwaysOn, Work::Inline, |sink| sink);
        task(&rig, || {
            let mut span = chat();
            finish_chat_span_error(&mut span, "invalid_request", canary, 1.0, "openai", "m");
            let mut span = tool();
            let outcome = ToolSpanOutcome::EventStoreError { message: canary };
            finish_tool_span(&mut span, "get_weather", "sync", &outcome);
            let mut span = tool();
            span.record_error(&std::io::Error::other(canary));
            drop(span);
        });
        format!("{:?}", rig.spans())
    });
    assert!(!told[0].contains("is wrong") && !told[0].contains("sk-"));
    assert!(told[1].contains("is wrong") && !told[1].contains("sk-"));
}

#[test]
fn a15_a_tool_ends_as_it_says() {
    let completed = |output, success| ToolSpanOutcome::Completed {
        output,
        success,
        duration_ms: Some(40),
    };
    let cases = [
        (completed("Blocked: 3 of 7 seats", true), "success", ""),
        (completed("no such city", false), "error", "tool_error"),
        (completed("Unknown tool: x", false), "error", "unknown_tool"),
        (completed("Blocked: by policy", false), "blocked", ""),
        (completed("Rejected: by user", false), "rejected", ""),
        (
            ToolSpanOutcome::AwaitingConfirmation,
            "awaiting_confirmation",
            "",
        ),
        (
            ToolSpanOutcome::EventStoreError { message: "full" },
            "error",
            "event_store",
        ),
        (ToolSpanOutcome::Blocked, "blocked", ""),
        (ToolSpanOutcome::Rejected, "rejected", ""),
        (ToolSpanOutcome::UnknownTool, "error", "unknown_tool"),
        (ToolSpanOutcome::Cancelled, "cancelled", "cancelled"),
    ];
    for (outcome, word, class) in cases {
        let rig = rig();
        task(&rig, || {
            finish_tool_span(&mut tool(), "get_weather", "sync", &outcome)
        });
        let span = rig.span("execute_tool get_weather");
        assert_eq!(text(&span, "agent_sdk.tool.outcome"), word, "{outcome:?}");
        assert_eq!(text(&span, key::ERROR_TYPE), class, "{outcome:?}");
        let is_error = matches!(span.status, Status::Error { .. });
        assert_eq!(is_error, !class.is_empty(), "{outcome:?}");
        let waits = attribute(&span, "agent_sdk.tool.confirmation_required").is_some();
        assert_eq!(waits, word == "awaiting_confirmation");
        assert_eq!(waits, span.events.iter().count() == 1);
        assert_eq!(counted(&rig, "agent_sdk.tools.execution.count", word), 1);
        assert_eq!(rig.count("agent_sdk.tools.execution.duration"), 1);
        assert_eq!(text(&span, "agent_sdk.tool.tier"), "confirm");
        assert_eq!(text(&span, "agent_sdk.tool.kind"), "sync");
        assert_eq!(text(&span, "agent_sdk.tool.display_name"), "Weather");
        assert_eq!(text(&span, key::GEN_AI_TOOL_CALL_ID), "call-1");
    }
}

#[test]
fn a16_classes_of_errors_are_of_one_table() {
    for (class, told) in [
        ("rate_limited", "rate_limited"),
        ("cancelled", "cancelled"),
        ("_OTHER", "_OTHER"),
        ("their_own", "their_own"),
    ] {
        let rig = rig();
        task(&rig, || {
            finish_chat_span_error(&mut chat(), class, "text", 1.0, "openai", "m");
        });
        let span = rig.span("chat gpt-4o-mini");
        assert_eq!(text(&span, key::ERROR_TYPE), told);
    }
    assert_eq!(ErrorType::from_http_status(429).as_str(), "rate_limited");
}

#[test]
fn a20_the_conversation_stands_once_on_the_run_and_its_chats() {
    let rig = rig();
    task(&rig, || {
        let mut started = run();
        started
            .span
            .set_attribute(KeyValue::new(key::GEN_AI_CONVERSATION_ID, "other"));
        started.span.scope().run(|| answered(chat(), &answer()));
        finish_root_turn_span(&mut started.span, 1, None, "done");
    });
    for span in rig.spans() {
        assert_eq!(text(&span, key::GEN_AI_CONVERSATION_ID), "c-1"); // the rig looks for keys that repeat
    }
}

#[test]
fn a21_ids_are_read_strictly_and_without_globals() {
    assert_eq!(
        traceparent_from_ids_with_sampling(TRACE, SPAN, false).unwrap(),
        format!("00-{TRACE}-{SPAN}-00")
    );
    assert_eq!(
        traceparent_from_ids(TRACE, SPAN).unwrap(),
        format!("00-{TRACE}-{SPAN}-01")
    );
    let upper = TRACE.to_uppercase();
    let zeros = "0".repeat(32);
    for (trace, span) in [
        ("1", "2"),
        (upper.as_str(), SPAN),
        (TRACE, "B7AD6B7169203331"),
        (zeros.as_str(), SPAN),
        (TRACE, "0000000000000000"),
        ("", ""),
        ("g".repeat(32).as_str(), SPAN),
    ] {
        assert_eq!(traceparent_from_ids(trace, span), None, "{trace} {span}");
        assert!(
            remote_parent_context(trace, span).is_none(),
            "{trace} {span}"
        );
    }
    let context = context_from_traceparent(&format!("00-{TRACE}-{SPAN}-03")).unwrap();
    let context = context.span().span_context().clone();
    assert!(context.is_remote() && context.is_valid() && context.is_sampled());
    let unsampled = remote_parent_context_with_sampling(TRACE, SPAN, false).unwrap();
    assert!(!unsampled.span().span_context().is_sampled());
    for header in [
        format!("00-{upper}-{SPAN}-01"),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}-01-more"),
    ] {
        assert!(context_from_traceparent(&header).is_none(), "{header}");
    }
}

#[test]
fn a_replay_points_at_what_it_replays() {
    let rig = rig();
    task(&rig, || {
        let first = chat();
        let mut again = chat();
        again.replays(&first.context(), 1);
        answered(again, &answer());
        drop(first);
    });
    let spans = rig.spans();
    let link = spans[0].links.iter().next().unwrap();
    assert_eq!(link.span_context.span_id(), spans[1].span_context.span_id());
    let facts: Vec<_> = link
        .attributes
        .iter()
        .map(|set| format!("{}={}", set.key, set.value))
        .collect();
    assert_eq!(
        facts,
        [
            "agent.replay.original_trace_id=00000000000000000000000000000001",
            "agent.replay.original_span_id=0000000000000001",
            "agent.replay.attempt_index=1"
        ]
    );
}

#[test]
fn spans_take_what_spans_of_the_api_take() {
    let rig = rig();
    task(&rig, || {
        let mut span = tool();
        span.set_attribute(KeyValue::new("tries", 2));
        span.set_attribute(KeyValue::new("tries", 3));
        span.add_event("thought", vec![KeyValue::new("long", true)]);
        span.set_status(Status::error("it is broken"));
        span.end();
        span.end();
    });
    let span = rig.span("execute_tool get_weather");
    assert_eq!(attribute(&span, "tries"), Some(3.into()));
    assert_eq!(span.events.iter().next().unwrap().name, "thought");
    assert_eq!(span.status, Status::error(""), "what it says is content");
    assert_eq!(text(&span, key::ERROR_TYPE), "_OTHER");
}
