//! Facts that come as baggage.

use genspan::{Conventions, Provider, Rendering, semconv::attribute as key};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt};
use opentelemetry_sdk::trace::Sampler;

use crate::rig::{Rig, Work, attribute};

fn rig() -> Rig {
    let rendering = Rendering::new(Conventions::V1_41);
    Rig::with(rendering, Sampler::AlwaysOn, Work::Inline, |sink| {
        sink.with_baggage([key::GEN_AI_CONVERSATION_ID, "user.id"])
    })
}

fn conversation(id: &'static str) -> KeyValue {
    KeyValue::new(key::GEN_AI_CONVERSATION_ID, id)
}

#[test]
fn allowed_baggage_becomes_facts_and_other_baggage_stays_out() {
    let rig = rig();
    let baggage = [
        conversation("c-1"),
        KeyValue::new("user.id", "u-1"),
        KeyValue::new("tenant", "secret"),
    ];
    let _request = Context::current_with_baggage(baggage).attach();
    rig.telemetry.chat(Provider::OPENAI, "m").finish();
    let span = rig.span("chat m");
    assert_eq!(
        attribute(&span, key::GEN_AI_CONVERSATION_ID),
        Some("c-1".into())
    );
    assert_eq!(attribute(&span, "user.id"), Some("u-1".into()));
    assert!(!format!("{span:?}").contains("secret"));
    let metrics = format!("{:?}", rig.metrics());
    assert!(!metrics.contains("u-1") && !metrics.contains("c-1"));
}

#[test]
fn no_baggage_is_a_fact_unless_it_is_allowed() {
    let rig = Rig::new();
    let _request = Context::current_with_baggage([conversation("c-1")]).attach();
    rig.telemetry.chat(Provider::OPENAI, "m").finish();
    assert_eq!(
        attribute(&rig.span("chat m"), key::GEN_AI_CONVERSATION_ID),
        None
    );
}

#[test]
fn what_was_said_last_counts() {
    let rig = rig();
    let _request = Context::current_with_baggage([conversation("from baggage")]).attach();
    let agent = rig.telemetry.invoke_agent("travel");
    let scope = agent.scope().with_conversation_id("from the program");
    scope.run(|| {
        rig.telemetry.chat(Provider::OPENAI, "inside").finish();
        let later = Context::current().with_baggage([conversation("from later baggage")]);
        let _later = later.attach();
        rig.telemetry.chat(Provider::OPENAI, "later").finish();
    });
    agent.finish();
    let said = |name| attribute(&rig.span(name), key::GEN_AI_CONVERSATION_ID);
    assert_eq!(said("invoke_agent travel"), Some("from baggage".into()));
    assert_eq!(said("chat inside"), Some("from the program".into()));
    assert_eq!(said("chat later"), Some("from later baggage".into()));
}

#[test]
fn baggage_alone_is_no_scope() {
    let rig = rig();
    let _request = Context::current_with_baggage([conversation("c-1")]).attach();
    assert!(genspan_otel::current().is_none());
    let root = genspan::StartOptions {
        parent: genspan::Parent::Root,
        ..genspan::StartOptions::default()
    };
    let tool = genspan::ToolExecution::new("search");
    rig.telemetry.start_with(tool, root).finish();
    assert_eq!(rig.spans().len(), 1);
}

#[test]
fn secrets_in_baggage_are_taken_out() {
    let rig = rig();
    let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
    let _request = Context::current_with_baggage([KeyValue::new("user.id", secret)]).attach();
    rig.telemetry.chat(Provider::OPENAI, "m").finish();
    assert!(!format!("{:?}", rig.span("chat m")).contains(secret));
}
