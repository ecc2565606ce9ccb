//! Which span is current where, by OpenTelemetry's own context.

use std::collections::HashMap;

use genspan::{Conventions, Provider, Rendering, Scope, semconv::attribute as key};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{FutureExt, Span, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{Sampler, SpanData},
};

use crate::rig::{Rig, TIMEOUT, Work, attribute};

fn is_child(child: &SpanData, parent: &SpanData) -> bool {
    child.parent_span_id == parent.span_context.span_id()
        && child.span_context.trace_id() == parent.span_context.trace_id()
}

#[test]
fn operations_nest_under_plain_spans_and_plain_spans_under_operations() {
    let rig = Rig::new();
    let tracer = rig.tracers.tracer("application");
    tracer.in_span("request", |_| {
        let agent = rig.telemetry.invoke_agent("travel");
        agent.scope().run(|| {
            tracer.in_span("lookup", |_| {
                rig.telemetry.execute_tool("search").finish();
            });
        });
        tracer.start("beside").end();
        agent.finish();
    });
    let agent = rig.span("invoke_agent travel");
    assert!(is_child(&agent, &rig.span("request")));
    assert!(is_child(&rig.span("lookup"), &agent));
    assert!(is_child(
        &rig.span("execute_tool search"),
        &rig.span("lookup")
    ));
    assert!(is_child(&rig.span("beside"), &rig.span("request")));
    assert!(!agent.parent_span_is_remote);
}

#[test]
fn a_tool_may_be_put_under_its_agent_by_name() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("travel");
    let under = |parent| genspan::StartOptions {
        parent,
        ..genspan::StartOptions::default()
    };
    let tool = genspan::ToolExecution::new("search");
    let parent = genspan::Parent::Span(agent.context().clone());
    rig.telemetry
        .start_with(tool.clone(), under(parent))
        .finish();
    agent.scope().run(|| {
        let root = genspan::ToolExecution::new("root");
        rig.telemetry
            .start_with(root, under(genspan::Parent::Root))
            .finish();
    });
    agent.finish();
    let agent = rig.span("invoke_agent travel");
    assert!(is_child(&rig.span("execute_tool search"), &agent));
    let root = rig.span("execute_tool root");
    assert_ne!(root.span_context.trace_id(), agent.span_context.trace_id());
    assert_eq!(root.parent_span_id, opentelemetry::SpanId::INVALID);
}

#[test]
fn outgoing_headers_name_the_operation() {
    let rig = Rig::new();
    let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    let mut headers = HashMap::new();
    chat.scope()
        .run(|| TraceContextPropagator::new().inject(&mut headers));
    assert_eq!(headers["traceparent"], chat.context().to_traceparent());
}

#[test]
fn an_unsampled_trace_stays_unsampled_within() {
    let rendering = Rendering::new(Conventions::V1_41);
    let root = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
    let rig = Rig::with(rendering, root, Work::Inline, |sink| sink);
    let agent = rig.telemetry.invoke_agent("travel");
    agent.scope().run(|| {
        let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
        assert_eq!(chat.context().trace_id, agent.context().trace_id);
        assert!(!chat.is_recording());
    });
}

#[test]
fn nothing_is_recorded_where_telemetry_is_suppressed() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("travel");
    agent.scope().run(|| {
        let _silent = Context::enter_telemetry_suppressed_scope();
        let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
        assert!(!chat.is_recording() && !chat.context().is_valid());
        chat.scope()
            .run(|| assert!(Context::is_current_telemetry_suppressed()));
        chat.finish();
    });
    assert!(rig.spans().is_empty() && rig.logs().is_empty());
    assert_eq!(rig.count("gen_ai.client.operation.duration"), 0);
    agent.finish();
    assert_eq!(rig.spans().len(), 1);
}

#[tokio::test]
async fn spawned_tasks_carry_on_with_a_scope_of_ours() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("travel");
    let telemetry = rig.telemetry.clone();
    let work = async move {
        tokio::task::yield_now().await;
        telemetry.execute_tool("search").finish();
    };
    tokio::spawn(agent.scope().within(work)).await.unwrap();
    agent.finish();
    assert!(is_child(
        &rig.span("execute_tool search"),
        &rig.span("invoke_agent travel")
    ));
}

#[tokio::test]
async fn spawned_tasks_carry_on_with_opentelemetrys_own_means() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("travel");
    let work = {
        let _entered = agent.scope().with_conversation_id("c-1").enter();
        async {
            assert!(
                Scope::current().is_none(),
                "only OpenTelemetry's context came along"
            );
            let scope = genspan_otel::current().unwrap();
            scope
                .telemetry()
                .chat(Provider::OPENAI, "gpt-4o-mini")
                .finish();
        }
        .with_current_context()
    };
    tokio::spawn(work).await.unwrap();
    assert!(genspan_otel::current().is_none());
    agent.finish();
    let chat = rig.span("chat gpt-4o-mini");
    assert!(is_child(&chat, &rig.span("invoke_agent travel")));
    assert_eq!(
        attribute(&chat, key::GEN_AI_CONVERSATION_ID),
        Some("c-1".into())
    );
}

#[tokio::test]
async fn the_same_call_seen_further_in_enriches_it_even_in_another_task() {
    let rig = Rig::new();
    let outer = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    let telemetry = rig.telemetry.clone();
    let work = {
        let _entered = outer.scope().enter();
        async move {
            let mut inner = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
            inner.response.id = Some("chatcmpl-wire".to_owned());
            inner.finish();
        }
        .with_current_context()
    };
    tokio::spawn(work).await.unwrap();
    outer.finish();
    let span = rig.span("chat gpt-4o-mini");
    assert_eq!(rig.spans().len(), 1);
    assert_eq!(rig.count("gen_ai.client.operation.duration"), 1);
    assert_eq!(
        attribute(&span, key::GEN_AI_RESPONSE_ID),
        Some("chatcmpl-wire".into())
    );
}

#[test]
fn a_span_of_another_process_may_be_worked_under() {
    let rig = Rig::new();
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let caller = genspan::SpanContext::from_traceparent(header, None).unwrap();
    rig.telemetry.scope_under(caller).run(|| {
        assert!(Context::current().span().span_context().is_remote());
        rig.telemetry.invoke_agent("travel").finish();
    });
    let agent = rig.span("invoke_agent travel");
    assert_eq!(agent.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(agent.parent_span_is_remote);
}

#[test]
fn a_scope_left_on_another_thread_leaves_nothing_behind() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("travel");
    let scope = agent.scope();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            scope.run(|| assert!(Context::current().has_active_span()));
            assert!(!Context::current().has_active_span());
        });
    });
    agent.finish();
    assert!(rig.telemetry.shutdown(TIMEOUT).is_complete());
}
