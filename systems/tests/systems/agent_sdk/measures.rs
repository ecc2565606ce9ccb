//! Metrics: names, units, edges and labels, of which there are few.

use genspan::ErrorType;
use genspan_otel::instrument::{
    CompactionOutcome, CompactionSpanParams, CompactionTrigger, SubagentSpanParams,
    ToolSpanOutcome, TurnEnd, TurnSpanParams, build_compaction_span, build_turn_span,
    finish_chat_span_error, finish_compaction_span, finish_root_turn_span, finish_subagent_span,
    finish_tool_span, finish_turn_span, start_subagent_span,
};

use super::rig::{MODEL, PROVIDER, Rig, answered, chat, run, tool};

/// Each of agent-sdk's own metrics has a point, and none has an id for a label.
#[test]
fn run_turn_tool_and_compaction_metrics_have_its_units_edges_and_labels() {
    let rig = Rig::new();
    rig.task(|| {
        let mut started = run();
        started.span.scope().run(|| {
            let mut turn = build_turn_span(TurnSpanParams {
                number: 1,
                provider_id: PROVIDER,
                input_kind: "resume",
            });
            turn.scope().run(|| {
                let mut span = chat(false);
                span.note_failed_attempt(&ErrorType::RateLimited, Some(429));
                span.note_failed_attempt(&ErrorType::ServerError, Some(529));
                answered(span);
                let outcome = ToolSpanOutcome::Completed {
                    output: "rain",
                    success: true,
                    duration_ms: Some(40),
                };
                finish_tool_span(&mut tool(), "get_weather", "sync", &outcome);
                let mut guide = start_subagent_span(SubagentSpanParams {
                    name: "guide",
                    provider_id: PROVIDER,
                    model: MODEL,
                });
                finish_subagent_span(&mut guide, 0, None, "error");
            });
            let end = TurnEnd {
                stop_reason: "done",
                usage: None,
                had_tool_calls: true,
            };
            finish_turn_span(&mut turn, &end);
            let mut compaction = build_compaction_span(CompactionSpanParams {
                trigger: CompactionTrigger::Overflow,
                original_count: 40,
                original_tokens: 9_000,
            });
            let outcome = CompactionOutcome::Compacted {
                new_count: 3,
                new_tokens: 1_000,
            };
            finish_compaction_span(&mut compaction, &outcome);
        });
        finish_root_turn_span(&mut started.span, 1, None, "done");
    });
    insta::assert_snapshot!(rig.metrics("agent_sdk."));
}

/// A3: input and output only, once for each call, with the conventions' edges.
#[test]
fn semconv_client_metrics_have_the_specified_edges() {
    let rig = Rig::new();
    rig.task(|| {
        let mut span = chat(true);
        span.note_chunk();
        span.note_chunk();
        answered(span);
        let mut span = chat(false);
        let text = "429";
        finish_chat_span_error(&mut span, "rate_limited", text, 0.25, PROVIDER, MODEL);
    });
    insta::assert_snapshot!(rig.metrics("gen_ai.client."));
}

/// Words that are not agent-sdk's would be a series each.
#[test]
fn bounded_label_cardinality_whatever_a_turn_is_said_to_end_as() {
    let rig = Rig::new();
    for word in ["lost at sea", "done with 7f3a", "error: key sk-1"] {
        rig.task(|| {
            let mut turn = build_turn_span(TurnSpanParams {
                number: 1,
                provider_id: PROVIDER,
                input_kind: "text",
            });
            let end = TurnEnd {
                stop_reason: word,
                usage: None,
                had_tool_calls: false,
            };
            finish_turn_span(&mut turn, &end);
        });
    }
    let drawn = rig.metrics("agent_sdk.turns.duration");
    assert_eq!(drawn.lines().count(), 2, "{drawn}");
    assert!(drawn.contains("agent_sdk.outcome=unknown"), "{drawn}");
}
