//! Runs and their parts, each live while it lasts.

use genspan_otel::instrument::{
    BoxedSpan, CompactionOutcome, CompactionSpanParams, CompactionTrigger, SubagentSpanParams,
    ToolSpanOutcome, TurnEnd, TurnSpanParams, build_compaction_span, build_turn_span,
    finish_compaction_span, finish_root_turn_span, finish_subagent_span, finish_tool_span,
    finish_turn_span, start_subagent_span,
};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use super::rig::{
    MODEL, PROVIDER, Rig, STEP, answered, attribute, chat, drawn, run, text, tool, usage,
};

fn turn(number: usize) -> BoxedSpan {
    build_turn_span(TurnSpanParams {
        number,
        provider_id: PROVIDER,
        input_kind: "text",
    })
}

const DONE: TurnEnd<'static> = TurnEnd {
    stop_reason: "done",
    usage: None,
    had_tool_calls: false,
};

fn compaction() -> BoxedSpan {
    build_compaction_span(CompactionSpanParams {
        trigger: CompactionTrigger::Threshold,
        original_count: 40,
        original_tokens: 9_000,
    })
}

fn subagent() -> BoxedSpan {
    start_subagent_span(SubagentSpanParams {
        name: "guide",
        provider_id: PROVIDER,
        model: MODEL,
    })
}

fn ran(mut span: BoxedSpan) {
    let outcome = ToolSpanOutcome::Completed {
        output: "rain",
        success: true,
        duration_ms: None,
    };
    finish_tool_span(&mut span, "get_weather", "sync", &outcome);
}

fn event_names(span: &SpanData) -> Vec<String> {
    let events = span.events.iter();
    events.map(|event| event.name.to_string()).collect()
}

/// A run of two turns: a tool and a sub-agent in the first, a compaction before the second.
fn whole(rig: &Rig) {
    rig.task(|| {
        let mut started = run();
        started.span.set_agent_name("planner");
        started.span.scope().run(|| {
            let mut first = turn(1);
            first.scope().run(|| {
                answered(chat(true));
                let asks = tool();
                asks.scope().run(|| {
                    let mut guide = subagent();
                    guide.scope().run(|| answered(chat(false)));
                    finish_subagent_span(&mut guide, 1, None, "done");
                });
                ran(asks);
            });
            let end = TurnEnd {
                stop_reason: "continue",
                usage: Some(&usage()),
                had_tool_calls: true,
            };
            finish_turn_span(&mut first, &end);
            let mut shorter = compaction();
            shorter.scope().run(|| answered(chat(false)));
            let outcome = CompactionOutcome::Compacted {
                new_count: 3,
                new_tokens: 1_000,
            };
            finish_compaction_span(&mut shorter, &outcome);
            let mut second = turn(2);
            second.scope().run(|| answered(chat(true)));
            finish_turn_span(&mut second, &DONE);
        });
        finish_root_turn_span(&mut started.span, 2, None, "done");
    });
}

/// A6: turns and sub-agents were made afterwards, so their children were their siblings and they took no time.
#[test]
fn turn_and_sub_agent_spans_are_live_and_hold_what_ran_in_them() {
    let rig = Rig::new();
    whole(&rig);
    let spans = rig.spans();
    let lines: Vec<String> = spans
        .iter()
        .map(|span| {
            let parent = spans
                .iter()
                .find(|it| it.span_context.span_id() == span.parent_span_id);
            let parent = parent.map_or("-", |parent| parent.name.as_ref());
            format!("{} < {parent}", span.name)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    chat claude-sonnet-4-5 < agent.turn
    chat claude-sonnet-4-5 < invoke_agent guide
    invoke_agent guide < execute_tool get_weather
    execute_tool get_weather < agent.turn
    agent.turn < invoke_agent planner
    chat claude-sonnet-4-5 < agent.context_compaction
    agent.context_compaction < invoke_agent planner
    chat claude-sonnet-4-5 < agent.turn
    agent.turn < invoke_agent planner
    invoke_agent planner < -
    "#);
    for span in &spans {
        let took = span.end_time.duration_since(span.start_time).unwrap();
        assert!(took >= STEP, "{} took {took:?}", span.name);
    }
}

#[test]
fn loop_cycle_span_has_the_turns_attributes() {
    let rig = Rig::new();
    whole(&rig);
    let turns = rig.spans();
    let turns: Vec<_> = turns.iter().filter(|it| it.name == "agent.turn").collect();
    assert_eq!(turns.len(), 2);
    insta::assert_snapshot!(drawn(turns[0]), @r#"
    agent.turn [Internal] Unset
    agent_sdk.turn.cache_creation_input_tokens = 8
    agent_sdk.turn.cache_read_input_tokens = 40
    agent_sdk.turn.had_tool_calls = true
    agent_sdk.turn.input_tokens = 100
    agent_sdk.turn.number = 1
    agent_sdk.turn.output_tokens = 10
    agent_sdk.turn.stop_reason = continue
    "#);
    // A23: the last turn asked for no tools, whatever tokens it took.
    assert_eq!(text(turns[1], "agent_sdk.turn.had_tool_calls"), "false");
    assert_eq!(text(turns[1], "agent_sdk.turn.stop_reason"), "done");
    assert_eq!(text(turns[1], "agent_sdk.turn.input_tokens"), "-");
}

#[test]
fn multi_agent_span_of_a_sub_agent_has_its_own_tokens() {
    let rig = Rig::new();
    whole(&rig);
    insta::assert_snapshot!(drawn(&rig.span("invoke_agent guide")), @r#"
    invoke_agent guide [Internal] Unset
    agent_sdk.outcome = done
    agent_sdk.provider.id = anthropic
    agent_sdk.run.mode = loop
    agent_sdk.total_turns = 1
    gen_ai.agent.name = guide
    gen_ai.conversation.id = c-1
    gen_ai.operation.name = invoke_agent
    gen_ai.provider.name = anthropic
    gen_ai.request.model = claude-sonnet-4-5
    gen_ai.response.finish_reasons = ["tool_call"]
    gen_ai.usage.cache_creation.input_tokens = 8
    gen_ai.usage.cache_read.input_tokens = 40
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 10
    "#);
    // Three calls are the planner's own, one of them within a compaction.
    insta::assert_snapshot!(drawn(&rig.span("invoke_agent planner")), @r#"
    invoke_agent planner [Internal] Unset
    agent_sdk.outcome = done
    agent_sdk.provider.id = anthropic
    agent_sdk.total_turns = 2
    gen_ai.agent.name = planner
    gen_ai.conversation.id = c-1
    gen_ai.operation.name = invoke_agent
    gen_ai.provider.name = anthropic
    gen_ai.request.model = claude-sonnet-4-5
    gen_ai.response.finish_reasons = ["tool_call"]
    gen_ai.usage.cache_creation.input_tokens = 24
    gen_ai.usage.cache_read.input_tokens = 120
    gen_ai.usage.input_tokens = 300
    gen_ai.usage.output_tokens = 30
    "#);
}

#[test]
fn context_compaction_span_says_what_it_did() {
    let rig = Rig::new();
    whole(&rig);
    insta::assert_snapshot!(drawn(&rig.span("agent.context_compaction")), @r#"
    agent.context_compaction [Internal] Unset
    agent_sdk.compaction.new_count = 3
    agent_sdk.compaction.new_tokens = 1000
    agent_sdk.compaction.original_count = 40
    agent_sdk.compaction.original_tokens = 9000
    agent_sdk.compaction.trigger = threshold
    agent_sdk.outcome = success
    "#);
}

#[test]
fn a_compaction_ends_as_it_says() {
    let grown = CompactionOutcome::Compacted {
        new_count: 41,
        new_tokens: 9_001,
    };
    let message = "it is long";
    for (outcome, class, word, event) in [
        (grown, "-", "success", "compaction.expanded_unexpectedly"),
        (
            CompactionOutcome::SkippedBelowThreshold,
            "-",
            "success",
            "compaction.skipped_below_threshold",
        ),
        (
            CompactionOutcome::Cancelled,
            "context_compaction_cancelled",
            "error",
            "",
        ),
        (
            CompactionOutcome::Failed { message },
            "context_compaction_failed",
            "error",
            "",
        ),
        (
            CompactionOutcome::HistoryReplaceFailed { message },
            "context_compaction_history_replace_failed",
            "error",
            "compaction.history_replace_failed",
        ),
    ] {
        let rig = Rig::new();
        rig.task(|| finish_compaction_span(&mut compaction(), &outcome));
        let span = rig.span("agent.context_compaction");
        assert_eq!(text(&span, "error.type"), class, "{outcome:?}");
        assert_eq!(text(&span, "agent_sdk.outcome"), word, "{outcome:?}");
        let is_error = span.status != Status::Unset;
        assert_eq!(is_error, word == "error", "{outcome:?}");
        let told: Vec<_> = (!event.is_empty()).then_some(event).into_iter().collect();
        assert_eq!(event_names(&span), told, "{outcome:?}");
        let saved = rig.metrics("agent_sdk.context.compaction.tokens_saved");
        assert_eq!(saved, "", "nothing was saved: {outcome:?}");
    }
}

#[test]
fn a_turn_ends_as_it_says_and_what_is_dropped_is_cancelled() {
    for (word, class) in [
        ("continue", "-"),
        ("refusal", "-"),
        ("awaiting_confirmation", "-"),
        ("pending_tool_calls", "-"),
        ("budget_exceeded", "-"),
        ("error", "turn_error"),
        ("cancelled", "cancelled"),
    ] {
        let rig = Rig::new();
        let end = TurnEnd {
            stop_reason: word,
            ..DONE
        };
        rig.task(|| finish_turn_span(&mut turn(1), &end));
        let span = rig.span("agent.turn");
        assert_eq!(text(&span, "agent_sdk.turn.stop_reason"), word);
        assert_eq!(text(&span, "error.type"), class, "{word}");
        assert_eq!(span.span_kind, SpanKind::Internal);
    }
    let rig = Rig::new();
    rig.task(|| {
        drop(turn(1));
        drop(compaction());
        drop(subagent());
    });
    let spans = rig.spans();
    let classes: Vec<_> = spans.iter().map(|it| text(it, "error.type")).collect();
    assert_eq!(
        classes,
        ["cancelled", "context_compaction_cancelled", "cancelled"]
    );
    assert_eq!(text(&spans[0], "agent_sdk.turn.stop_reason"), "cancelled");
    assert_eq!(text(&spans[2], "agent_sdk.outcome"), "cancelled");
    let counted = rig.metrics("agent_sdk.subagent");
    assert!(counted.contains("agent_sdk.outcome=cancelled"), "{counted}");
}

/// What is finished with another kind's word stays open, and is no success.
#[test]
fn a_span_is_finished_by_its_own_kind_alone() {
    let rig = Rig::new();
    rig.task(|| {
        let mut span = turn(1);
        finish_compaction_span(&mut span, &CompactionOutcome::SkippedBelowThreshold);
        finish_subagent_span(&mut span, 1, None, "done");
        finish_root_turn_span(&mut span, 1, None, "done");
        assert!(rig.spans().is_empty());
        finish_turn_span(&mut span, &DONE);
        finish_turn_span(&mut span, &DONE);
    });
    let span = rig.span("agent.turn");
    assert_eq!(attribute(&span, "agent_sdk.outcome"), None);
}
