//! From a recorder to OTLP lines.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use genspan::{
    AgentInvocation, Capture, Conventions, Counts, ErrorType, Identity, Inference, Link, Message,
    Parent, Part, Place, Plan, Provider, Rendering, Role, Sink, SpanContext, SpanId, StartOptions,
    Telemetry, Timestamp, ToolCallRequest, ToolExecution, TraceId, Usage, Value,
};
use genspan_otlp::{
    Batching, CountingIds, Destination, OtlpSink, PipelineOptions, Route, Sampling, SinkOptions,
    Temporality,
};
use serde_json::Value as Json;
use testkit::ManualClock;

const LONG: Duration = Duration::from_secs(3600);

/// A file of one test's own, removed at its end.
struct Lines(PathBuf);

impl Lines {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("genspan-otlp-sink-{test}-{}", std::process::id()));
        drop(fs::remove_file(&path));
        Self(path)
    }

    fn route(&self, rendering: Rendering) -> Route {
        let destination: Destination = format!("file:{}", self.0.display()).parse().unwrap();
        Route {
            destination,
            rendering,
        }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }

    fn json(&self) -> Vec<Json> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn spans(&self) -> Vec<Json> {
        let of_line = |line: Json| {
            line["resourceSpans"][0]["scopeSpans"][0]["spans"]
                .as_array()
                .cloned()
        };
        self.json()
            .into_iter()
            .filter_map(of_line)
            .flatten()
            .collect()
    }

    /// Gives the points of a metric, line by line.
    fn points(&self, name: &str) -> Vec<Json> {
        let metrics = self.json().into_iter().filter_map(|line| {
            line["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
                .as_array()
                .cloned()
        });
        metrics
            .flatten()
            .filter(|metric| metric["name"] == name)
            .map(|metric| metric["histogram"].clone())
            .collect()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::default().stepping(Duration::from_millis(250)))
}

fn sink(routes: Vec<Route>, sampling: Sampling) -> Arc<OtlpSink> {
    let pipeline = PipelineOptions {
        batching: Batching::OnFlush,
        clock: Arc::new(ManualClock::default()),
        ..PipelineOptions::default()
    };
    let ids = Arc::new(CountingIds::default());
    let options = SinkOptions {
        ids,
        sampling,
        pipeline,
        ..SinkOptions::default()
    };
    Arc::new(OtlpSink::start(routes, options).unwrap())
}

fn telemetry(sink: &Arc<OtlpSink>) -> Telemetry {
    Telemetry::builder(Arc::clone(sink) as _)
        .with_clock(clock())
        .inline()
        .build()
}

fn recorder(lines: &Lines, rendering: Rendering) -> Telemetry {
    telemetry(&sink(vec![lines.route(rendering)], Sampling::Parent))
}

fn with_content(place: Place) -> Rendering {
    Rendering::new(Conventions::V1_41).with_capture(Capture::at(place))
}

fn chat(model: &str) -> Inference {
    let mut call = Inference::chat(Provider::OPENAI, model);
    call.usage = Usage::inclusive(Counts {
        input: Some(10),
        output: Some(3),
        ..Counts::default()
    })
    .0;
    call
}

/// Runs an agent with one call and one tool, which fails.
fn run_agent(telemetry: &Telemetry) {
    let agent = telemetry.start(AgentInvocation::new("helper"));
    let within = agent.scope().enter();
    let mut call = telemetry.start(chat("gpt-4o-mini"));
    let request = ToolCallRequest {
        id: Some("call_1".to_owned()),
        name: "weather".to_owned(),
        arguments: Value::from_json(r#"{"city":"Paris","days":[1,2]}"#).unwrap(),
    };
    call.content.output = vec![Message::new(
        Role::Assistant,
        vec![Part::ToolCallRequest(request)],
    )];
    call.finish();
    let tool = telemetry.start(ToolExecution::new("weather"));
    tool.fail(ErrorType::from_http_status(504));
    drop(within);
    agent.finish();
}

#[test]
fn an_agent_s_run_becomes_lines() {
    let lines = Lines::new("agent");
    let telemetry = recorder(&lines, with_content(Place::Both));
    run_agent(&telemetry);
    let report = telemetry.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let lines = lines
        .text()
        .replace(&version, "\"VERSION\"")
        .replace("},{\"", "},\n{\"");
    insta::assert_snapshot!(lines, @r#"
    {"resourceSpans":[{"resource":{"attributes":[{"key":"telemetry.sdk.name","value":{"stringValue":"genspan"}},
    {"key":"telemetry.sdk.language","value":{"stringValue":"rust"}},
    {"key":"telemetry.sdk.version","value":{"stringValue":"VERSION"}}]},"scopeSpans":[{"scope":{"name":"genspan","version":"VERSION"},"spans":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","parentSpanId":"0000000000000001","flags":1,"name":"chat gpt-4o-mini","kind":3,"startTimeUnixNano":"1700000000250000000","endTimeUnixNano":"1700000000500000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"10"}},
    {"key":"gen_ai.usage.output_tokens","value":{"intValue":"3"}},
    {"key":"gen_ai.output.messages","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"role","value":{"stringValue":"assistant"}},
    {"key":"parts","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"type","value":{"stringValue":"tool_call"}},
    {"key":"id","value":{"stringValue":"call_1"}},
    {"key":"name","value":{"stringValue":"weather"}},
    {"key":"arguments","value":{"kvlistValue":{"values":[{"key":"city","value":{"stringValue":"Paris"}},
    {"key":"days","value":{"arrayValue":{"values":[{"intValue":"1"},
    {"intValue":"2"}]}}}]}}}]}}]}}}]}}]}}}]},
    {"traceId":"00000000000000000000000000000001","spanId":"0000000000000003","parentSpanId":"0000000000000001","flags":1,"name":"execute_tool weather","kind":1,"startTimeUnixNano":"1700000000750000000","endTimeUnixNano":"1700000001000000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},
    {"key":"gen_ai.tool.name","value":{"stringValue":"weather"}},
    {"key":"error.type","value":{"stringValue":"timeout"}}],"status":{"code":2}},
    {"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","flags":1,"name":"invoke_agent helper","kind":1,"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000001250000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},
    {"key":"gen_ai.agent.name","value":{"stringValue":"helper"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"10"}},
    {"key":"gen_ai.usage.output_tokens","value":{"intValue":"3"}}]}],"schemaUrl":"https://opentelemetry.io/schemas/1.41.0"}]}]}
    {"resourceLogs":[{"resource":{"attributes":[{"key":"telemetry.sdk.name","value":{"stringValue":"genspan"}},
    {"key":"telemetry.sdk.language","value":{"stringValue":"rust"}},
    {"key":"telemetry.sdk.version","value":{"stringValue":"VERSION"}}]},"scopeLogs":[{"scope":{"name":"genspan","version":"VERSION"},"logRecords":[{"timeUnixNano":"1700000000500000000","observedTimeUnixNano":"1700000000500000000","severityNumber":5,"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"10"}},
    {"key":"gen_ai.usage.output_tokens","value":{"intValue":"3"}},
    {"key":"gen_ai.output.messages","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"role","value":{"stringValue":"assistant"}},
    {"key":"parts","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"type","value":{"stringValue":"tool_call"}},
    {"key":"id","value":{"stringValue":"call_1"}},
    {"key":"name","value":{"stringValue":"weather"}},
    {"key":"arguments","value":{"kvlistValue":{"values":[{"key":"city","value":{"stringValue":"Paris"}},
    {"key":"days","value":{"arrayValue":{"values":[{"intValue":"1"},
    {"intValue":"2"}]}}}]}}}]}}]}}}]}}]}}}],"flags":1,"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","eventName":"gen_ai.client.inference.operation.details"}],"schemaUrl":"https://opentelemetry.io/schemas/1.41.0"}]}]}
    {"resourceMetrics":[{"resource":{"attributes":[{"key":"telemetry.sdk.name","value":{"stringValue":"genspan"}},
    {"key":"telemetry.sdk.language","value":{"stringValue":"rust"}},
    {"key":"telemetry.sdk.version","value":{"stringValue":"VERSION"}}]},"scopeMetrics":[{"scope":{"name":"genspan","version":"VERSION"},"metrics":[{"name":"gen_ai.client.operation.duration","description":"Measures how long a call took, in main only calls that are not inference.","unit":"s","histogram":{"dataPoints":[{"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":0.25,"bucketCounts":["0","0","0","0","0","1","0","0","0","0","0","0","0","0","0"],"explicitBounds":[0.01,0.02,0.04,0.08,0.16,0.32,0.64,1.28,2.56,5.12,10.24,20.48,40.96,81.92],"min":0.25,"max":0.25}],"aggregationTemporality":2}},
    {"name":"gen_ai.client.token.usage","description":"Counts the tokens of a call, input and output apart.","unit":"{token}","histogram":{"dataPoints":[{"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
    {"key":"gen_ai.token.type","value":{"stringValue":"input"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":10.0,"bucketCounts":["0","0","1","0","0","0","0","0","0","0","0","0","0","0","0"],"explicitBounds":[1.0,4.0,16.0,64.0,256.0,1024.0,4096.0,16384.0,65536.0,262144.0,1048576.0,4194304.0,16777216.0,67108864.0],"min":10.0,"max":10.0},
    {"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
    {"key":"gen_ai.token.type","value":{"stringValue":"output"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":3.0,"bucketCounts":["0","1","0","0","0","0","0","0","0","0","0","0","0","0","0"],"explicitBounds":[1.0,4.0,16.0,64.0,256.0,1024.0,4096.0,16384.0,65536.0,262144.0,1048576.0,4194304.0,16777216.0,67108864.0],"min":3.0,"max":3.0}],"aggregationTemporality":2}},
    {"name":"gen_ai.execute_tool.duration","description":"Measures how long a tool took, equal to its span.","unit":"s","histogram":{"dataPoints":[{"attributes":[{"key":"error.type","value":{"stringValue":"timeout"}},
    {"key":"gen_ai.tool.name","value":{"stringValue":"weather"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":0.25,"bucketCounts":["0","0","0","0","0","1","0","0","0","0","0","0","0","0","0"],"explicitBounds":[0.01,0.02,0.04,0.08,0.16,0.32,0.64,1.28,2.56,5.12,10.24,20.48,40.96,81.92],"min":0.25,"max":0.25}],"aggregationTemporality":2}},
    {"name":"gen_ai.invoke_agent.duration","description":"Measures how long an agent in this process took, equal to its span.","unit":"s","histogram":{"dataPoints":[{"attributes":[{"key":"gen_ai.agent.name","value":{"stringValue":"helper"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":1.25,"bucketCounts":["0","0","0","0","1","0","0","0","0","0","0","0","0","0"],"explicitBounds":[0.1,0.2,0.4,0.8,1.6,3.2,6.4,12.8,25.6,51.2,102.4,204.8,409.6],"min":1.25,"max":1.25}],"aggregationTemporality":2}},
    {"name":"gen_ai.invoke_agent.inference_calls","description":"Counts the model calls that one agent invocation made itself.","unit":"{inference_call}","histogram":{"dataPoints":[{"attributes":[{"key":"gen_ai.agent.name","value":{"stringValue":"helper"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":1.0,"bucketCounts":["1","0","0","0","0","0","0","0","0"],"explicitBounds":[1.0,2.0,4.0,8.0,16.0,32.0,64.0,128.0],"min":1.0,"max":1.0}],"aggregationTemporality":2}},
    {"name":"gen_ai.invoke_agent.tool_calls","description":"Counts the tools that one agent invocation ran itself.","unit":"{tool_call}","histogram":{"dataPoints":[{"attributes":[{"key":"gen_ai.agent.name","value":{"stringValue":"helper"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","count":"1","sum":1.0,"bucketCounts":["1","0","0","0","0","0","0","0","0"],"explicitBounds":[1.0,2.0,4.0,8.0,16.0,32.0,64.0,128.0],"min":1.0,"max":1.0}],"aggregationTemporality":2}}],"schemaUrl":"https://opentelemetry.io/schemas/1.41.0"}]}]}
    "#);
}

#[test]
fn content_reaches_only_the_destination_that_may_have_it() {
    let (with, without) = (Lines::new("with"), Lines::new("without"));
    let routes = vec![
        with.route(with_content(Place::Span)),
        without.route(Rendering::new(Conventions::Main)),
    ];
    let sink = sink(routes, Sampling::Parent);
    let telemetry = telemetry(&sink);
    let mut call = telemetry.start(chat("m"));
    call.content.input = vec![Message::new(
        Role::User,
        vec![Part::Text("canary".to_owned())],
    )];
    call.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    assert!(with.text().contains("canary") && with.text().contains("schemas/1.41.0"));
    assert!(
        !without.text().contains("canary")
            && without.text().contains("schemas/gen-ai-dev/1.42.0-dev")
    );
}

#[test]
fn ids_times_and_parents_of_the_caller_s_choice_are_kept() {
    let lines = Lines::new("ids");
    let telemetry = recorder(&lines, Rendering::default());
    let parent = SpanContext::from_traceparent(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Some("vendor=1"),
    );
    let identity = Identity {
        trace_id: TraceId([7; 16]),
        span_id: SpanId([8; 8]),
    };
    for parent in [Parent::Span(parent.unwrap()), Parent::Root] {
        let options = StartOptions {
            parent,
            at: Some(Timestamp::from_unix_nanos(1_234)),
            identity: Some(identity),
            ..StartOptions::default()
        };
        telemetry.start_with(chat("m"), options).finish();
    }
    assert!(telemetry.shutdown(LONG).is_complete());
    let spans = lines.spans();
    assert_eq!(spans[0]["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(spans[0]["traceState"], "vendor=1");
    assert_eq!(spans[1]["traceId"], "07".repeat(16));
    assert_eq!(
        (&spans[1]["spanId"], &spans[1]["parentSpanId"]),
        (&Json::from("08".repeat(8)), &Json::Null)
    );
    assert_eq!(spans[1]["startTimeUnixNano"], "1234");
}

#[test]
fn what_others_do_not_sample_is_measured_but_not_recorded() {
    for (sampling, recorded) in [(Sampling::Parent, 0), (Sampling::Always, 1)] {
        let lines = Lines::new(&format!("sampling-{recorded}"));
        let sink = sink(vec![lines.route(Rendering::default())], sampling);
        let telemetry = telemetry(&sink);
        let parent = SpanContext::from_traceparent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            None,
        );
        let options = StartOptions {
            parent: Parent::Span(parent.unwrap()),
            ..StartOptions::default()
        };
        let call = telemetry.start_with(chat("m"), options);
        assert_eq!(call.context().sampled, recorded == 1);
        call.finish();
        assert!(telemetry.shutdown(LONG).is_complete());
        assert_eq!(lines.spans().len(), recorded);
        assert_eq!(lines.points("gen_ai.client.operation.duration").len(), 1);
    }
}

/// Counts and sums of a metric's points, one entry for each export.
fn tokens(temporality: Temporality, test: &str) -> Vec<Vec<(String, f64)>> {
    let lines = Lines::new(test);
    let mut route = lines.route(Rendering::default());
    route.destination.temporality = temporality;
    let sink = sink(vec![route], Sampling::Parent);
    let telemetry = telemetry(&sink);
    for calls in [2, 0, 1] {
        for _ in 0..calls {
            telemetry.start(chat("m")).finish();
        }
        assert!(telemetry.flush(LONG).is_complete());
    }
    assert!(telemetry.shutdown(LONG).is_complete());
    let count = |point: &Json| {
        (
            point["count"].as_str().unwrap().to_owned(),
            point["sum"].as_f64().unwrap(),
        )
    };
    let exports = lines.points("gen_ai.client.token.usage");
    exports
        .iter()
        .map(|export| {
            export["dataPoints"]
                .as_array()
                .unwrap()
                .iter()
                .map(count)
                .collect()
        })
        .collect()
}

#[test]
fn cumulative_points_count_from_the_start_and_delta_points_from_the_last() {
    let point = |count: u32, tokens| (count.to_string(), f64::from(count * tokens));
    let (two, three, one) = ([2, 2], [3, 3], [1, 1]);
    let points = |counts: [u32; 2]| vec![point(counts[0], 10), point(counts[1], 3)];
    assert_eq!(
        tokens(Temporality::Cumulative, "cumulative"),
        [points(two), points(three)]
    );
    assert_eq!(
        tokens(Temporality::Delta, "delta"),
        [points(two), points(one)]
    );
}

#[test]
fn series_are_bounded_and_the_rest_is_one_series() {
    let lines = Lines::new("series");
    let sink = sink(vec![lines.route(Rendering::default())], Sampling::Parent);
    let telemetry = telemetry(&sink);
    let unsampled = SpanContext {
        trace_id: TraceId([1; 16]),
        span_id: SpanId([1; 8]),
        ..SpanContext::default()
    };
    for number in 0..2_100 {
        let options = StartOptions {
            parent: Parent::Span(unsampled.clone()),
            ..StartOptions::default()
        };
        telemetry
            .start_with(chat(&format!("m{number}")), options)
            .finish();
    }
    assert!(telemetry.shutdown(LONG).is_complete());
    let [export] = <[Json; 1]>::try_from(lines.points("gen_ai.client.operation.duration")).unwrap();
    let points = export["dataPoints"].as_array().unwrap();
    assert_eq!(points.len(), 2_000);
    assert_eq!(points[1_999]["count"], "101");
    let overflow =
        serde_json::json!([{"key": "otel.metric.overflow", "value": {"boolValue": true}}]);
    assert_eq!(points[1_999]["attributes"], overflow);
}

#[test]
fn without_metrics_there_are_none() {
    let lines = Lines::new("no-metrics");
    let options = SinkOptions {
        has_metrics: false,
        ..SinkOptions::default()
    };
    let sink = Arc::new(OtlpSink::start(vec![lines.route(Rendering::default())], options).unwrap());
    let telemetry = telemetry(&sink);
    telemetry.start(chat("m")).finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    assert_eq!(lines.json().len(), 1);
    assert!(sink.report().is_complete() && sink.current().is_none());
}

#[test]
fn an_operation_of_a_later_version_names_that_version_s_schema() {
    let lines = Lines::new("schema");
    let telemetry = recorder(&lines, Rendering::new(Conventions::V1_41));
    telemetry.start(chat("m")).finish();
    telemetry.start(Plan::default()).finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    let first = &lines.json()[0];
    let scopes = first["resourceSpans"][0]["scopeSpans"].as_array().unwrap();
    let schemas: Vec<&str> = scopes
        .iter()
        .map(|scope| scope["schemaUrl"].as_str().unwrap())
        .collect();
    assert_eq!(
        schemas,
        [
            "https://opentelemetry.io/schemas/1.41.0",
            "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev"
        ]
    );
}

#[test]
fn links_stand_in_order_with_what_there_is_to_say_of_them() {
    let lines = Lines::new("links");
    let sink = sink(vec![lines.route(Rendering::default())], Sampling::Always);
    let telemetry = telemetry(&sink);
    let at_start = telemetry.execute_tool("asked");
    let options = StartOptions {
        links: vec![at_start.context().clone()],
        ..StartOptions::default()
    };
    let mut chat = telemetry.start_with(Inference::chat(Provider::OPENAI, "m"), options);
    chat.common.links.push(Link {
        to: SpanContext::from_traceparent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            None,
        )
        .unwrap(),
        attributes: vec![("agent.replay.attempt_index".to_owned(), Value::Int(2))],
    });
    chat.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    let spans = lines.spans();
    let links = spans.iter().find(|span| span["name"] == "chat m").unwrap()["links"].clone();
    assert_eq!(links[0]["spanId"], "0000000000000001");
    assert_eq!(links[1]["spanId"], "b7ad6b7169203331");
    assert_eq!(links[1]["attributes"][0]["value"]["intValue"], "2");
}
