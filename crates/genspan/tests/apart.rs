//! For those who are told of beginnings and ends apart: scopes without a guard, and ends that somebody else saw.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{sync::Arc, thread};

use genspan::{
    ErrorType, Failure, Inference, Outcome, Provider, Record, Rendering, Scope, StartOptions,
    Telemetry, ToolExecution,
};
use testkit::{CaptureSink, CapturedSpan};

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::default());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    (sink, telemetry)
}

fn error(span: &CapturedSpan) -> Option<&str> {
    span.signals.get("error.type").and_then(|it| it.as_str())
}

#[test]
fn a_scope_is_current_until_its_key_leaves_it() {
    let (_, telemetry) = recorder();
    let (outer, inner) = (
        telemetry.invoke_agent("outer"),
        telemetry.invoke_agent("inner"),
    );
    let current = || telemetry.current();
    outer.scope().enter_as(1);
    inner.scope().enter_as(2);
    inner.scope().enter_as(2);
    assert_eq!(current().as_ref(), Some(inner.context()));
    // In whatever order, on this thread alone, and once for each time it was entered.
    thread::spawn(|| Scope::leave(2)).join().unwrap();
    Scope::leave(2);
    assert_eq!(current().as_ref(), Some(inner.context()));
    Scope::leave(1);
    assert_eq!(current().as_ref(), Some(inner.context()));
    Scope::leave(2);
    assert_eq!(current(), None);
    Scope::leave(2);
}

#[test]
fn a_thread_may_end_within_a_scope() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let scope = agent.scope();
    thread::spawn(move || scope.enter_as(7)).join().unwrap();
    agent.finish();
    assert_eq!(sink.spans().len(), 1);
}

/// Opens a call whose owner does not know how it ends, and ends it.
fn supposed(telemetry: &Telemetry, otherwise: Outcome, work: impl FnOnce(&Telemetry)) {
    let call = Inference::chat(Provider::OPENAI, "m");
    let open = telemetry.open(call.clone(), StartOptions::default());
    open.scope().run(|| work(telemetry));
    let now = open.now();
    open.close_as_seen(Record::from(call), otherwise, now);
}

#[test]
fn an_end_is_as_somebody_further_in_saw_it() {
    for (seen, told) in [
        (Outcome::Completed, None),
        (
            Outcome::Failed(Failure::new(ErrorType::RateLimited)),
            Some("rate_limited"),
        ),
        (Outcome::Cancelled, Some("cancelled")),
    ] {
        let (sink, telemetry) = recorder();
        supposed(
            &telemetry,
            Outcome::Failed(ErrorType::Unknown.into()),
            |it| {
                it.chat(Provider::OPENAI, "m").end_as(seen);
            },
        );
        let spans = sink.spans();
        assert_eq!(spans.len(), 1);
        assert_eq!(error(&spans[0]), told);
    }
}

#[test]
fn an_end_that_nobody_saw_is_as_supposed() {
    let (sink, telemetry) = recorder();
    supposed(&telemetry, Outcome::Cancelled, |_| {});
    assert_eq!(error(&sink.spans()[0]), Some("cancelled"));
}

#[test]
fn so_it_is_through_a_contribution() {
    let (sink, telemetry) = recorder();
    supposed(&telemetry, Outcome::Cancelled, |it| {
        supposed(it, Outcome::Cancelled, |it| {
            it.chat(Provider::OPENAI, "m").finish();
        });
    });
    let spans = sink.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(error(&spans[0]), None);
}

#[test]
fn what_is_restated_is_what_further_in_is_held_against() {
    let (sink, telemetry) = recorder();
    let tool = |id: Option<&str>| ToolExecution {
        call_id: id.map(str::to_owned),
        ..ToolExecution::new("weather")
    };
    let outer = telemetry.open(
        Record::ToolExecution(Box::new(tool(None))),
        StartOptions::default(),
    );
    outer.restate(Record::ToolExecution(Box::new(tool(Some("c1")))));
    outer
        .scope()
        .run(|| telemetry.start(tool(Some("c1"))).finish());
    outer.close(
        Record::ToolExecution(Box::new(tool(Some("c1")))),
        Outcome::Completed,
    );
    assert_eq!(sink.spans().len(), 1);
}

#[test]
fn what_is_not_known_at_the_start_does_not_stand_there() {
    let (sink, telemetry) = recorder();
    let mut call = telemetry.start(Inference::chat(Provider::new(""), "m"));
    call.provider = Provider::OPENAI;
    call.finish();
    let starts = sink.starts();
    let keys: Vec<_> = starts[0].attributes.iter().map(|one| one.key).collect();
    assert!(!keys.contains(&"gen_ai.provider.name"), "{keys:?}");
    let provider = sink.spans()[0].signals.get("gen_ai.provider.name").cloned();
    assert_eq!(provider, Some("openai".into()));
}
