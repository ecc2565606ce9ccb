//! Runs, which one task begins and another ends.

use std::{sync::Arc, time::Duration};

use genspan::{
    Conventions, LiveRoots, Rendering, Resumed, RootLimits,
    semconv::{Metric, attribute as key},
};
use genspan_otel::instrument::{
    ToolSpanOutcome, context_from_carrier, context_from_traceparent, discard_root_turn_span,
    finalize_root_turn_span, finish_root_turn_span, finish_tool_span, keep_roots_with, live_roots,
    remote_parent_context, stash_root_turn_span, traceparent_from_ids,
};
use opentelemetry::{
    Context,
    baggage::BaggageExt,
    trace::{Span, Status, TraceContextExt},
};
use opentelemetry_sdk::trace::Sampler;
use testkit::MemoryJournal;

use super::{SPAN, TRACE, answer, answered, chat, measured, rig, run, runs, task, text, tool};
use crate::rig::{Rig, Work, attribute};

#[test]
fn a7_a_run_that_fails_tells_what_it_took() {
    let rig = rig();
    task(&rig, || {
        let started = run();
        let (trace, span) = (started.trace_id_hex.clone(), started.span_id_hex.clone());
        stash_root_turn_span("task-1", started.span).unwrap();
        let _within = remote_parent_context(&trace, &span).unwrap().attach();
        answered(chat(), &answer());
        finalize_root_turn_span("task-1", 0, None, "error");
    });
    let root = rig.span("invoke_agent");
    assert_eq!(text(&root, "agent_sdk.outcome"), "error");
    assert_eq!(text(&root, key::ERROR_TYPE), "agent_error");
    assert_eq!(
        attribute(&root, "agent_sdk.total_turns"),
        None,
        "nobody knows"
    );
    assert_eq!(
        attribute(&root, key::GEN_AI_USAGE_OUTPUT_TOKENS),
        Some(10.into())
    );
}

#[test]
fn a8_children_of_an_unsampled_run_are_not_sampled() {
    let rendering = Rendering::new(Conventions::V1_41);
    let rig = measured(Rig::with(
        rendering,
        Sampler::AlwaysOff,
        Work::Inline,
        |sink| sink,
    ));
    task(&rig, || {
        let started = run();
        assert!(!started.sampled);
        let (trace, span) = (started.trace_id_hex.clone(), started.span_id_hex.clone());
        let carrier = started.carrier(&[]);
        assert!(carrier.traceparent.ends_with("-00"));
        stash_root_turn_span("task-1", started.span).unwrap();
        let parent = traceparent_from_ids(&trace, &span).unwrap();
        assert_eq!(parent, carrier.traceparent, "the true flag");
        let context = remote_parent_context(&trace, &span).unwrap();
        assert!(!context.span().span_context().is_sampled());
        let _within = context.attach();
        answered(chat(), &answer());
        finalize_root_turn_span("task-1", 1, None, "done");
    });
    assert!(rig.spans().is_empty());
    assert_eq!(runs(&rig, "done"), 1, "measured all the same");
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 1);
}

#[test]
fn a9_what_is_no_run_says_so() {
    let rig = rig();
    task(&rig, || {
        stash_root_turn_span("task-1", run().span).unwrap();
        discard_root_turn_span("task-1");
        let refused = stash_root_turn_span("task-1", run().span).unwrap_err();
        insta::assert_snapshot!(refused, @"the span was not stashed: a run of this task is live, or has ended, or the span is no run");
        drop(refused);
        // Or its owner goes on with it.
        let mut own = stash_root_turn_span("task-1", run().span)
            .unwrap_err()
            .into_span();
        finish_root_turn_span(&mut own, 1, None, "done");
        assert!(
            stash_root_turn_span("task-2", chat()).is_err(),
            "it is no run"
        );
    });
    let roots: Vec<_> = rig
        .spans()
        .into_iter()
        .filter(|span| span.name == "invoke_agent")
        .collect();
    let outcomes: Vec<_> = roots
        .iter()
        .map(|span| text(span, "agent_sdk.outcome"))
        .collect();
    assert_eq!(outcomes, ["discarded", "discarded", "done"]);
    assert_eq!((runs(&rig, "discarded"), runs(&rig, "done")), (0, 1));
}

#[test]
fn a10_a_run_is_counted_once() {
    let rig = rig();
    task(&rig, || {
        stash_root_turn_span("task-1", run().span).unwrap();
        finalize_root_turn_span("task-1", 2, None, "done");
        finalize_root_turn_span("task-1", 2, None, "done");
        finalize_root_turn_span("after a restart", 2, None, "done");
        finalize_root_turn_span("after a restart", 2, None, "done");
    });
    assert_eq!(rig.spans().len(), 1);
    assert_eq!(runs(&rig, "done"), 2);
}

#[test]
fn a11_a12_the_oldest_is_abandoned_for_a_new_run_only_and_as_an_error() {
    let rig = rig();
    let limits = RootLimits {
        live: 1,
        age: Duration::from_secs(3600),
    };
    let roots = LiveRoots::builder().with_limits(limits);
    let roots = keep_roots_with(&rig.telemetry, roots);
    task(&rig, || {
        stash_root_turn_span("task-1", run().span).unwrap();
        let refused = stash_root_turn_span("task-1", run().span).unwrap_err();
        assert_eq!((roots.len(), rig.spans().len()), (1, 0));
        drop(refused.into_span());
        stash_root_turn_span("task-2", run().span).unwrap();
    });
    let spans = rig.spans();
    assert_eq!(text(&spans[0], "agent_sdk.outcome"), "discarded");
    assert_eq!(text(&spans[1], "agent_sdk.outcome"), "abandoned");
    assert_eq!(text(&spans[1], key::ERROR_TYPE), "abandoned");
    assert!(matches!(spans[1].status, Status::Error { .. }));
    assert_eq!(runs(&rig, "abandoned"), 1);
}

#[test]
fn a18_a_run_stands_within_what_is_current_and_keeps_state_and_baggage() {
    let rig = rig();
    task(&rig, || {
        let carrier = genspan::Carrier {
            traceparent: format!("00-{TRACE}-{SPAN}-01"),
            tracestate: "vendor=1".to_owned(),
            baggage: "user.id=u-7,secret=s".to_owned(),
        };
        let server = context_from_carrier(&carrier, &["user.id"]).unwrap();
        let _within = server.attach();
        let started = run();
        let kept = started.carrier(&["user.id"]);
        assert_eq!(kept.tracestate, "vendor=1");
        assert_eq!(kept.baggage, "user.id=u-7");
        let later = context_from_carrier(&kept, &["user.id"]).unwrap();
        assert_eq!(
            later.span().span_context().trace_state().header(),
            "vendor=1"
        );
        assert_eq!(later.baggage().get("user.id"), Some(&"u-7".into()));
        assert_eq!(later.baggage().get("secret"), None);
        finish_root_turn_span(&mut { started.span }, 1, None, "done");
    });
    let span = rig.span("invoke_agent");
    assert_eq!(span.parent_span_id.to_string(), SPAN);
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
}

#[test]
fn a24_metrics_belong_to_the_recorder_and_not_to_the_process() {
    let (one, other) = (rig(), rig());
    for (rig, times) in [(&one, 1), (&other, 2)] {
        for _ in 0..times {
            task(rig, || {
                finish_root_turn_span(&mut run().span, 1, None, "done")
            });
        }
    }
    assert_eq!((runs(&one, "done"), runs(&other, "done")), (1, 2));
}

#[test]
fn tasks_of_a_run_are_its_own_in_whatever_way_they_are_told() {
    let rig = rig();
    let started = task(&rig, run);
    let (trace, root) = (started.trace_id_hex.clone(), started.span_id_hex.clone());
    let parent = traceparent_from_ids(&trace, &root).unwrap();
    task(&rig, || {
        stash_root_turn_span("task-1", started.span).unwrap()
    });
    let by_ids = || {
        let _within = remote_parent_context(&trace, &root).unwrap().attach();
        answered(chat(), &answer());
    };
    let by_header = || {
        let _within = context_from_traceparent(&parent).unwrap().attach();
        let mut span = tool();
        let inside = || Context::current().span().span_context().clone();
        assert_eq!(&span.scope().run(inside), span.span_context());
        let outcome = ToolSpanOutcome::Completed {
            output: "dry",
            success: true,
            duration_ms: None,
        };
        finish_tool_span(&mut span, "get_weather", "sync", &outcome);
    };
    std::thread::scope(|threads| {
        let one = threads.spawn(|| task(&rig, by_ids));
        one.join().unwrap();
        let other = threads.spawn(|| task(&rig, by_header));
        other.join().unwrap();
    });
    task(&rig, || finalize_root_turn_span("task-1", 1, None, "done"));
    for name in ["chat gpt-4o-mini", "execute_tool get_weather"] {
        assert_eq!(rig.span(name).parent_span_id.to_string(), root, "{name}");
    }
    let span = rig.span("invoke_agent");
    assert_eq!(
        attribute(&span, key::GEN_AI_USAGE_INPUT_TOKENS),
        Some(100.into())
    );
    assert_eq!(attribute(&span, "agent_sdk.total_turns"), Some(1.into()));
}

#[test]
fn without_a_recorder_nothing_happens() {
    let started = run();
    assert!(!started.sampled);
    assert!(stash_root_turn_span("task-1", started.span).is_ok());
    answered(chat(), &answer());
    finalize_root_turn_span("task-1", 1, None, "done");
}

#[test]
fn a_run_of_another_process_goes_on_in_a_span_that_is_linked_to_it() {
    let journal = Arc::new(MemoryJournal::default());
    let [first, second] = [(); 2].map(|()| {
        let rig = rig();
        let roots = LiveRoots::builder().with_journal(Arc::clone(&journal) as _);
        drop(keep_roots_with(&rig.telemetry, roots));
        rig
    });
    let lost = task(&first, || {
        let started = run();
        let lost = started.span.span_context().clone();
        stash_root_turn_span("task-1", started.span).unwrap();
        lost
    });
    let roots = live_roots(&second.telemetry);
    let Resumed::Taken(resumed) = roots.resume(&second.telemetry, "task-1") else {
        panic!("the run is not to be had");
    };
    task(&second, || {
        let (trace, span) = (resumed.trace_id.to_string(), resumed.span_id.to_string());
        let within = remote_parent_context(&trace, &span).unwrap().attach();
        answered(chat(), &answer());
        drop(within);
        finalize_root_turn_span("task-1", 2, None, "done");
    });
    task(&first, || {
        finalize_root_turn_span("task-1", 2, None, "done")
    });
    let root = second.span("invoke_agent");
    assert_eq!(root.parent_span_id, lost.span_id());
    assert_eq!(root.span_context.trace_id(), lost.trace_id());
    let links: Vec<_> = root
        .links
        .iter()
        .map(|link| link.span_context.span_id())
        .collect();
    assert_eq!(links, [lost.span_id()]);
    assert_eq!(
        attribute(&root, key::GENSPAN_RUN_RESUMED),
        Some(true.into())
    );
    assert_eq!(text(&root, "agent_sdk.provider.id"), "openai-responses");
    assert_eq!(text(&root, key::GEN_AI_CONVERSATION_ID), "c-1");
    assert_eq!((runs(&first, "done"), runs(&second, "done")), (0, 1));
}
