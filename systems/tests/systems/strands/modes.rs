//! Which conventions are spoken, and who asks for what.

use genspan::{Capture, Conventions, Place, Rendering};
use serde_json::json;

use super::{V1_36, V1_41, planned, told};
use crate::seen::{Program, Seen};

/// Gives what arrives where nothing but the environment speaks.
fn by_environment(name: &str, variables: &'static [(&str, &str)]) -> Seen {
    let program = Program::with(&format!("strands-env-{name}"), "", |builder| {
        builder.with_environment(move |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    });
    planned(&program, "You plan days.", false);
    program.end()
}

const CONTENT: (&str, &str) = ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true");
const RULE: (&str, &str) = ("GENSPAN_CONVENTIONS", "opt-in");

#[test]
fn the_opt_in_variable() {
    const LATEST: &str = " http, gen_ai_latest_experimental ,,unknown,gen_ai_latest_experimental";
    let older = by_environment("older", &[CONTENT, RULE]);
    let call = older.span("chat");
    assert_eq!(call.get("gen_ai.system"), "openai");
    assert!(!call.has("gen_ai.provider.name") && !call.has("gen_ai.input.messages"));
    assert!(call.event_names().contains(&"gen_ai.system.message"));
    let variables = &[CONTENT, RULE, ("OTEL_SEMCONV_STABILITY_OPT_IN", LATEST)];
    let latest = by_environment("latest", variables);
    let call = latest.span("chat");
    assert_eq!(call.get("gen_ai.provider.name"), "openai");
    assert!(!call.has("gen_ai.system") && call.has("gen_ai.input.messages"));
    assert_eq!(call.event_names(), [""; 0], "completely, not both at once");
}

#[test]
fn older_events() {
    let seen = told("strands-older-events", V1_36);
    let drawn = |name: &str| {
        let span = seen.span(name);
        let lines = span.events.iter().map(|(name, facts)| {
            let facts = facts.iter().filter(|(key, _)| *key != "id");
            let facts: Vec<_> = facts
                .map(|(key, value)| format!("  {key} = {value}\n"))
                .collect();
            format!("{name}\n{}", facts.concat())
        });
        lines.collect::<String>()
    };
    insta::assert_snapshot!(drawn("execute_tool get_weather"), @r#"
    gen_ai.tool.message
      content = "{\"city\":\"Lisbon\"}"
      role = "tool"
    gen_ai.choice
      message = "[{\"text\":\"sunny\"}]"
    "#);
    insta::assert_snapshot!(drawn("invoke_agent"), @r#"
    gen_ai.system.message
      content = "[{\"text\":\"You plan days.\"}]"
      gen_ai.system = "openai"
    gen_ai.user.message
      content = "[{\"text\":\"What shall I do in Lisbon?\"}]"
      gen_ai.system = "openai"
    gen_ai.choice
      finish_reason = "stop"
      gen_ai.system = "openai"
      index = 0
      message = "[{\"text\":\"The tool said: \\\"a concert\\\"\"}]"
    "#);
    let calls = seen.all("chat");
    let (name, facts) = calls[0].events.last().unwrap();
    assert_eq!(
        (name.as_str(), &facts["finish_reason"]),
        ("gen_ai.choice", &json!("tool_calls"))
    );
    let (_, facts) = &calls[1].events[3];
    let blocks: serde_json::Value =
        serde_json::from_str(facts["content"].as_str().unwrap()).unwrap();
    assert_eq!(
        blocks[0]["toolResult"]["content"],
        json!([{"text": "sunny"}])
    );
    assert_eq!(blocks[0]["toolResult"]["toolUseId"], facts["id"]);
}

#[test]
fn latest_shapes() {
    let seen = told("strands-latest-shapes", V1_41);
    let call = seen.all("chat")[1];
    let said = call.json("gen_ai.input.messages");
    let id = said[1]["parts"][0]["id"].clone();
    assert!(id.is_string());
    assert_eq!(
        said[0],
        json!({"role": "user", "parts": [{"type": "text", "content": "What shall I do in Lisbon?"}]})
    );
    assert_eq!(
        said[1]["parts"][0],
        json!({"type": "tool_call", "id": id, "name": "get_weather", "arguments": {"city": "Lisbon"}})
    );
    assert_eq!(
        said[2],
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": id, "response": "sunny"}]})
    );
    let answer = call.json("gen_ai.output.messages");
    assert_eq!(
        (&answer[0]["role"], &answer[0]["finish_reason"]),
        (&json!("assistant"), &json!("stop"))
    );
}

#[test]
fn one_details_event_a_call() {
    let seen = told("strands-details", ";conventions=v1.41;content=event");
    let names: Vec<_> = seen.logs.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(
        names, ["gen_ai.client.inference.operation.details"; 2],
        "log records, for calls alone"
    );
    for (_, facts, _) in &seen.logs {
        for key in [
            "gen_ai.system_instructions",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
        ] {
            assert!(facts[key].is_array(), "structured: {key}");
        }
    }
    assert!(seen.spans.iter().all(|span| span.events.is_empty()));
}

#[test]
fn tool_definitions_are_an_opt_in_in_every_version() {
    for version in [Conventions::V1_36, Conventions::V1_41, Conventions::Main] {
        for is_full in [false, true] {
            let mut rendering = Rendering::new(version).with_capture(Capture::at(Place::Span));
            if is_full {
                rendering = rendering.with_full_tool_definitions();
            }
            let program = Program::with(
                &format!("strands-definitions-{version}-{is_full}"),
                "",
                |builder| builder.with_rendering(rendering),
            );
            planned(&program, "", false);
            let seen = program.end();
            let agent = seen.span("invoke_agent");
            if is_full {
                let tools = agent.json("gen_ai.tool.definitions");
                assert_eq!(tools[0]["name"], "get_weather");
                assert_eq!(tools[0]["description"], "Tells the weather.");
                assert_eq!(tools[0]["parameters"]["required"], json!(["city"]));
                assert_eq!(tools[1]["name"], "get_events");
                assert_eq!(
                    *seen.span("chat").get("gen_ai.tool.definitions"),
                    *agent.get("gen_ai.tool.definitions")
                );
            } else if version == Conventions::V1_36 {
                assert!(
                    !agent.has("gen_ai.tool.definitions"),
                    "v1.36 has no such key"
                );
            } else {
                let named = json!([
                    {"type": "function", "name": "get_weather"}, {"type": "function", "name": "get_events"}
                ]);
                assert_eq!(agent.json("gen_ai.tool.definitions"), named, "names alone");
            }
        }
    }
    // Definitions are content: without it there are none.
    let rendering = Rendering::default().with_full_tool_definitions();
    let program = Program::with("strands-definitions-off", "", |it| {
        it.with_rendering(rendering)
    });
    planned(&program, "", false);
    assert!(!program.end().bytes.contains("gen_ai.tool.definitions"));
}

#[test]
fn what_stands_there_passes_the_check() {
    for (name, version) in [
        ("v1.36", Conventions::V1_36),
        ("v1.41", Conventions::V1_41),
        ("main", Conventions::Main),
    ] {
        let rendering = Rendering::new(version)
            .with_capture(Capture::at(Place::Span))
            .with_full_tool_definitions();
        let program = Program::with(&format!("strands-check-{name}"), "", |it| {
            it.with_rendering(rendering)
        });
        planned(&program, "You plan days.", true);
        let seen = program.end();
        let options = genspan_check::Options::default();
        let mut checker = genspan_check::Checker::new(options.with_conventions(version));
        checker.read(name, seen.bytes.as_bytes()).unwrap();
        let report = checker.finish();
        assert!(report.spans() > 0 && report.is_clean(), "{report}");
    }
}

#[test]
fn langfuse_by_its_dialect() {
    let seen = told("strands-langfuse", &format!("{V1_41};dialect=langfuse"));
    let kind = |name: &str| seen.span(name).get("langfuse.observation.type").clone();
    assert_eq!(
        ["invoke_agent", "chat", "execute_tool"].map(kind),
        [json!("agent"), json!("generation"), json!("tool")]
    );
    // Content stands on the spans, which is where Langfuse looks for it.
    assert!(
        seen.span("chat").has("gen_ai.input.messages")
            || seen.span("chat").has("langfuse.observation.input")
    );
}
