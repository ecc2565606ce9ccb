//! Agents that know nothing of telemetry, on the official Python packages under `genspan run`: one tree each.

#[path = "agents/model.rs"]
mod model;

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use self::model::{Format, Said, call};
use crate::{
    python::python,
    scene::{Scene, attribute},
};

const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/agent.py");

const QUESTION: &str = "What can one see in the Marais in one hour?";

/// Three turns, two tools at once, one that fails, and a sub-agent with a tool of its own between the second and the third.
fn conversation() -> Vec<Said> {
    vec![
        Said::calls(&[
            call("call_1", "weather", json!({"city": "Paris"})),
            call("call_2", "museums", json!({"area": "Marais"})),
        ]),
        Said::calls(&[
            call("call_3", "table", json!({"people": 2})),
            call("call_4", "guide", json!({"question": QUESTION})),
        ]),
        // The sub-agent's; providers give ids anew, and recorded ones collide.
        Said::calls(&[call(
            "call_1",
            "lookup",
            json!({"place": "Place des Vosges"}),
        )]),
        Said::text("The Place des Vosges."),
        Said::text("Go to the Marais. canary-answer"),
    ]
}

/// Runs the agent and gives its spans.
fn run(
    name: &str,
    format: Format,
    is_streamed: bool,
    options: &[&str],
) -> Option<(Scene, Vec<Value>)> {
    let python = python()?;
    let script = conversation().iter().fold(Script::new(), |script, said| {
        script.answer(said.answer(format, is_streamed))
    });
    let provider = Provider::start(script).unwrap();
    let scene = Scene::new(&format!("agents-{name}"))
        .with("OPENAI_BASE_URL", format!("{}/v1", provider.url()))
        .with("ANTHROPIC_BASE_URL", provider.url());
    let how = if is_streamed { "streamed" } else { "whole" };
    let mut args = vec!["run", "--to", "file:spans.jsonl"];
    args.extend(options);
    args.extend(["--", &python, APP, format.name(), how]);
    let output = Scene::output(scene.genspan(&args), b"");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "Go to the Marais. canary-answer\n"
    );
    let spans = scene.spans("spans.jsonl");
    Some((scene, spans))
}

/// Draws the tree with what was concluded of agents and tools.
fn drawn(spans: &[Value]) -> String {
    let mut ordered: Vec<&Value> = spans.iter().collect();
    ordered.sort_by_key(|span| {
        let start: u64 = span["startTimeUnixNano"].as_str().unwrap().parse().unwrap();
        let call = attribute(span, "gen_ai.tool.call.id").and_then(Value::as_str);
        (start, call.unwrap_or_default().to_owned())
    });
    let mut text = String::new();
    for root in ordered
        .iter()
        .filter(|it| it["parentSpanId"].as_str().unwrap_or_default().is_empty())
    {
        draw(root, &ordered, 0, &mut text);
    }
    text
}

fn draw(span: &Value, all: &[&Value], depth: usize, text: &mut String) {
    let shown = [
        "gen_ai.tool.call.id",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "error.type",
        "genspan.time.bounds",
    ];
    write!(
        text,
        "{}{}",
        "  ".repeat(depth),
        span["name"].as_str().unwrap()
    )
    .unwrap();
    for key in shown {
        if let Some(value) = attribute(span, key) {
            write!(
                text,
                " {}={}",
                key.rsplit('.').next().unwrap(),
                plain(value)
            )
            .unwrap();
        }
    }
    let message = span["status"]["message"].as_str().unwrap_or_default();
    writeln!(
        text,
        "{}{message}",
        if message.is_empty() { "" } else { " " }
    )
    .unwrap();
    let children = all
        .iter()
        .filter(|it| it["parentSpanId"] == span["spanId"] && it["traceId"] == span["traceId"]);
    children.for_each(|child| draw(child, all, depth + 1, text));
}

/// A value of OTLP without its types.
pub(crate) fn plain(value: &Value) -> Value {
    let inner = |value: &Value| plain(value.as_object().unwrap().values().next().unwrap());
    match value {
        Value::Object(map) => match map.get("values") {
            Some(Value::Array(items)) if items.iter().all(|it| it.get("key").is_some()) => items
                .iter()
                .map(|it| (it["key"].as_str().unwrap().to_owned(), inner(&it["value"])))
                // Sorted, whatever order the build's JSON maps have.
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .collect(),
            Some(Value::Array(items)) => items.iter().map(inner).collect(),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn check(scene: &Scene) {
    let check = Scene::output(scene.genspan(&["check", "spans.jsonl"]), b"");
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.status.success(), "{told}");
}

/// Each tool has to do with the call that asked for it.
fn assert_linked(spans: &[Value]) {
    let tools = spans
        .iter()
        .filter(|it| it["name"].as_str().unwrap().starts_with("execute_tool"));
    for tool in tools {
        let link = &tool["links"][0];
        let asked = spans
            .iter()
            .find(|it| it["spanId"] == link["spanId"])
            .unwrap();
        assert_eq!(link["traceId"], tool["traceId"]);
        assert_eq!(asked["parentSpanId"], tool["parentSpanId"], "siblings");
        assert_eq!(asked["endTimeUnixNano"], tool["startTimeUnixNano"]);
    }
}

#[test]
fn an_agent_on_openai_is_one_tree() {
    for (name, is_streamed) in [("openai", false), ("openai-streamed", true)] {
        let Some((scene, spans)) = run(name, Format::OpenAi, is_streamed, &["--content"]) else {
            return;
        };
        insta::assert_snapshot!("agent_openai", drawn(&spans));
        assert_linked(&spans);
        check(&scene);
    }
}

#[test]
fn an_agent_on_anthropic_is_one_tree() {
    for (name, is_streamed) in [("anthropic", false), ("anthropic-streamed", true)] {
        let Some((scene, spans)) = run(name, Format::Anthropic, is_streamed, &["--content"]) else {
            return;
        };
        insta::assert_snapshot!("agent_anthropic", drawn(&spans));
        assert_linked(&spans);
        check(&scene);
    }
}

#[test]
fn without_content_the_tree_is_the_same_and_nothing_of_it_is_told() {
    let Some((scene, spans)) = run("silent", Format::OpenAi, false, &[]) else {
        return;
    };
    let (Some((_, told)), text) = (
        run("telling", Format::OpenAi, false, &["--content"]),
        scene.read("spans.jsonl"),
    ) else {
        return;
    };
    let shape = |spans: &[Value]| {
        let text = drawn(spans);
        let names = text
            .lines()
            .map(|line| line.split('=').next().unwrap_or_default().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(shape(&spans), shape(&told));
    for secret in ["canary", "Marais", "Vosges", "sunny", "Carnavalet"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    check(&scene);
}

#[test]
fn where_it_is_not_wanted_calls_stand_by_themselves() {
    let Some((_, spans)) = run("off", Format::OpenAi, false, &["--no-infer"]) else {
        return;
    };
    assert_eq!(spans.len(), conversation().len());
    assert!(spans.iter().all(|span| span["name"] == "chat gpt"
        && span["parentSpanId"].as_str().unwrap_or_default().is_empty()));
}

#[test]
fn an_agent_that_names_itself_is_one_with_its_first_call() {
    let answer = Said::text("Hello.").answer(Format::Anthropic, false);
    let provider = Provider::start(Script::new().answer(answer)).unwrap();
    let scene = Scene::new("agents-session").with("ANTHROPIC_BASE_URL", provider.url());
    let standing = scene.standing(&["--to", "file:spans.jsonl"], "ANTHROPIC_BASE_URL");
    let body = r#"{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
    let headers = "x-claude-code-session-id: 5a\r\n";
    let answer = standing.base.post("/v1/messages", headers, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    standing.end();
    let asked = &provider.requests()[0];
    assert_eq!(asked.header("x-claude-code-session-id"), Some("5a"));
    insta::assert_snapshot!(drawn(&scene.spans("spans.jsonl")), @r#"
    invoke_agent claude-code bounds="inner"
      chat claude
    "#);
    check(&scene);
}
