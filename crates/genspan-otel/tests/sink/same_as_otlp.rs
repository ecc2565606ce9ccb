//! The same conversation gives the same telemetry through the SDK and through our own OTLP.
//!
//! What must differ, and is levelled before the two are compared:
//!
//! | through the SDK | through our own OTLP | why |
//! |---|---|---|
//! | structured content on spans is a JSON string | it is structured | attributes of the API hold no maps |
//! | members of maps on events have no order | the order in which they were stated | the API's maps are hash maps |
//! | a span's flags say whether its parent is remote | they do not | the SDK sets these bits beyond W3C's own |
//! | metric points have the SDK's own times | the recorder's | the SDK's readers take no clock |
//! | attributes and points come in another order | – | neither promises one |
//!
//! And two that this conversation does not show: a fact that a sampler saw and that changed later keeps
//! its first value, since the SDK would hold both; and what is null is left out, since the API knows no null.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Duration};

use genspan::{Capture, Conventions, Place, Rendering, Telemetry};
use genspan_otlp::{
    Batching, CountingIds, OtlpSink, PipelineOptions, Route, Sampling, SinkOptions,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_sdk::trace::Sampler;
use serde_json::Value as Json;
use testkit::ManualClock;

use crate::{
    otlp,
    rig::{Rig, TIMEOUT, Work},
    script::conversation,
};

fn rendering(conventions: Conventions) -> Rendering {
    Rendering::new(conventions).with_capture(Capture::at(Place::Both))
}

/// Gives what comes out, one text for each item.
fn through_the_sdk(conventions: Conventions) -> Vec<String> {
    let rig = Rig::with(
        rendering(conventions),
        Sampler::AlwaysOn,
        Work::Inline,
        |sink| sink,
    );
    conversation(&rig.telemetry);
    let mut items = Vec::new();
    for span in rig.spans() {
        let schema = span.instrumentation_scope.schema_url().unwrap().to_owned();
        items.push(otlp::span(&schema, &span.into()));
    }
    for (schema, record) in rig.scoped_logs() {
        items.push(otlp::log(&schema, &(&record).into()));
    }
    items.extend(metrics(&ExportMetricsServiceRequest::from(&rig.metrics())));
    items.sort();
    items
}

/// Gives what comes out, one text for each item.
fn through_our_own(conventions: Conventions, test: &str) -> Vec<String> {
    let path = File::new(test);
    let pipeline = PipelineOptions {
        batching: Batching::OnFlush,
        clock: Arc::new(ManualClock::default()),
        ..PipelineOptions::default()
    };
    let options = SinkOptions {
        ids: Arc::new(CountingIds::default()),
        sampling: Sampling::Always,
        pipeline,
        ..SinkOptions::default()
    };
    let route = Route {
        destination: format!("file:{}", path.0.display()).parse().unwrap(),
        rendering: rendering(conventions),
    };
    let sink = Arc::new(OtlpSink::start(vec![route], options).unwrap());
    let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(250)));
    let telemetry = Telemetry::builder(sink).with_clock(clock).inline().build();
    conversation(&telemetry);
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let mut items = Vec::new();
    for line in fs::read_to_string(&path.0).unwrap().lines() {
        items.extend(items_of(serde_json::from_str(line).unwrap()));
    }
    items.sort();
    items
}

fn items_of(request: Json) -> Vec<String> {
    let mut items = Vec::new();
    if request.get("resourceSpans").is_some() {
        let request: ExportTraceServiceRequest = serde_json::from_value(request).unwrap();
        let scopes = request
            .resource_spans
            .iter()
            .flat_map(|resource| &resource.scope_spans);
        for scope in scopes {
            items.extend(
                scope
                    .spans
                    .iter()
                    .map(|span| otlp::span(&scope.schema_url, span)),
            );
        }
    } else if request.get("resourceLogs").is_some() {
        let request: ExportLogsServiceRequest = serde_json::from_value(request).unwrap();
        let scopes = request
            .resource_logs
            .iter()
            .flat_map(|resource| &resource.scope_logs);
        for scope in scopes {
            let records = scope.log_records.iter();
            items.extend(records.map(|record| otlp::log(&scope.schema_url, record)));
        }
    } else {
        items.extend(metrics(&serde_json::from_value(request).unwrap()));
    }
    items
}

fn metrics(request: &ExportMetricsServiceRequest) -> Vec<String> {
    let mut items = Vec::new();
    for resource in &request.resource_metrics {
        for scope in &resource.scope_metrics {
            let metrics = scope.metrics.iter();
            items.extend(metrics.map(|metric| otlp::metric(&scope.schema_url, metric)));
        }
    }
    items
}

/// A file of one test's own, removed at its end.
struct File(PathBuf);

impl File {
    fn new(test: &str) -> Self {
        let name = format!("genspan-otel-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(fs::remove_file(&path));
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Lists the lines that stand on one side only.
fn difference(one: &[String], other: &[String]) -> String {
    let mut lines = BTreeMap::<(&str, &str), i32>::new();
    for (items, sign) in [(one, 1), (other, -1)] {
        for item in items {
            let title = item.lines().next().unwrap_or_default();
            for line in item.lines() {
                *lines.entry((title, line)).or_default() += sign;
            }
        }
    }
    let differing = lines.iter().filter(|(_, count)| **count != 0);
    let lines = differing.map(|((title, line), count)| {
        let side = if *count > 0 { "sdk " } else { "otlp" };
        format!("{side} | {title}\n     | {line}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn compare(conventions: Conventions, test: &str) -> Vec<String> {
    let sdk = through_the_sdk(conventions);
    let own = through_our_own(conventions, test);
    let difference = difference(&sdk, &own);
    assert!(difference.is_empty(), "\n{difference}");
    assert_eq!(sdk, own);
    sdk
}

fn titles(items: &[String]) -> String {
    let titles = items.iter().filter_map(|item| item.lines().next());
    let title = |title: &str| {
        title
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut counts = BTreeMap::<String, u32>::new();
    for line in titles {
        *counts.entry(title(line)).or_default() += 1;
    }
    let lines = counts
        .into_iter()
        .map(|(title, count)| format!("{count} × {title}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn in_the_released_conventions() {
    let items = compare(Conventions::V1_41, "v1.41");
    insta::assert_snapshot!(titles(&items), @"
    3 × log gen_ai.client.inference.operation.details
    1 × log gen_ai.client.operation.exception
    1 × log gen_ai.evaluation.result
    1 × metric gen_ai.client.operation.duration
    1 × metric gen_ai.client.operation.time_per_output_chunk
    1 × metric gen_ai.client.operation.time_to_first_chunk
    1 × metric gen_ai.client.token.usage
    1 × metric gen_ai.execute_tool.duration
    1 × metric gen_ai.invoke_agent.duration
    1 × metric gen_ai.invoke_agent.inference_calls
    1 × metric gen_ai.invoke_agent.tool_calls
    3 × span chat
    1 × span embeddings
    2 × span execute_tool
    1 × span invoke_agent
    ");
    let mut tools = items
        .iter()
        .filter(|item| item.starts_with("span execute_tool weather"));
    insta::assert_snapshot!(tools.next().unwrap(), @r#"
    span execute_tool weather 0000000000000003 in 00000000000000000000000000000001 under "0000000000000001" kind 1 flags 1 state "" schema https://opentelemetry.io/schemas/1.41.0
      from 1700000001500000000 to 1700000002000000000
      status 0 ""
      dropped 0
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.call.arguments = {"city":"Paris"}
        gen_ai.tool.call.id = "call-1"
        gen_ai.tool.call.result = {"degrees":21.5,"sky":"clear"}
        gen_ai.tool.name = "weather"
        user.id = "u-1"
      event cache.miss at 1700000001750000000
        cache.key = "paris"
      link 0000000000000002 in 00000000000000000000000000000001
    "#);
}

#[test]
fn in_the_conventions_under_development() {
    let items = compare(Conventions::Main, "main");
    insta::assert_snapshot!(titles(&items), @"
    3 × log gen_ai.client.inference.operation.details
    1 × log gen_ai.client.operation.exception
    1 × log gen_ai.evaluation.result
    1 × metric gen_ai.client.inference.duration
    1 × metric gen_ai.client.inference.operation.input_tokens
    1 × metric gen_ai.client.inference.operation.output_tokens
    1 × metric gen_ai.client.inference.time_per_output_chunk
    1 × metric gen_ai.client.inference.time_to_first_chunk
    1 × metric gen_ai.client.inference.usage.cache_read.input_tokens
    1 × metric gen_ai.client.inference.usage.input_tokens
    1 × metric gen_ai.client.inference.usage.output_tokens
    1 × metric gen_ai.client.operation.duration
    1 × metric gen_ai.execute_tool.duration
    1 × metric gen_ai.invoke_agent.duration
    1 × metric gen_ai.invoke_agent.inference_calls
    1 × metric gen_ai.invoke_agent.tool_calls
    3 × span chat
    1 × span embeddings
    2 × span execute_tool
    1 × span invoke_agent
    ");
}

#[test]
fn in_the_legacy_conventions() {
    let items = compare(Conventions::V1_36, "v1.36");
    insta::assert_snapshot!(titles(&items), @"
    3 × log gen_ai.choice
    1 × log gen_ai.system.message
    1 × log gen_ai.tool.message
    2 × log gen_ai.user.message
    1 × metric gen_ai.client.operation.duration
    1 × metric gen_ai.client.token.usage
    1 × metric gen_ai.execute_tool.duration
    1 × metric gen_ai.invoke_agent.duration
    1 × metric gen_ai.invoke_agent.inference_calls
    1 × metric gen_ai.invoke_agent.tool_calls
    3 × span chat
    1 × span embeddings
    2 × span execute_tool
    1 × span invoke_agent
    ");
}
