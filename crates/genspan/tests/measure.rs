//! Measuring in another way than the conventions do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{sync::Arc, time::Duration};

use genspan::{
    AgentInvocation, Amount, AnyMetric, Inference, Label, Measurement, Measuring, OwnMetric,
    Provider, Record, Rendering, Telemetry, ToolExecution,
    semconv::{Instrument, Metric, ValueType, attribute as key},
};
use testkit::{CaptureSink, ManualClock};

static WAITS: OwnMetric = OwnMetric {
    name: "vendor.waits",
    unit: "ms",
    brief: "Measures how long a call took.",
    instrument: Instrument::Histogram,
    value_type: ValueType::Double,
    buckets: &[1.0, 10.0],
    labels: &[key::GEN_AI_REQUEST_MODEL, "vendor.kind"],
};

/// Measures calls in milliseconds, with more labels than there is room for; all else as usual.
fn waits(operation: &Measuring<'_>) -> Vec<Measurement> {
    let Record::Inference(call) = operation.record() else {
        return operation.usual();
    };
    let model = call.request.model.clone().unwrap();
    let labels = [
        ("vendor.kind", Label::Text(operation.operation().into())),
        (key::GEN_AI_REQUEST_MODEL, Label::Text(model.into())),
        (key::GEN_AI_CONVERSATION_ID, Label::Text("c-1".into())),
        ("user.id", Label::Number(7)),
    ];
    let took = Amount::Time(operation.took());
    vec![
        operation.measurement(&WAITS, took, labels.clone()),
        operation.measurement(Metric::ClientOperationDuration, took, labels),
    ]
}

fn recorded(record: impl FnOnce(&Telemetry)) -> Vec<Measurement> {
    let sink = CaptureSink::new(Rendering::default().with_measure(waits));
    let clock = ManualClock::default().stepping(Duration::from_millis(250));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .inline()
        .build();
    record(&telemetry);
    sink.measurements()
}

/// Gives a measurement's labels.
fn labels(point: &Measurement) -> Vec<(&str, String)> {
    let text = |label: &Label| match label {
        Label::Text(text) => text.clone().into_owned(),
        Label::Number(number) => number.to_string(),
    };
    let labels = point.labels.iter();
    labels.map(|(key, label)| (key, text(label))).collect()
}

#[test]
fn only_labels_that_the_instrument_is_known_for_have_room() {
    let points = recorded(|telemetry| telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish());
    let model = (key::GEN_AI_REQUEST_MODEL, "gpt-4o-mini".to_owned());
    assert_eq!(points[0].metric, AnyMetric::Own(&WAITS));
    assert_eq!(
        labels(&points[0]),
        [model.clone(), ("vendor.kind", "chat".to_owned())]
    );
    assert!(points[1].metric == Metric::ClientOperationDuration);
    assert_eq!(labels(&points[1]), [model]);
    assert_eq!(points.len(), 2);
}

#[test]
fn a_number_is_in_the_instruments_unit() {
    let point = recorded(|telemetry| telemetry.chat(Provider::OPENAI, "m").finish());
    let numbers = point.iter().map(|it| it.metric.number(it.amount));
    assert_eq!(numbers.collect::<Vec<_>>(), [250.0, 0.25]);
}

#[test]
fn a_secret_is_in_no_label() {
    let secret = [
        "sk-ant-",
        "api03-",
        "QqN4vX0c7Zb2mT9sLk3fYh8dRw5uJe1gAo6iPxCz",
    ]
    .concat();
    let points = recorded(|telemetry| {
        telemetry
            .start(Inference::chat(Provider::OPENAI, &secret))
            .finish();
    });
    for point in &points {
        let labels = labels(point);
        assert!(labels.iter().any(|(_, text)| text.contains("redacted")));
        assert!(labels.iter().all(|(_, text)| !text.contains(&secret)));
    }
}

#[test]
fn what_it_leaves_to_the_conventions_is_measured_as_ever() {
    let points = recorded(|telemetry| telemetry.start(ToolExecution::new("weather")).finish());
    assert!(points[0].metric == Metric::ExecuteToolDuration);
}

#[test]
fn an_agent_within_anothers_run_is_told_apart() {
    fn agents(operation: &Measuring<'_>) -> Vec<Measurement> {
        match operation.record() {
            Record::AgentInvocation(run) => {
                let is_within = u64::from(run.within_agent);
                vec![operation.measurement(&WAITS, Amount::Count(is_within), [])]
            }
            _ => Vec::new(),
        }
    }
    let sink = CaptureSink::new(Rendering::default().with_measure(agents));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let outer = telemetry.start(AgentInvocation::new("planner"));
    let within = outer.scope().enter();
    // However deep: a tool of a tool that asks an agent.
    let (tool, inner) = (ToolExecution::new("ask"), ToolExecution::new("again"));
    let tool = telemetry.start(tool);
    let in_tool = tool.scope().enter();
    let inner = telemetry.start(inner);
    let in_inner = inner.scope().enter();
    telemetry.start(AgentInvocation::new("guide")).finish();
    drop(in_inner);
    inner.finish();
    drop(in_tool);
    tool.finish();
    drop(within);
    outer.finish();
    telemetry.start(AgentInvocation::new("next")).finish();
    let within = sink.measurements();
    let within: Vec<Amount> = within.iter().map(|point| point.amount).collect();
    assert_eq!(within, [1, 0, 0].map(Amount::Count));
}
