//! The metrics of a destination that speaks agent-sdk's language.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use genspan::{
    AgentInvocation, AgentSite, Conventions, Counts, Embeddings, ErrorType, Inference, McpTarget,
    Parent, Provider, Rendering, Retrieval, SpanContext, SpanEvent, StartOptions, Telemetry,
    Timestamp, ToolExecution, Usage, semconv::value::mcp_method_name as method,
};
use genspan_otlp::{Batching, CountingIds, OtlpSink, PipelineOptions, Route, SinkOptions};
use serde_json::Value as Json;
use testkit::ManualClock;

const LONG: Duration = Duration::from_secs(3600);

/// A destination of one test's own, removed at its end.
struct Lines(PathBuf);

impl Drop for Lines {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

impl Lines {
    fn new(test: &str) -> Self {
        let name = format!("genspan-otlp-agent-sdk-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(fs::remove_file(&path));
        Self(path)
    }

    fn route(&self, options: &str, conventions: Conventions) -> Route {
        let destination = format!("file:{}{options}", self.0.display());
        Route {
            destination: destination.parse().unwrap(),
            rendering: Rendering::new(conventions),
        }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }

    /// Gives every metric, a line each with a line for each of its points.
    fn table(&self) -> String {
        let mut table = Vec::new();
        for line in self.text().lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            let metrics = &line["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
            for metric in metrics.as_array().into_iter().flatten() {
                let mut kinds = ["histogram", "sum"].into_iter();
                let kind = kinds.find(|kind| metric.get(*kind).is_some()).unwrap();
                let unit = metric["unit"].as_str().unwrap_or_default();
                table.push(format!("{} {kind} [{unit}]", name(&metric["name"])));
                let points = metric[kind]["dataPoints"].as_array().unwrap();
                let bounds = points[0]["explicitBounds"].as_array();
                if let Some([first, .., last]) = bounds.map(Vec::as_slice) {
                    table.push(format!("  up to {first} … {last}"));
                }
                table.extend(points.iter().map(|point| format!("  {}", shown(point))));
            }
        }
        table.join("\n")
    }
}

fn name(json: &Json) -> &str {
    json.as_str().unwrap()
}

fn shown(point: &Json) -> String {
    let labels = point["attributes"].as_array().unwrap().iter();
    let labels = labels.map(|label| {
        let value = label["value"].as_object().unwrap().values().next().unwrap();
        format!("{}={}", name(&label["key"]), value.as_str().unwrap())
    });
    let value = match point.get("count") {
        Some(count) => format!("{} of {}", name(count), point["sum"]),
        None => name(&point["asInt"]).to_owned(),
    };
    format!("{value}: {}", labels.collect::<Vec<_>>().join(" "))
}

/// Records to a destination; the clock moves by a quarter of a second each time it is read.
fn telemetry(routes: Vec<Route>) -> Telemetry {
    let options = SinkOptions {
        ids: Arc::new(CountingIds::default()),
        pipeline: PipelineOptions {
            batching: Batching::OnFlush,
            clock: Arc::new(ManualClock::default()),
            ..PipelineOptions::default()
        },
        ..SinkOptions::default()
    };
    let sink = OtlpSink::start(routes, options).unwrap();
    let clock = ManualClock::default().stepping(Duration::from_millis(250));
    Telemetry::builder(Arc::new(sink))
        .with_clock(Arc::new(clock))
        .inline()
        .build()
}

/// Gives the metrics of what is recorded, which nobody samples.
fn measured(test: &str, conventions: Conventions, record: impl FnOnce(&Telemetry)) -> String {
    let lines = Lines::new(test);
    let telemetry = telemetry(vec![lines.route(";dialect=agent-sdk", conventions)]);
    record(&telemetry);
    assert!(telemetry.shutdown(LONG).is_complete());
    let text = lines.text();
    assert!(!text.contains("secret-id"), "an id is a label: {text}");
    assert!(!text.contains("resourceSpans"), "the span was sampled");
    lines.table()
}

/// Stands within a trace that others decided not to sample.
fn unsampled() -> StartOptions {
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    StartOptions {
        parent: Parent::Span(SpanContext::from_traceparent(traceparent, None).unwrap()),
        ..StartOptions::default()
    }
}

fn chat() -> Inference {
    let mut call = Inference::chat(Provider::GCP_GEMINI, "gemini-2.5-pro");
    call.common.conversation_id = Some("secret-id".to_owned());
    call.common.set("user.id", "secret-id");
    call
}

fn tokens(input: u64, output: u64, cached: u64) -> Usage {
    let counts = Counts {
        input: Some(input),
        output: Some(output),
        cache_read: Some(cached),
        ..Counts::default()
    };
    Usage::inclusive(counts).0
}

#[test]
fn a_chat_that_succeeds() {
    let record = |telemetry: &Telemetry| {
        let mut call = chat();
        call.request.stream = true;
        let mut call = telemetry.start_with(call, unsampled());
        call.usage = tokens(100, 20, 64);
        call.response.id = Some("secret-id".to_owned());
        call.response.model = Some("gemini-2.5-pro-002".to_owned());
        for millis in [125, 250] {
            let at = Timestamp::from_unix_nanos(1_700_000_000_000_000_000 + millis * 1_000_000);
            call.timing.chunk(at);
        }
        call.finish();
    };
    // The span starts at 0 and ends a quarter of a second later, which is when the clock is read again.
    let table = measured("success", Conventions::V1_41, record);
    insta::assert_snapshot!(table, @r#"
    gen_ai.client.operation.duration histogram [s]
      up to 0.01 … 81.92
      1 of 0.25: gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro gen_ai.response.model=gemini-2.5-pro-002
    gen_ai.client.operation.time_per_output_chunk histogram [s]
      up to 0.01 … 81.92
      1 of 0.125: gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro
    gen_ai.client.operation.time_to_first_chunk histogram [s]
      up to 0.01 … 81.92
      1 of 0.125: gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro
    gen_ai.client.token.usage histogram [{token}]
      up to 1.0 … 67108864.0
      1 of 100.0: gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro gen_ai.response.model=gemini-2.5-pro-002 gen_ai.token.type=input
      1 of 20.0: gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro gen_ai.response.model=gemini-2.5-pro-002 gen_ai.token.type=output
    "#);
    for version in [Conventions::V1_36, Conventions::Main] {
        assert_eq!(
            measured(&format!("success-{version}"), version, record),
            table
        );
    }
}

#[test]
fn a_chat_that_fails_after_two_attempts_more() {
    let table = measured("error", Conventions::V1_41, |telemetry| {
        let mut call = telemetry.start_with(chat(), unsampled());
        call.usage = tokens(0, 0, 0);
        for (number, error) in [
            (1, ErrorType::RateLimited),
            (2, ErrorType::ServerError),
            (3, ErrorType::ServerError),
        ] {
            let event = SpanEvent::attempt(number, None, &error, Timestamp::default());
            call.common.events.push(event);
        }
        call.attempts = 3;
        call.fail(ErrorType::ServerError);
    });
    insta::assert_snapshot!(table, @r#"
    gen_ai.client.operation.duration histogram [s]
      up to 0.01 … 81.92
      1 of 0.25: error.type=server_error gen_ai.operation.name=chat gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro
    agent_sdk.llm.retries sum []
      1: error.type=rate_limited gen_ai.provider.name=gcp.gemini
      1: error.type=server_error gen_ai.provider.name=gcp.gemini
    "#);
}

#[test]
fn tools_by_their_outcome() {
    let table = measured("tools", Conventions::Main, |telemetry| {
        let start = |attributes: &[(&str, &str)]| {
            let mut tool = ToolExecution::new("weather");
            tool.call_id = Some("secret-id".to_owned());
            for (key, value) in attributes {
                tool.common.set(*key, *value);
            }
            telemetry.start_with(tool, unsampled())
        };
        start(&[]).finish();
        start(&[]).fail(ErrorType::Timeout);
        let mut blocked = start(&[
            ("agent_sdk.tool.kind", "async"),
            ("agent_sdk.tool.outcome", "blocked"),
        ]);
        blocked.common.set("agent_sdk.tool.duration_ms", 2_000_u64);
        blocked.finish();
        // What is none of the crate's words is no label.
        let odd = start(&[
            ("agent_sdk.tool.kind", "secret-id"),
            ("agent_sdk.tool.outcome", "secret-id"),
        ]);
        odd.finish();
    });
    insta::assert_snapshot!(table, @r#"
    agent_sdk.tools.execution.count sum []
      2: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=success gen_ai.tool.name=weather
      1: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=error gen_ai.tool.name=weather
      1: agent_sdk.tool.kind=async agent_sdk.tool.outcome=blocked gen_ai.tool.name=weather
    agent_sdk.tools.execution.duration histogram [ms]
      up to 1.0 … 300000.0
      2 of 500.0: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=success gen_ai.tool.name=weather
      1 of 250.0: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=error gen_ai.tool.name=weather
      1 of 2000.0: agent_sdk.tool.kind=async agent_sdk.tool.outcome=blocked gen_ai.tool.name=weather
    "#);
}

#[test]
fn root_turns_by_their_outcome_and_agents_within_them() {
    let table = measured("turns", Conventions::V1_41, |telemetry| {
        let start = |outcome: Option<&str>| {
            let mut run = AgentInvocation::at(AgentSite::InProcess {
                provider: Some(Provider::ANTHROPIC),
            });
            run.id = Some("secret-id".to_owned());
            run.common.conversation_id = Some("secret-id".to_owned());
            run.common.set("agent_sdk.input.kind", "text");
            if let Some(outcome) = outcome {
                run.common.set("agent_sdk.outcome", outcome);
            }
            telemetry.start_with(run, unsampled())
        };
        let root = start(None);
        let within = root.scope().enter();
        let tool = telemetry.start(ToolExecution::new("ask_guide"));
        let asked = tool.scope().enter();
        telemetry.start(AgentInvocation::new("guide")).finish();
        drop(asked);
        tool.finish();
        drop(within);
        root.finish();
        start(Some("awaiting_confirmation")).finish();
        start(Some("discarded")).finish();
        start(Some("secret-id")).fail(ErrorType::Other("budget".into()));
        drop(start(None));
        let mut refused = start(None);
        refused.finish_reasons = vec!["refusal".to_owned()];
        refused.finish();
    });
    insta::assert_snapshot!(table, @r#"
    agent_sdk.runs.outcome sum []
      1: agent_sdk.outcome=done
      1: agent_sdk.outcome=awaiting_confirmation
      1: agent_sdk.outcome=error
      1: agent_sdk.outcome=cancelled
      1: agent_sdk.outcome=refusal
    agent_sdk.subagent.invocations sum []
      1: agent_sdk.outcome=done gen_ai.agent.name=guide
    agent_sdk.tools.execution.count sum []
      1: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=success gen_ai.tool.name=ask_guide
    agent_sdk.tools.execution.duration histogram [ms]
      up to 1.0 … 300000.0
      1 of 750.0: agent_sdk.tool.kind=unknown agent_sdk.tool.outcome=success gen_ai.tool.name=ask_guide
    agent_sdk.turns.duration histogram [s]
      up to 0.01 … 81.92
      1 of 1.25: agent_sdk.input.kind=text agent_sdk.outcome=done gen_ai.provider.name=anthropic
      1 of 0.25: agent_sdk.input.kind=text agent_sdk.outcome=awaiting_confirmation gen_ai.provider.name=anthropic
      1 of 0.25: agent_sdk.input.kind=text agent_sdk.outcome=error gen_ai.provider.name=anthropic
      1 of 0.25: agent_sdk.input.kind=text agent_sdk.outcome=cancelled gen_ai.provider.name=anthropic
      1 of 0.25: agent_sdk.input.kind=text agent_sdk.outcome=refusal gen_ai.provider.name=anthropic
    "#);
}

#[test]
fn what_the_crate_does_not_know_is_measured_as_the_conventions_do() {
    let table = measured("others", Conventions::V1_41, |telemetry| {
        let mut call = Embeddings::new(Provider::OPENAI, "text-embedding-3-small");
        call.usage = tokens(8, 0, 0);
        telemetry.start_with(call, unsampled()).finish();
        let search = Retrieval::new("secret-id");
        telemetry.start_with(search, unsampled()).finish();
    });
    insta::assert_snapshot!(table, @r#"
    gen_ai.client.operation.duration histogram [s]
      up to 0.01 … 81.92
      1 of 0.25: gen_ai.operation.name=embeddings gen_ai.provider.name=openai gen_ai.request.model=text-embedding-3-small
      1 of 0.25: gen_ai.operation.name=retrieval
    gen_ai.client.token.usage histogram [{token}]
      up to 1.0 … 67108864.0
      1 of 8.0: gen_ai.operation.name=embeddings gen_ai.provider.name=openai gen_ai.request.model=text-embedding-3-small gen_ai.token.type=input
    "#);
}

#[test]
fn other_destinations_keep_the_conventions_metrics() {
    let (own, plain) = (Lines::new("own"), Lines::new("plain"));
    let telemetry = telemetry(vec![
        own.route(";dialect=agent-sdk", Conventions::V1_41),
        plain.route(";dialect=openinference", Conventions::Main),
    ]);
    telemetry.start(ToolExecution::new("weather")).finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    assert!(own.table().starts_with("agent_sdk.tools.execution.count"));
    insta::assert_snapshot!(plain.table(), @r#"
    gen_ai.execute_tool.duration histogram [s]
      up to 0.01 … 81.92
      1 of 0.25: gen_ai.tool.name=weather
    "#);
}

/// A span that nobody samples, so that nothing of what is within it is.
const UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

#[test]
fn mcp_requests_are_measured_as_the_crate_does() {
    let table = measured("mcp", Conventions::V1_41, |telemetry| {
        let request = |method: &'static str| {
            let target = Some(McpTarget::Tool("read_file".to_owned()));
            let mut request = telemetry.mcp_client(method, target);
            request.request_id = Some("secret-id".to_owned());
            request.connection.session_id = Some("secret-id".to_owned());
            request.connection.server_name = Some("files".to_owned());
            request
        };
        let unsampled = SpanContext::from_traceparent(UNSAMPLED, None).unwrap();
        let _entered = telemetry.scope_under(unsampled).enter();
        request(method::TOOLS_CALL).finish();
        request(method::TOOLS_CALL).fail(ErrorType::ToolError);
        let mut refused = request(method::TOOLS_LIST);
        refused.target = None;
        let outcome = refused.answered_with_error(-32603, "no");
        refused.end_as(outcome);
        // Within the tool's run it is measured all the same.
        let tool = telemetry.execute_tool("read_file");
        tool.scope().run(|| request(method::TOOLS_CALL).finish());
        tool.finish();
        // The crate measures no pings.
        let mut ping = request(method::PING);
        ping.target = None;
        ping.finish();
    });
    insta::assert_snapshot!(table);
}
