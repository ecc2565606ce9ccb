//! What an agent's own calls add up to, without a word of its program's.

#![allow(clippy::indexing_slicing, reason = "tests")]

use std::{sync::Arc, time::Duration};

use genspan::{
    Conventions, Counts, Inference, Provider, Rendering, Signals, Telemetry, Usage, Value,
    semconv::attribute as key,
};
use testkit::CaptureSink;

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    (sink, telemetry)
}

fn call(telemetry: &Telemetry, input: u64, output: Option<u64>, reason: &str) {
    let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "gpt-4o-mini"));
    call.set_usage(Usage::inclusive(Counts {
        input: Some(input),
        output,
        ..Counts::default()
    }));
    call.response.finish_reasons = vec![reason.to_owned()];
    call.finish();
}

fn agents(sink: &CaptureSink, telemetry: &Telemetry) -> Vec<Signals> {
    assert!(telemetry.shutdown(Duration::from_secs(10)).is_complete());
    let spans = sink.spans().into_iter().map(|span| span.signals);
    spans
        .filter(|signals| signals.name.starts_with("invoke_agent"))
        .collect()
}

#[test]
fn an_agents_own_calls_are_summed_and_those_of_others_are_not() {
    let (sink, telemetry) = recorder();
    let outer = telemetry.invoke_agent("outer");
    outer.scope().run(|| {
        call(&telemetry, 10, Some(1), "tool_calls");
        let plan = telemetry.plan("outer");
        plan.scope().run(|| call(&telemetry, 5, None, "stop"));
        plan.finish();
        let tool = telemetry.execute_tool("ask");
        tool.scope().run(|| {
            let inner = telemetry.invoke_agent("inner");
            inner.scope().run(|| call(&telemetry, 100, Some(7), "stop"));
            inner.finish();
        });
        tool.finish();
        call(&telemetry, 20, Some(2), "stop");
    });
    outer.finish();
    let agents = agents(&sink, &telemetry);
    let facts = |signals: &Signals| {
        [
            key::GEN_AI_USAGE_INPUT_TOKENS,
            key::GEN_AI_USAGE_OUTPUT_TOKENS,
            key::GEN_AI_PROVIDER_NAME,
            key::GEN_AI_RESPONSE_FINISH_REASONS,
        ]
        .map(|key| signals.get(key).map(Value::to_json).unwrap_or_default())
    };
    let stop = r#"["stop"]"#;
    assert_eq!(facts(&agents[0]), ["100", "7", r#""openai""#, stop]);
    assert_eq!(facts(&agents[1]), ["35", "3", r#""openai""#, stop]);
}

#[test]
fn what_the_program_states_stays() {
    let (sink, telemetry) = recorder();
    let mut agent = telemetry.invoke_agent("a");
    agent.usage = Usage::inclusive(Counts {
        input: Some(1),
        ..Counts::default()
    })
    .0;
    agent.inference_calls = Some(9);
    agent.scope().run(|| call(&telemetry, 10, Some(1), "stop"));
    agent.finish();
    let agents = agents(&sink, &telemetry);
    assert_eq!(
        agents[0].get(key::GEN_AI_USAGE_INPUT_TOKENS),
        Some(&Value::Int(1))
    );
    assert_eq!(agents[0].get(key::GEN_AI_USAGE_OUTPUT_TOKENS), None);
}

#[test]
fn an_agent_without_calls_states_none() {
    let (sink, telemetry) = recorder();
    telemetry.invoke_agent("a").finish();
    let agents = agents(&sink, &telemetry);
    assert_eq!(agents[0].get(key::GEN_AI_USAGE_INPUT_TOKENS), None);
    assert_eq!(agents[0].get(key::GEN_AI_PROVIDER_NAME), None);
}

#[test]
fn a_turn_is_a_part_of_its_agent_and_no_operation_of_the_conventions() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    agent.scope().run(|| {
        for number in 1..=2_i64 {
            let mut turn = telemetry.step("agent.turn");
            turn.common.set("turn.number", number);
            turn.scope().run(|| call(&telemetry, 10, Some(1), "stop"));
            turn.finish();
        }
        let mut nested = telemetry.step("agent.turn");
        nested
            .common
            .set("said", "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD");
        nested.scope().run(|| {
            let inner = telemetry.step("agent.compaction");
            inner.scope().run(|| call(&telemetry, 5, None, "stop"));
            inner.finish();
        });
        drop(nested);
    });
    agent.finish();
    let agents = agents(&sink, &telemetry);
    assert_eq!(
        agents[0].get(key::GEN_AI_USAGE_INPUT_TOKENS),
        Some(&Value::Int(25))
    );
    let spans = sink.spans();
    let named: Vec<_> = spans.iter().map(|it| it.signals.name.as_str()).collect();
    let call = "chat gpt-4o-mini";
    assert_eq!(
        named,
        [
            call,
            "agent.turn",
            call,
            "agent.turn",
            call,
            "agent.compaction",
            "agent.turn",
            "invoke_agent a"
        ]
    );
    for (child, parent) in [(0, 1), (1, 7), (2, 3), (3, 7), (4, 5), (5, 6), (6, 7)] {
        let stands = spans[child].parent.as_ref().map(|it| it.span_id);
        assert_eq!(stands, Some(spans[parent].context.span_id), "{child}");
    }
    let turn = &spans[1].signals;
    assert_eq!(turn.kind, genspan::SpanKind::Internal);
    assert_eq!((turn.sampled.len(), turn.measurements.len()), (0, 0));
    assert_eq!(turn.get(key::GEN_AI_OPERATION_NAME), None);
    assert_eq!(turn.get("turn.number"), Some(&Value::Int(1)));
    let dropped = &spans[6].signals;
    assert_eq!(
        dropped.get(key::ERROR_TYPE),
        Some(&Value::from("cancelled"))
    );
    let said = dropped.get("said").map(Value::to_json).unwrap_or_default();
    assert!(!said.contains("sk-"), "{said}");
}
