//! A run that one task begins and another ends is one span and one count, here and beyond its process.

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
    Active, AgentInvocation, Conventions, Finalised, Inference, Journal, LiveRoots, Parent,
    Provider, Rendering, Resumed, RootLimits, RunEnd, RunOutcome, SpanContext, StartOptions,
    Telemetry, Usage, Value,
    semconv::attribute::{
        ERROR_TYPE, GEN_AI_CONVERSATION_ID, GEN_AI_USAGE_INPUT_TOKENS, GENSPAN_RUN_OUTCOME,
        GENSPAN_RUN_TURNS,
    },
};
use testkit::{CaptureSink, CapturedSpan, ManualClock, MemoryJournal};

const TIMEOUT: Duration = Duration::from_secs(10);
const LIMITS: RootLimits = RootLimits {
    live: 2,
    age: Duration::from_secs(60),
};

/// Stands for a process: a recorder, its runs, and what came out.
struct Process {
    sink: Arc<CaptureSink>,
    clock: Arc<ManualClock>,
    telemetry: Telemetry,
    roots: LiveRoots,
    counted: Arc<Mutex<Vec<RunOutcome>>>,
}

impl Process {
    fn with(journal: Option<Arc<dyn Journal>>) -> Self {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let clock = Arc::new(ManualClock::at(1000));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::clone(&clock) as _)
            .inline()
            .build();
        let counted = Arc::new(Mutex::new(Vec::new()));
        let counts = Arc::clone(&counted);
        let mut roots = LiveRoots::builder()
            .with_limits(LIMITS)
            .with_count(move |outcome| counts.lock().unwrap().push(outcome));
        if let Some(journal) = journal {
            roots = roots.with_journal(journal);
        }
        let roots = roots.build(&telemetry);
        Self {
            sink,
            clock,
            telemetry,
            roots,
            counted,
        }
    }

    fn new() -> Self {
        Self::with(None)
    }

    fn run(&self) -> Active<AgentInvocation> {
        self.telemetry.invoke_agent("travel")
    }

    fn stash(&self, key: &str) {
        self.roots.stash(key, self.run()).unwrap();
    }

    fn finalise(&self, key: &str) -> Finalised {
        let end = RunEnd::new(RunOutcome::Done).with_turns(2);
        self.roots.finalise(&self.telemetry, key, end)
    }

    /// Gives the words by which the spans that came out ended.
    fn outcomes(&self) -> Vec<String> {
        let spans = self.sink.spans();
        let word = |span: &CapturedSpan| text(span, GENSPAN_RUN_OUTCOME);
        spans.iter().map(word).collect()
    }

    fn counted(&self) -> Vec<&'static str> {
        let counted = self.counted.lock().unwrap();
        counted.iter().map(|outcome| outcome.as_str()).collect()
    }
}

fn text(span: &CapturedSpan, key: &str) -> String {
    let value = span.signals.get(key).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

#[test]
fn a_run_ends_once_whoever_ends_it_again() {
    let process = Process::new();
    process.stash("a");
    assert_eq!(process.finalise("a"), Finalised::Ended);
    assert_eq!(process.finalise("a"), Finalised::Known);
    assert!(!process.roots.discard(&process.telemetry, "a"));
    assert_eq!(process.outcomes(), ["done"]);
    assert_eq!(process.counted(), ["done"]);
    let span = &process.sink.spans()[0];
    assert_eq!(span.signals.get(GENSPAN_RUN_TURNS), Some(&Value::Int(2)));
    assert!(!span.signals.is_error);
}

#[test]
fn a_run_that_nobody_knows_is_counted_once_and_has_no_span() {
    let process = Process::new();
    assert_eq!(process.finalise("lost"), Finalised::Counted);
    assert_eq!(process.finalise("lost"), Finalised::Known);
    assert_eq!(process.counted(), ["done"]);
    assert!(process.sink.spans().is_empty());
    let refused = process.roots.stash("lost", process.run()).unwrap_err();
    assert_eq!(refused.key(), "lost");
}

#[test]
fn a_second_stash_gives_the_run_back_and_costs_nobody_his_place() {
    let process = Process::new();
    process.stash("oldest");
    process.stash("newest");
    let refused = process.roots.stash("oldest", process.run()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a run `oldest` is live, or has ended not long ago"
    );
    assert_eq!(process.roots.len(), 2);
    assert!(process.sink.spans().is_empty());
    drop(refused);
    assert_eq!(
        process.outcomes(),
        ["discarded"],
        "it does not pass for a run"
    );
    assert_eq!(process.counted(), [""; 0]);

    let own = process.roots.stash("oldest", process.run()).unwrap_err();
    let end = RunEnd::new(RunOutcome::Refusal);
    process.roots.end(own.into_root(), end);
    assert_eq!(process.counted(), ["refusal"]);
}

#[test]
fn the_oldest_and_the_too_old_are_abandoned_with_an_error() {
    let process = Process::new();
    for key in ["a", "b", "c"] {
        process.stash(key);
        process.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(process.outcomes(), ["abandoned"]);
    process.clock.advance(LIMITS.age - Duration::from_secs(2));
    assert_eq!(process.roots.sweep(&process.telemetry), 1);
    assert_eq!(process.outcomes(), ["abandoned"; 2]);
    assert_eq!(
        process.finalise("a"),
        Finalised::Known,
        "it was counted before"
    );
    assert_eq!(process.finalise("c"), Finalised::Ended);
    assert_eq!(process.counted(), ["abandoned", "abandoned", "done"]);
    let span = &process.sink.spans()[0];
    assert!(span.signals.is_error);
    assert_eq!(text(span, ERROR_TYPE), "abandoned");
}

#[test]
fn a_discarded_run_says_so_and_is_not_counted() {
    let process = Process::new();
    process.stash("a");
    assert!(process.roots.discard(&process.telemetry, "a"));
    assert_eq!(process.finalise("a"), Finalised::Known);
    assert_eq!(process.outcomes(), ["discarded"]);
    assert_eq!(process.counted(), [""; 0]);
}

#[test]
fn what_ran_in_a_run_is_its_own_and_is_summed_up() {
    let process = Process::new();
    process.stash("a");
    let scope = process.roots.scope("a").unwrap();
    scope.run(|| {
        let mut chat = process.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
        let counts = genspan::Counts {
            input: Some(7),
            ..genspan::Counts::default()
        };
        chat.set_usage(Usage::inclusive(counts));
        chat.finish();
    });
    process
        .roots
        .update("a", |run| run.common.set(GENSPAN_RUN_TURNS, 1_i64));
    // A run that failed knows how far it came, though nobody says so at its end.
    let end = RunEnd::new(RunOutcome::Error);
    process.roots.finalise(&process.telemetry, "a", end);
    let spans = process.sink.spans();
    let (chat, root) = (&spans[0], &spans[1]);
    assert_eq!(chat.parent.as_ref().unwrap().span_id, root.context.span_id);
    assert_eq!(
        root.signals.get(GEN_AI_USAGE_INPUT_TOKENS),
        Some(&Value::Int(7))
    );
    assert_eq!(root.signals.get(GENSPAN_RUN_TURNS), Some(&Value::Int(1)));
    assert_eq!(text(root, ERROR_TYPE), "agent_error");
}

#[test]
fn a_panic_while_a_run_is_updated_loses_none() {
    let process = Process::new();
    process.stash("a");
    let update = || process.roots.update("a", |_| panic!("in the middle"));
    assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
    assert_eq!(process.finalise("a"), Finalised::Ended);
    assert_eq!(process.outcomes(), ["done"]);
}

#[test]
fn a_shutdown_abandons_what_is_live_and_counts_it() {
    let process = Process::new();
    process.stash("a");
    assert!(process.telemetry.shutdown(TIMEOUT).is_complete());
    assert_eq!(process.outcomes(), ["abandoned"]);
    assert_eq!(process.counted(), ["abandoned"]);
}

#[test]
fn the_last_holder_abandons_what_is_live() {
    let Process {
        sink,
        roots,
        telemetry,
        counted,
        ..
    } = Process::new();
    roots.stash("a", telemetry.invoke_agent("travel")).unwrap();
    drop(roots);
    assert_eq!(sink.spans().len(), 1);
    assert_eq!(*counted.lock().unwrap(), [RunOutcome::Abandoned]);
}

#[test]
fn a_recorder_has_one_keeper_of_its_own() {
    let process = Process::new();
    let one = LiveRoots::builder().build_for(&process.telemetry);
    let other = LiveRoots::builder().build_for(&process.telemetry);
    one.stash("a", process.run()).unwrap();
    assert_eq!(other.len(), 1);
    assert!(process.roots.is_empty(), "it is another");
}

/// Begins a run within a caller's span, with a conversation and a user.
fn begin(process: &Process, caller: &SpanContext) -> SpanContext {
    let mut run = AgentInvocation::new("travel");
    run.request.model = Some("gpt-4o-mini".to_owned());
    let scope = process.telemetry.scope_under(caller.clone());
    let scope = scope
        .with_conversation_id("c-1")
        .with_attribute("user.id", "u-7");
    let root = scope.run(|| process.telemetry.start(run));
    let context = root.context().clone();
    process.roots.stash("a", root).unwrap();
    context
}

fn caller() -> SpanContext {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    SpanContext::from_traceparent(parent, None).unwrap()
}

#[test]
fn a_run_goes_on_in_another_process_as_the_same_span() {
    let journal = Arc::new(MemoryJournal::default());
    let first = Process::with(Some(Arc::clone(&journal) as _));
    let began = begin(&first, &caller());
    // The first process is gone: nothing of it comes out, and nothing is ended.
    let second = Process::with(Some(Arc::clone(&journal) as _));
    second.clock.advance(Duration::from_secs(30));
    let resumed = second.roots.resume(&second.telemetry, "a");
    assert_eq!(resumed, Resumed::Taken(began.clone()));
    let scope = second.roots.scope_of(&began).unwrap();
    scope.run(|| {
        let chat = Inference::chat(Provider::OPENAI, "gpt-4o-mini");
        second.telemetry.start(chat).finish();
    });
    assert_eq!(second.finalise("a"), Finalised::Ended);
    let spans = second.sink.spans();
    let (chat, root) = (&spans[0], &spans[1]);
    assert_eq!(chat.parent.as_ref().unwrap().span_id, began.span_id);
    assert_eq!((&root.context, &root.parent), (&began, &Some(caller())));
    assert_eq!(root.started.unix_nanos(), 1_000_000_000_000);
    assert_eq!(root.signals.name, "invoke_agent travel");
    assert_eq!(text(root, GEN_AI_CONVERSATION_ID), "c-1");
    assert_eq!(text(root, "user.id"), "u-7");
    assert_eq!(journal.outcome("a").as_deref(), Some("done"));

    // The first was only slow.
    assert_eq!(first.finalise("a"), Finalised::Known);
    assert!(first.sink.spans().is_empty());
    assert_eq!(first.counted(), [""; 0]);
}

#[test]
fn a_run_is_finalised_where_it_never_was_live() {
    let journal = Arc::new(MemoryJournal::default());
    let first = Process::with(Some(Arc::clone(&journal) as _));
    let began = begin(&first, &caller());
    let second = Process::with(Some(journal));
    assert_eq!(second.finalise("a"), Finalised::Ended);
    assert_eq!(second.finalise("a"), Finalised::Known);
    let spans = second.sink.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].context, began);
    assert_eq!(second.counted(), ["done"]);
}

#[test]
fn what_nobody_resumes_is_recovered_once() {
    let journal = Arc::new(MemoryJournal::default());
    let first = Process::with(Some(Arc::clone(&journal) as _));
    begin(&first, &caller());
    let others = [(); 2].map(|()| Process::with(Some(Arc::clone(&journal) as _)));
    let age = Duration::from_secs(10);
    let recover = |process: &Process| process.roots.recover(&process.telemetry, age);
    assert!(recover(&others[0]).is_empty(), "it may be under way");
    for other in &others {
        other.clock.advance(age);
    }
    assert_eq!(recover(&others[0]), ["a"]);
    assert!(recover(&others[1]).is_empty());
    assert_eq!(others[0].outcomes(), ["abandoned"]);
    assert_eq!(
        others[1].roots.resume(&others[1].telemetry, "a"),
        Resumed::Ended
    );
    assert_eq!(others[1].finalise("a"), Finalised::Known);
    let refused = others[1].roots.stash("a", others[1].run()).is_err();
    assert!(refused, "a key that has ended is known to the journal");
}

#[test]
fn a_shutdown_leaves_runs_in_the_journal_to_others() {
    let journal = Arc::new(MemoryJournal::default());
    let first = Process::with(Some(Arc::clone(&journal) as _));
    let began = begin(&first, &caller());
    assert!(first.telemetry.shutdown(TIMEOUT).is_complete());
    assert!(first.sink.spans().is_empty());
    let second = Process::with(Some(journal));
    let resumed = second.roots.resume(&second.telemetry, "a");
    assert_eq!(resumed, Resumed::Taken(began));
    assert_eq!(first.counted(), [""; 0]);
}

#[test]
fn a_run_that_nobody_knows_is_counted_once_among_processes() {
    let journal = Arc::new(MemoryJournal::default());
    let both = [(); 2].map(|()| Process::with(Some(Arc::clone(&journal) as _)));
    assert_eq!(both[0].finalise("lost"), Finalised::Counted);
    assert_eq!(both[1].finalise("lost"), Finalised::Known);
    assert!(both[1].roots.stash("lost", both[1].run()).is_err());
}

#[test]
fn a_broken_journal_costs_nothing_but_durability() {
    let journal = Arc::new(MemoryJournal::default());
    let process = Process::with(Some(Arc::clone(&journal) as _));
    journal.set_broken(true);
    process.stash("a");
    assert_eq!(process.finalise("a"), Finalised::Ended);
    assert_eq!(process.finalise("b"), Finalised::Counted);
    assert_eq!(process.roots.journal_failures(), 3, "begin, take and bury");
    assert_eq!(process.outcomes(), ["done"]);
}

#[test]
fn what_was_not_sampled_is_not_recorded_after_its_process() {
    let journal = Arc::new(MemoryJournal::default());
    let first = Process::with(Some(Arc::clone(&journal) as _));
    let options = StartOptions {
        parent: Parent::Root,
        ..StartOptions::default()
    };
    let unsampled = CaptureSink::unsampled(Rendering::default());
    let telemetry = Telemetry::builder(unsampled as _).inline().build();
    let root = telemetry.start_with(AgentInvocation::new("travel"), options);
    let context = root.context().clone();
    first.roots.stash("a", root).unwrap();
    let second = Process::with(Some(journal));
    second.roots.resume(&second.telemetry, "a");
    let starts = second.sink.starts();
    assert_eq!(starts[0].parent, Parent::Span(context.clone()));
    assert!(!context.sampled);
}
