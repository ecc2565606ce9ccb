//! Metrics, the summary in the process, and what becomes of trouble.

use std::sync::Arc;

use genspan::{Capture, Place, Rendering};
use genspan_chat::{ToolOutput, Tools, chat_fn, function, stack};
use serde_json::json;
use tower_service::Service;

use super::{OPENAI, planned, told};
use crate::seen::{Model, Program, ask, question, run};

/// Names what Strands measures, and what says it here with its unit and labels.
///
/// `strands.event_loop.cycle_count`, `.start_cycle`, `.end_cycle` and `.cycle_duration` are the count and the sum of
/// `genspan.turn.duration`, and a run's cycles `gen_ai.invoke_agent.inference_calls`; `strands.tool.call_count`,
/// `.success_count`, `.error_count` and `.duration` are count, sum and `error.type` of `gen_ai.execute_tool.duration`;
/// `strands.event_loop.latency` is that of the model's call; `.input.tokens` and `.output.tokens` are token usage;
/// `strands.model.time_to_first_token` is that to the first chunk (`streams`).
const MEASURED: [(&str, &str, &[&str]); 6] = [
    (
        "gen_ai.invoke_agent.duration",
        "s",
        &["gen_ai.agent.name", "gen_ai.request.model"],
    ),
    (
        "gen_ai.invoke_agent.inference_calls",
        "{inference_call}",
        &["gen_ai.agent.name"],
    ),
    (
        "gen_ai.invoke_agent.tool_calls",
        "{tool_call}",
        &["gen_ai.agent.name"],
    ),
    (
        "gen_ai.execute_tool.duration",
        "s",
        &["gen_ai.agent.name", "gen_ai.tool.name", "gen_ai.tool.type"],
    ),
    ("genspan.turn.duration", "s", &["gen_ai.agent.name"]),
    (
        "gen_ai.client.operation.duration",
        "s",
        &[
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "server.address",
            "server.port",
        ],
    ),
];

#[test]
fn runs_turns_and_tools_are_measured_without_ids() {
    let program = Program::new("strands-metrics", "");
    planned(&program, "", true);
    let seen = program.end();
    for (name, unit, labels) in MEASURED {
        let metric = seen.metric(name);
        assert_eq!(metric.unit, unit, "{name}");
        for point in &metric.points {
            let is_known =
                |key: &&String| labels.contains(&key.as_str()) || key.starts_with("openai.");
            let others: Vec<_> = point.labels.keys().filter(|key| !is_known(key)).collect();
            assert!(others.is_empty(), "{name}: {others:?}");
            assert!(!point.bounds.is_empty(), "{name} has buckets of its own");
        }
    }
    let count = |name: &str| {
        seen.metric(name)
            .points
            .iter()
            .map(|it| it.count)
            .sum::<u64>()
    };
    assert_eq!(count("genspan.turn.duration"), 2);
    assert_eq!(count("gen_ai.execute_tool.duration"), 2);
    assert_eq!(count("gen_ai.invoke_agent.duration"), 1);
    assert_eq!(
        seen.metric("gen_ai.invoke_agent.inference_calls").points[0].sum,
        2.0
    );
    let tokens = seen.metric("gen_ai.client.token.usage");
    assert_eq!(tokens.unit, "{token}");
    for point in &tokens.points {
        let kind = &point.labels["gen_ai.token.type"];
        assert!(kind == "input" || kind == "output", "{kind}");
        assert_eq!(point.bounds.len(), 14);
    }
}

#[test]
fn a_run_tells_its_sums_in_the_process() {
    let program = Program::new("strands-sums", "");
    let model = Model::new(&program.telemetry(), "parallel-tools");
    let tools = Tools::new()
        .with(
            function("get_weather", "Tells the weather.", genspan::Value::Null),
            |_| async { Ok::<_, std::io::Error>("sunny") },
        )
        .with(
            function("get_events", "Tells what happens.", genspan::Value::Null),
            |_| async { Ok::<_, std::io::Error>(ToolOutput::Failed("closed".into())) },
        );
    let client = chat_fn(move |request| ask(model.clone(), request));
    let mut agent = stack(client)
        .with_telemetry(&program.telemetry(), OPENAI)
        .with_tools(tools)
        .with_agent("a")
        .build();
    let done = run(agent.call(question())).unwrap();
    drop(agent);
    assert_eq!(done.rounds, 2);
    let tools: Vec<_> = done
        .tools
        .iter()
        .map(|it| (it.name.as_str(), it.calls, it.failures))
        .collect();
    assert_eq!(tools, [("get_weather", 1, 0), ("get_events", 1, 1)]);
    let seen = program.end();
    let agent = seen.span("invoke_agent");
    assert_eq!(
        agent.get("gen_ai.usage.input_tokens").as_u64(),
        done.usage.input()
    );
    assert_eq!(
        agent.get("gen_ai.usage.output_tokens").as_u64(),
        done.usage.output()
    );
    assert!(done.usage.input() > Some(0));
}

#[test]
fn trouble_in_telemetry_stays_there() {
    let rendering = Rendering::default()
        .with_capture(Capture::at(Place::Span))
        .with_hook(Arc::new(|_| panic!("a hook of the application's")));
    let program = Program::with("strands-trouble", "", |it| it.with_rendering(rendering));
    let done = planned(&program, "You plan days.", false);
    assert_eq!(done.rounds, 2, "the agent noticed nothing");
    let seen = program.end();
    assert_eq!(seen.spans.len(), 5, "the spans are there, without content");
    assert!(!seen.bytes.contains("What shall I do"));
}

#[test]
fn a_failed_tool_is_counted_as_one() {
    let program = Program::new("strands-tool-error", "");
    let telemetry = program.telemetry();
    let tool = telemetry.execute_tool("broken");
    tool.fail(genspan::Failure::new(genspan::ErrorType::ToolError));
    telemetry.execute_tool("fine").finish();
    let seen = program.end();
    let points = &seen.metric("gen_ai.execute_tool.duration").points;
    let errors: Vec<_> = points
        .iter()
        .map(|it| it.labels.get("error.type").cloned())
        .collect();
    assert!(
        errors.contains(&Some(json!("tool_error"))) && errors.contains(&None),
        "{errors:?}"
    );
}

#[test]
fn metrics_do_not_depend_on_sampling() {
    let program = Program::with("strands-unsampled", "", |builder| {
        builder.with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff)
    });
    planned(&program, "", true);
    let seen = program.end();
    assert_eq!(seen.names(), [""; 0]);
    let all = told("strands-sampled", "");
    let names = |seen: &crate::seen::Seen| {
        let mut names: Vec<_> = seen.metrics.iter().map(|it| it.name.clone()).collect();
        names.retain(|name| !name.starts_with("genspan."));
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&seen), names(&all));
}
