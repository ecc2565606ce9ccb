//! An agent's run that hooks tell of: in every way that it can end, each operation in it is one span and one duration point.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use genspan::{
    AgentInvocation, AgentRun, Conventions, ErrorType, Failure, Inference, Outcome, Provider,
    Rendering, Telemetry, ToolExecution,
    semconv::{Metric, attribute as key},
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

const TIMEOUT: Duration = Duration::from_secs(10);
const CALL: u64 = 1;
const TOOL: u64 = 2;
const DURATIONS: [Metric; 3] = [
    Metric::InvokeAgentDuration,
    Metric::ClientInferenceDuration,
    Metric::ExecuteToolDuration,
];

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::Main));
    let clock = ManualClock::default().stepping(Duration::from_millis(10));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .build();
    (sink, telemetry)
}

fn chat() -> Inference {
    Inference::chat(Provider::OPENAI, "m")
}

fn failed(error_type: ErrorType) -> Outcome {
    Outcome::Failed(error_type.into())
}

/// Tells of a run and gives its spans, in the order in which they ended; there is a duration point for each.
fn spans(tell: impl FnOnce(&Telemetry, AgentRun<u64>)) -> Vec<CapturedSpan> {
    let (sink, telemetry) = recorder();
    let run = AgentRun::start(&telemetry, AgentInvocation::new("travel"));
    tell(&telemetry, run);
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let spans = sink.spans();
    let points = sink.measurements();
    let points = points
        .iter()
        .filter(|it| DURATIONS.iter().any(|known| it.metric == *known));
    assert_eq!(
        points.count(),
        spans.len(),
        "a duration point for each span"
    );
    spans
}

/// Tells of a run, and says how each of its operations ended.
fn ends(tell: impl FnOnce(&Telemetry, AgentRun<u64>)) -> Vec<String> {
    let spans = spans(tell);
    let agent = spans
        .iter()
        .find(|it| it.signals.name == "invoke_agent travel");
    let agent = agent.unwrap().context.span_id;
    let end = |span: &CapturedSpan| {
        let own = span.parent.as_ref().map(|it| it.span_id) == Some(agent);
        let indent = if own { "  " } else { "" };
        let error = span.signals.get(key::ERROR_TYPE);
        let error = error.and_then(|it| it.as_str()).unwrap_or("ok");
        format!("{indent}{}: {error}", span.signals.name)
    };
    spans.iter().map(end).collect()
}

/// Tells of a call whose answer has begun to come, and of a tool at work.
fn under_way(run: &mut AgentRun<u64>) {
    let mut call = chat();
    call.request.stream = true;
    run.start_inference(CALL, call);
    run.note_chunk(&CALL);
    run.start_tool(TOOL, ToolExecution::new("find"));
}

/// Says how the three operations ended, whichever of the two within ended first.
fn three(mut ends: Vec<String>) -> [String; 3] {
    assert_eq!(ends.len(), 3, "one span each: {ends:?}");
    assert!(ends[2].starts_with("invoke_agent"), "the agent ends last");
    ends[..2].sort();
    ends.try_into().unwrap()
}

const CANCELLED: [&str; 3] = [
    "  chat m: cancelled",
    "  execute_tool find: cancelled",
    "invoke_agent travel: cancelled",
];

#[test]
fn a_run_that_is_told_of_in_full() {
    let ends = ends(|_, mut run| {
        under_way(&mut run);
        run.note_outcome(&CALL, Outcome::Completed);
        run.end_as(&TOOL, failed(ErrorType::ToolError));
        run.finish();
        run.fail(ErrorType::Timeout); // it has ended
    });
    let expected = [
        "  chat m: ok",
        "  execute_tool find: tool_error",
        "invoke_agent travel: ok",
    ];
    assert_eq!(ends, expected);
}

#[test]
fn what_a_run_leaves_under_way_ends_before_it() {
    let ends = ends(|_, mut run| {
        under_way(&mut run);
        run.note_outcome(&TOOL, Outcome::Completed);
        run.note_outcome(&TOOL, Outcome::Cancelled); // the first word counts
        run.finish();
    });
    let expected = [
        "  chat m: cancelled",
        "  execute_tool find: ok",
        "invoke_agent travel: ok",
    ];
    assert_eq!(three(ends), expected);
}

#[test]
fn a_run_that_fails_says_why_the_last_call_did_unless_it_knows() {
    let run_fails = |with: ErrorType| {
        ends(|_, mut run| {
            run.start_inference(CALL, chat());
            run.note_outcome(&CALL, failed(ErrorType::RateLimited));
            run.fail(Failure::new(with).with_message("no more"));
        })
    };
    let unknown = run_fails(ErrorType::Unknown);
    assert_eq!(unknown[1], "invoke_agent travel: rate_limited");
    let stated = run_fails(ErrorType::Timeout);
    assert_eq!(
        stated,
        ["  chat m: rate_limited", "invoke_agent travel: timeout"]
    );
}

#[test]
fn a_call_that_was_answered_makes_good_those_that_failed_before() {
    let ends = ends(|_, mut run| {
        run.start_inference(CALL, chat());
        run.note_outcome(&CALL, failed(ErrorType::RateLimited));
        run.start_inference(CALL, chat());
        run.note_outcome(&CALL, Outcome::Completed);
        run.fail(ErrorType::Unknown);
    });
    assert_eq!(
        ends,
        [
            "  chat m: rate_limited",
            "  chat m: ok",
            "invoke_agent travel: _OTHER"
        ]
    );
}

#[test]
fn a_run_that_fails_for_reasons_unknown() {
    let ends = ends(|_, mut run| {
        run.start_tool(TOOL, ToolExecution::new("find"));
        run.end_as(&TOOL, failed(ErrorType::ToolError));
        run.fail(ErrorType::Unknown);
    });
    let expected = [
        "  execute_tool find: tool_error",
        "invoke_agent travel: _OTHER",
    ];
    assert_eq!(ends, expected, "an agent outlives a tool's failure");
}

#[test]
fn dropped_before_anything_was_told() {
    assert_eq!(ends(|_, run| drop(run)), ["invoke_agent travel: cancelled"]);
}

#[test]
fn dropped_amid_a_stream() {
    let spans = spans(|_, mut run| {
        under_way(&mut run);
        drop(run);
    });
    let mut chats = spans.iter().filter(|it| it.signals.name == "chat m");
    let first = chats
        .next()
        .unwrap()
        .signals
        .get(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
    assert!(first.is_some(), "what was known of it stays");
    let again = ends(|_, mut run| under_way(&mut run));
    assert_eq!(three(again), CANCELLED);
}

#[test]
fn dropped_by_a_panic() {
    let ends = ends(|_, mut run| {
        under_way(&mut run);
        let work = AssertUnwindSafe(|| {
            let _run = run;
            panic!("the framework's own");
        });
        assert!(catch_unwind(work).is_err());
    });
    assert_eq!(three(ends), CANCELLED);
}

#[test]
fn under_way_at_a_shutdown() {
    let ends = ends(|telemetry, mut run| {
        under_way(&mut run);
        drop(telemetry.shutdown(TIMEOUT));
        run.note_outcome(&CALL, Outcome::Completed);
        run.end_as(&TOOL, Outcome::Completed);
        run.finish();
    });
    assert_eq!(three(ends), CANCELLED);
}

#[test]
fn shared_by_tasks_and_dropped_by_the_last() {
    let ends = ends(|_, run| {
        let run = Arc::new(Mutex::new(run));
        let there = Arc::clone(&run);
        let work = std::thread::spawn(move || under_way(&mut there.lock().unwrap()));
        work.join().unwrap();
        drop(run);
    });
    assert_eq!(three(ends), CANCELLED);
}

#[test]
fn an_id_that_is_used_again_ends_what_had_it() {
    let ends = ends(|_, mut run| {
        run.start_inference(CALL, chat());
        run.start_tool(CALL, ToolExecution::new("find"));
        assert!(run.inference(&CALL).is_none());
        run.end_as(&CALL, Outcome::Completed);
        run.end_as(&CALL, failed(ErrorType::Timeout)); // it has ended
        run.finish();
    });
    let expected = [
        "  chat m: cancelled",
        "  execute_tool find: ok",
        "invoke_agent travel: ok",
    ];
    assert_eq!(ends, expected);
}

#[test]
fn what_is_told_of_after_the_end_is_not_the_runs() {
    let ends = ends(|_, mut run| {
        run.finish();
        assert!(run.agent().is_none());
        under_way(&mut run);
        run.note_outcome(&CALL, Outcome::Completed);
    });
    let expected = [
        "invoke_agent travel: ok",
        "chat m: ok",
        "execute_tool find: cancelled",
    ];
    assert_eq!(ends, expected);
}

#[test]
fn who_sees_a_call_in_its_scope_adds_to_it() {
    let spans = spans(|telemetry, mut run| {
        run.start_inference(CALL, chat());
        let scope = run.scope(&CALL).unwrap();
        let mut seen = scope.run(|| telemetry.start(chat()));
        seen.response.id = Some("chatcmpl-1".to_owned());
        seen.finish();
        run.inference(&CALL).unwrap().response.id = Some("told".to_owned());
        run.note_outcome(&CALL, Outcome::Completed);
        run.start_tool(TOOL, ToolExecution::new("find"));
        run.tool(&TOOL).unwrap().call_id = Some("call_1".to_owned());
        run.end_as(&TOOL, Outcome::Completed);
        assert!(run.scope(&CALL).is_none() && run.scope(&TOOL).is_none());
        run.finish();
    });
    let value = |at: usize, key| spans[at].signals.get(key).and_then(|it| it.as_str());
    assert_eq!(value(0, key::GEN_AI_RESPONSE_ID), Some("chatcmpl-1"));
    assert_eq!(value(1, key::GEN_AI_TOOL_CALL_ID), Some("call_1"));
    assert_eq!(value(1, key::GEN_AI_AGENT_NAME), Some("travel"));
}
