//! From a recorder to Braintrust's intake, which drops what names no parent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{sync::Arc, time::Duration};

use genspan::{Counts, ErrorType, Provider, Rendering, Telemetry, Usage};
use genspan_otlp::{Batching, Destination, OtlpSink, PipelineOptions, Route, SinkOptions};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};
use testkit::{
    ManualClock,
    braintrust::{Arrived, Intake, parent_of},
};

const LONG: Duration = Duration::from_secs(3600);

const KEY: &str = "k3y";

fn destination(text: &str, variables: &[(&str, &str)]) -> Destination {
    let destination: Destination = text.parse().unwrap();
    let read = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name)?;
        Some(found.1.to_owned())
    };
    destination.resolve(read).unwrap()
}

fn telemetry(destination: Destination) -> Telemetry {
    let route = Route {
        destination,
        rendering: Rendering::default(),
    };
    let options = SinkOptions {
        pipeline: PipelineOptions {
            batching: Batching::OnFlush,
            ..PipelineOptions::default()
        },
        ..SinkOptions::default()
    };
    let sink = OtlpSink::start(vec![route], options).unwrap();
    Telemetry::builder(Arc::new(sink))
        .with_clock(Arc::new(ManualClock::default()))
        .inline()
        .build()
}

/// Records through a destination and gives what arrived.
fn arrived(text: &str, parent: &str, record: impl FnOnce(&Telemetry)) -> Arrived {
    let intake = Intake::of(KEY);
    let url = intake.url();
    let variables = [
        ("BRAINTRUST_API_KEY", KEY),
        ("BRAINTRUST_API_URL", url.as_str()),
        ("BRAINTRUST_PARENT", parent),
    ];
    let text = text.replace("URL", &url);
    let telemetry = telemetry(destination(&text, &variables));
    record(&telemetry);
    let report = telemetry.shutdown(LONG);
    let arrived = intake.arrived();
    assert_eq!(report.is_complete(), arrived.refused.is_empty());
    arrived
}

fn chat(telemetry: &Telemetry) {
    let mut call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    call.usage = Usage::inclusive(Counts {
        input: Some(12),
        output: Some(3),
        ..Counts::default()
    })
    .0;
    call.finish();
}

fn parents(arrived: &Arrived) -> Vec<&str> {
    arrived
        .kept
        .iter()
        .filter_map(|span| parent_of(&span.attributes))
        .collect()
}

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|one| one.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

#[test]
fn every_span_arrives_with_its_parent_and_its_numbers() {
    let arrived = arrived("braintrust", "project_name:travel", |telemetry| {
        let agent = telemetry.invoke_agent("planner");
        agent.scope().run(|| chat(telemetry));
        agent.finish();
        telemetry
            .chat(Provider::OPENAI, "m")
            .fail(ErrorType::from_http_status(500));
    });
    assert_eq!(arrived.refused, [""; 0]);
    assert_eq!(parents(&arrived), ["project_name:travel"; 3]);
    assert_eq!((arrived.dropped, arrived.logs), (0, 1));
    assert_eq!(arrived.parents, ["project_name:travel"; 2]);
    let call = &arrived.kept[0];
    let tokens = value(call, "braintrust.metrics.tokens");
    assert_eq!(tokens, Some(&Value::IntValue(15)));
    let input = value(call, "gen_ai.usage.input_tokens");
    assert_eq!(input, Some(&Value::IntValue(12)));
    let kind = value(call, "braintrust.span_attributes");
    let json = Value::StringValue(r#"{"type":"llm"}"#.to_owned());
    assert_eq!(kind, Some(&json));
    // Without being asked no destination gets content.
    assert_eq!(value(call, "braintrust.input_json"), None);
}

#[test]
fn a_parent_from_the_context_stands_before_the_setting() {
    let arrived = arrived("braintrust", "project_name:travel", |telemetry| {
        let scope = telemetry.scope();
        let experiment = scope.with_attribute("braintrust.parent", "experiment_id:e-1");
        experiment.run(|| {
            let agent = telemetry.invoke_agent("planner");
            agent.scope().run(|| chat(telemetry));
            agent.finish();
        });
        chat(telemetry);
    });
    let experiment = "experiment_id:e-1";
    let named = parents(&arrived);
    assert_eq!(named, [experiment, experiment, "project_name:travel"]);
}

#[test]
fn what_stands_behind_a_destination_stands_before_the_variables() {
    let text = "braintrust;parent=project_id:p-2";
    let arrived = arrived(text, "project_name:travel", chat);
    assert_eq!(arrived.refused, [""; 0]);
    assert_eq!(parents(&arrived), ["project_id:p-2"]);
    assert_eq!(arrived.parents, ["project_id:p-2"]);
}

#[test]
fn without_the_dialect_nothing_is_seen_there() {
    let bare = "URL/otel;header=authorization:Bearer%20k3y;header=x-bt-parent:project_id:p";
    let bare = arrived(bare, "project_name:travel", |telemetry| {
        let call = telemetry.chat(Provider::OPENAI, "m");
        call.finish();
    });
    assert_eq!((bare.kept.len(), bare.dropped), (0, 1));
    assert_eq!(bare.refused, ["/otel/v1/metrics"]);
}

#[test]
fn a_vendor_whose_variables_were_not_read_does_not_start() {
    let route = Route {
        destination: "braintrust".parse().unwrap(),
        rendering: Rendering::default(),
    };
    let error = OtlpSink::start(vec![route], SinkOptions::default()).unwrap_err();
    insta::assert_snapshot!(error, @"braintrust: its variables were not read; call `Destination::resolve` before");
}
