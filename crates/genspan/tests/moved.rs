//! Roots whose parent is found only after they began.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use genspan::{
    AgentInvocation, Counts, Inference, Outcome, Parent, Provider, Record, Rendering, StartOptions,
    Telemetry, Usage,
};
use testkit::CaptureSink;

fn start() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::default());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    (sink, telemetry)
}

fn root() -> StartOptions {
    StartOptions {
        parent: Parent::Root,
        ..StartOptions::default()
    }
}

fn call() -> Record {
    let mut call = Inference::chat(Provider::OPENAI, "m");
    call.usage = Usage::inclusive(Counts {
        input: Some(3),
        ..Counts::default()
    })
    .0;
    call.into()
}

#[test]
fn a_root_that_is_moved_is_the_agents_own() {
    let (sink, telemetry) = start();
    let open = telemetry.open(call(), root());
    let agent = telemetry.start_with(AgentInvocation::new("a"), root());
    assert!(open.move_into(&agent.scope()));
    open.close(call(), Outcome::Completed);
    agent.finish();
    let spans = sink.spans();
    assert_eq!(spans[0].parent.as_ref(), Some(&spans[1].context));
    assert_eq!(spans[0].context.trace_id, spans[1].context.trace_id);
    let input = genspan::semconv::attribute::GEN_AI_USAGE_INPUT_TOKENS;
    assert_eq!(spans[1].signals.get(input), spans[0].signals.get(input));
    assert!(spans[1].signals.get(input).is_some());
}

#[test]
fn what_has_a_parent_stays_there() {
    let (sink, telemetry) = start();
    let parent = telemetry.start_with(AgentInvocation::new("a"), root());
    let open = parent
        .scope()
        .run(|| telemetry.open(call(), StartOptions::default()));
    let other = telemetry.start_with(AgentInvocation::new("b"), root());
    assert!(!open.move_into(&other.scope()));
    // Nor is it counted elsewhere.
    open.close(call(), Outcome::Completed);
    other.finish();
    parent.finish();
    let spans = sink.spans();
    assert_eq!(spans[0].parent.as_ref(), Some(&spans[2].context));
    let input = genspan::semconv::attribute::GEN_AI_USAGE_INPUT_TOKENS;
    assert_eq!(spans[1].signals.get(input), None);
}

#[test]
fn what_contributes_further_out_is_not_moved() {
    let (_, telemetry) = start();
    let outer = telemetry.start_with(Inference::chat(Provider::OPENAI, "m"), root());
    let inner = outer
        .scope()
        .run(|| telemetry.open(call(), StartOptions::default()));
    let agent = telemetry.start_with(AgentInvocation::new("a"), root());
    assert!(inner.is_contribution());
    assert!(!inner.move_into(&agent.scope()));
}
