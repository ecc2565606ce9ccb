//! What is wrong in Strands, by its number, and that it is not so here.
//!
//! | defect | held by, or why it cannot apply |
//! |---|---|
//! | S4: calls are internal and name no model | `spans::model_calls` |
//! | S9: units are words, buckets are defaults | `numbers::runs_turns_and_tools_are_measured_without_ids` |
//! | S12: a second run tells the first one's tokens | `spans::an_invocation_has_its_own_tokens` |
//! | S16: a variable read once; a vendor found within a URL | a builder's word wins, the variable is its default (`s16_…`); a vendor is named by `;dialect=` |
//! | S17: the first chunk needs the last | `streams::the_first_chunk_needs_no_last_one` |
//!
//! All others have a test here.

use std::future::pending;

use genspan::{
    Blob, Conventions, Failure, Message, Modality, Part, Role, SpanContext, SpanId, ToolDefinition,
    TraceId, Value,
};
use genspan_chat::{ChatResponse, VendorLayer, chat_fn, stack};
use opentelemetry_sdk::trace::Sampler;
use serde_json::json;
use tower_service::Service;

use super::{OPENAI, V1_36, V1_41, planned, told};
use crate::seen::{Model, Program, ask, question, run};

#[test]
fn s1_content_is_off_and_no_argument_leaks() {
    let seen = told("strands-s1", "");
    for word in [
        "Lisbon",
        "You plan days",
        "sunny",
        "a concert",
        "system_prompt",
    ] {
        assert!(!seen.bytes.contains(word), "{word}");
    }
    assert_eq!(seen.spans.len(), 5, "and all else is there");
    let inputs = Program::with("strands-s1-outputs", "", |builder| {
        let capture = genspan::Capture::at(genspan::Place::Span);
        builder.with_capture(capture.without_inputs())
    });
    planned(&inputs, "You plan days.", false);
    let seen = inputs.end();
    assert!(!seen.bytes.contains("You plan days") && seen.bytes.contains("sunny"));
}

#[test]
fn s2_nothing_said_makes_no_event() {
    for (name, options) in [("older", V1_36), ("latest", V1_41)] {
        let program = Program::new(&format!("strands-s2-{name}"), options);
        planned(&program, "", false);
        let seen = program.end();
        assert!(!seen.bytes.contains("system.message"));
        assert!(!seen.bytes.contains("system_instructions"));
    }
}

#[test]
fn s3_the_provider_is_who_runs_the_model() {
    let latest = told("strands-s3", V1_41);
    assert_eq!(latest.span("chat").get("gen_ai.provider.name"), "openai");
    assert_eq!(
        latest.span("invoke_agent").get("gen_ai.provider.name"),
        "openai"
    );
    let older = told("strands-s3-older", V1_36);
    assert_eq!(older.span("chat").get("gen_ai.system"), "openai");
}

#[test]
fn s5_the_answer_says_who_gave_it_and_why_it_ended() {
    for options in [V1_36, V1_41] {
        let seen = told("strands-s5", options);
        let calls = seen.all("chat");
        assert_eq!(
            calls[0].get("gen_ai.response.finish_reasons"),
            &json!(["tool_calls"])
        );
        assert_eq!(
            calls[1].get("gen_ai.response.finish_reasons"),
            &json!(["stop"])
        );
        for call in calls {
            assert!(
                call.get("gen_ai.response.id")
                    .as_str()
                    .is_some_and(|id| !id.is_empty())
            );
            assert!(call.has("gen_ai.response.model"));
        }
        let agent = seen.span("invoke_agent");
        assert_eq!(
            agent.get("gen_ai.response.finish_reasons"),
            &json!(["stop"])
        );
    }
}

#[test]
fn s6_only_calls_have_a_details_event_and_one_each() {
    let seen = told("strands-s6", ";content=event");
    assert_eq!(seen.logs.len(), 2);
    assert!(
        seen.logs
            .iter()
            .all(|it| it.1["gen_ai.operation.name"] == "chat")
    );
}

#[test]
fn s7_times_are_seconds_under_names_of_their_own() {
    for options in [V1_36, V1_41] {
        let seen = told("strands-s7", options);
        for span in &seen.spans {
            assert!(
                !span
                    .attributes
                    .keys()
                    .any(|key| key.starts_with("gen_ai.server.")),
                "{}",
                span.shown()
            );
        }
    }
}

#[test]
fn s8_labels_hold_no_ids() {
    let program = Program::new("strands-s8", "");
    for _ in 0..3 {
        planned(&program, "", true);
    }
    let seen = program.end();
    let points = &seen.metric("gen_ai.execute_tool.duration").points;
    assert_eq!(
        points.len(),
        2,
        "a series for each tool, however often it ran"
    );
    assert_eq!(points.iter().map(|it| it.count).sum::<u64>(), 6);
    let ids: Vec<_> = seen
        .all("execute_tool")
        .iter()
        .map(|it| it.get("gen_ai.tool.call.id").clone())
        .collect();
    for metric in &seen.metrics {
        for point in &metric.points {
            assert!(
                !point.labels.values().any(|label| ids.contains(label)),
                "{}",
                metric.name
            );
        }
    }
}

#[test]
fn s10_what_is_cancelled_ends() {
    let program = Program::new("strands-s10", "");
    let telemetry = program.telemetry();
    let client = chat_fn(|_| pending::<Result<ChatResponse, std::io::Error>>());
    let mut agent = stack(client)
        .with_telemetry(&telemetry, OPENAI)
        .with_agent("a")
        .with_turns()
        .build();
    run(async {
        let task =
            tokio::time::timeout(std::time::Duration::from_millis(1), agent.call(question()));
        task.await.unwrap_err();
    });
    let seen = program.end();
    let all = seen
        .spans
        .iter()
        .map(|it| (it.name.as_str(), it.get("error.type").clone()));
    let all: Vec<_> = all.collect();
    let cancelled = || json!("cancelled");
    assert_eq!(
        all,
        [
            ("invoke_agent a", cancelled()),
            ("turn", cancelled()),
            ("chat gpt-4o-mini", cancelled())
        ]
    );
}

#[test]
fn s11_a_parent_that_is_not_recorded_is_the_parent() {
    let program = Program::with("strands-s11", "", |builder| {
        builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
    });
    let telemetry = program.telemetry();
    let parent = |sampled| SpanContext {
        trace_id: TraceId([7; 16]),
        span_id: SpanId([9; 8]),
        sampled,
        trace_state: String::new(),
    };
    for sampled in [false, true] {
        telemetry.scope_under(parent(sampled)).run(|| {
            let agent = telemetry.invoke_agent("a");
            assert_eq!(
                agent.context().trace_id,
                TraceId([7; 16]),
                "the trace goes on"
            );
            assert_eq!(agent.context().sampled, sampled, "and so does the decision");
            agent.finish();
        });
    }
    let seen = program.end();
    assert_eq!(seen.spans.len(), 1);
    assert_eq!(seen.spans[0].parent, "09".repeat(8));
}

#[test]
fn s13_a_turn_without_tools_and_a_graph_end_as_all_do() {
    let program = Program::new("strands-s13", V1_41);
    let telemetry = program.telemetry();
    let mut graph = telemetry.invoke_workflow("graph");
    graph.content.input = vec![Message::text(Role::User, "Go.")];
    graph.content.output = vec![Message::text(Role::Assistant, "Gone.")];
    graph.scope().run(|| {
        let turn = telemetry.turn(1);
        turn.scope().run(|| telemetry.chat(OPENAI, "m").finish());
        turn.finish();
    });
    graph.finish();
    telemetry
        .invoke_workflow("broken")
        .fail(Failure::new(genspan::ErrorType::Timeout));
    let seen = program.end();
    let graph = seen.span("invoke_workflow graph");
    assert_eq!(
        graph.json("gen_ai.output.messages")[0]["parts"][0]["content"],
        "Gone."
    );
    assert_eq!(seen.span("invoke_workflow broken").status, 2);
    let turn = seen.span("turn");
    assert!(turn.ended >= seen.span("chat").ended && turn.status == 0);
}

#[test]
fn s14_each_count_has_one_key() {
    let counts = |options: &str| -> Vec<String> {
        let seen = told("strands-s14", options);
        let call = seen.span("chat");
        let keys = call
            .attributes
            .keys()
            .filter(|key| key.starts_with("gen_ai.usage."));
        keys.cloned().collect()
    };
    insta::assert_debug_snapshot!([counts(V1_36), counts(V1_41)], @r#"
    [
        [
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        ],
        [
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.reasoning.output_tokens",
        ],
    ]
    "#);
}

#[test]
fn s15_attributes_of_ones_own_change_no_key_of_the_conventions() {
    let program = Program::new("strands-s15", "");
    let telemetry = program.telemetry();
    assert!(VendorLayer::new(&telemetry, [("gen_ai.request.model", "mine")]).is_err());
    let scope = telemetry
        .scope()
        .with_attribute("gen_ai.request.model", "mine");
    let scope = scope
        .with_attribute("gen_ai.provider.name", "mine")
        .with_attribute("app.x", "1");
    scope.run(|| telemetry.chat(OPENAI, "m").finish());
    let seen = program.end();
    let call = seen.span("chat");
    assert_eq!(call.get("gen_ai.request.model"), "m");
    assert_eq!(call.get("gen_ai.provider.name"), "openai");
    assert_eq!(call.get("app.x"), "1");
}

#[test]
fn s16_a_builders_word_wins_over_the_variable() {
    let program = Program::with("strands-s16", "", |builder| {
        builder
            .with_environment(|name| (name == "GENSPAN_CONVENTIONS").then(|| "v1.36".to_owned()))
            .with_conventions(Conventions::V1_41)
    });
    program.telemetry().chat(OPENAI, "m").finish();
    assert!(program.end().span("chat").has("gen_ai.provider.name"));
    // A word within an address is no vendor.
    let program = Program::new("strands-s16-langfuse", "");
    program.telemetry().chat(OPENAI, "m").finish();
    assert!(!program.end().bytes.contains("langfuse."));
}

#[test]
fn s18_images_are_told_by_kind_and_size() {
    for (name, options) in [("latest", V1_41), ("older", V1_36)] {
        let program = Program::new(&format!("strands-s18-{name}"), options);
        let mut call = program.telemetry().chat(OPENAI, "m");
        let image = Part::Blob(Blob {
            modality: Modality::Image,
            mime_type: Some("image/png".to_owned()),
            content: "bm90IHNob3duIGF0IGFsbA==".to_owned(),
        });
        call.content.input = vec![Message::new(Role::User, vec![image])];
        call.finish();
        let seen = program.end();
        assert!(!seen.bytes.contains("not shown") && !seen.bytes.contains("bm90IHNob3du"));
        assert!(
            seen.bytes.contains("image/png") || seen.bytes.contains("png"),
            "{name}"
        );
        if name == "latest" {
            let part = &seen.span("chat").json("gen_ai.input.messages")[0]["parts"][0];
            assert_eq!(
                (&part["type"], &part["byte_size"]),
                (&json!("blob"), &json!(16))
            );
        }
    }
}

#[test]
fn s18_a_tools_failure_is_told_by_its_span_and_its_answer() {
    let program = Program::new("strands-s18-status", V1_41);
    let model = Model::new(&program.telemetry(), "tools");
    let broken = genspan_chat::Tools::new().with(
        ToolDefinition {
            kind: "function".to_owned(),
            name: "get_weather".to_owned(),
            description: None,
            parameters: Some(Value::Map(Vec::new())),
        },
        |_| async { Err::<&str, _>(std::io::Error::other("no network")) },
    );
    let client = chat_fn(move |request| ask(model.clone(), request));
    let mut agent = stack(client)
        .with_telemetry(&program.telemetry(), OPENAI)
        .with_tools(broken)
        .build();
    run(agent.call(question())).unwrap();
    drop(agent);
    let seen = program.end();
    let tool = seen.span("execute_tool");
    assert_eq!((tool.status, tool.message.as_str()), (2, "no network"));
    assert!(tool.has("error.type"));
    let told = seen.all("chat")[1].json("gen_ai.input.messages");
    assert_eq!(
        told[2]["parts"][0]["response"],
        json!({"error": "no network"})
    );
}

#[test]
fn s19_the_history_stands_on_calls_alone() {
    let seen = told("strands-s19", V1_41);
    let agent = seen.span("invoke_agent");
    assert_eq!(
        agent
            .json("gen_ai.input.messages")
            .as_array()
            .unwrap()
            .len(),
        1,
        "what it was asked"
    );
    assert_eq!(
        agent
            .json("gen_ai.output.messages")
            .as_array()
            .unwrap()
            .len(),
        1,
        "what it answered"
    );
    for tool in seen.all("execute_tool") {
        assert!(!tool.has("gen_ai.input.messages"));
    }
    let program = Program::new("strands-s19-turns", V1_41);
    planned(&program, "You plan days.", true);
    let seen = program.end();
    assert!(
        seen.all("turn")
            .iter()
            .all(|it| it.attributes.len() == 1 && it.events.is_empty())
    );
}
