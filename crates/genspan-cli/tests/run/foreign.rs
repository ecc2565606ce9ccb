//! Telemetry of other makers beside genspan's own: one list with model, tokens and messages.

use std::{env, path::PathBuf, process::Command};

use serde_json::Value;
use testkit::provider::{Provider, Script};

use crate::{scene::Scene, serving::Serving};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/instrumented.py");

/// What the program can be instrumented by, as the list names the sources.
const SOURCES: [&str; 3] = ["opentelemetry", "openllmetry", "openinference"];

/// Says why a test cannot be done, or fails where it must be.
fn skip(reason: &str) {
    assert!(
        env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
}

fn python() -> Option<String> {
    let program = env::var("GENSPAN_PYTHON_INSTRUMENTED").unwrap_or_else(|_| "python3".to_owned());
    let wanted = "import openai, openinference.instrumentation.openai, opentelemetry.instrumentation.openai, \
                  opentelemetry.instrumentation.genai.openai, opentelemetry.exporter.otlp.proto.http";
    let found = Command::new(&program).args(["-c", wanted]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    skip(&format!(
        "{program} lacks the packages of .ci/requirements-instrumented.txt; name one that has them in GENSPAN_PYTHON_INSTRUMENTED"
    ));
    None
}

fn claude() -> Option<PathBuf> {
    let modules = env::var_os("GENSPAN_NODE_MODULES").map(PathBuf::from);
    // Its package brings the program for each platform as a package of its own, which alone will do.
    let places = [".bin/claude", "@anthropic-ai/claude-code-linux-x64/claude"];
    let mut found = modules
        .iter()
        .flat_map(|all| places.map(|place| all.join(place)));
    let program = found.find(|program| program.exists());
    if program.is_none() {
        skip("there is no claude in the folder that GENSPAN_NODE_MODULES names");
    }
    program
}

/// Runs a program to its end and gives what it printed.
fn run(command: Command) -> String {
    let output = Scene::output(command, b"");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}

fn traces(serving: &Serving, query: &str) -> Vec<Value> {
    let (status, list) = serving.get(&format!("/api/traces{query}"), "");
    assert_eq!(status, 200, "{list}");
    list["traces"].as_array().unwrap().clone()
}

/// The detail of the first span of this kind in a trace.
fn detail(serving: &Serving, row: &Value, kind: &str) -> Value {
    let path = format!("/api/traces/{}", row["traceId"].as_str().unwrap());
    let (_, trace) = serving.get(&path, "");
    let spans = trace["spans"].as_array().unwrap();
    let span = spans.iter().find(|span| span["kind"] == kind);
    let id = span.unwrap_or_else(|| panic!("{trace}"))["spanId"].as_str();
    let (status, detail) = serving.get(&format!("{path}/spans/{}", id.unwrap()), "");
    assert_eq!(status, 200, "{detail}");
    detail
}

fn last_text(messages: &Value) -> &str {
    let last = messages.as_array().and_then(|all| all.last());
    last.and_then(|message| message["parts"][0]["content"].as_str())
        .unwrap_or_else(|| panic!("{messages}"))
}

#[test]
fn instrumentations_and_genspan_stand_in_one_list_with_model_tokens_and_messages() {
    let Some(python) = python() else { return };
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("foreign")
        .with("OPENAI_BASE_URL", format!("{}/v1", provider.url()))
        .with(
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "gen_ai_latest_experimental",
        );
    let serving = Serving::start(&scene, &[]);
    let endpoint = format!("http://{}", serving.http);
    let mut counts = Vec::new();
    for source in SOURCES {
        let mut program = scene.command(&python);
        program.args([PROGRAM, source]);
        program.env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
        program.env("OTEL_SERVICE_NAME", source);
        program.env(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "span_only",
        );
        counts.push(run(program));
    }
    run(scene.genspan(&["demo", "--content", "--to", &endpoint]));

    let all = traces(&serving, "");
    assert_eq!(all.len(), 2 * SOURCES.len() + 1, "{all:?}");
    let demo = &all[0];
    assert_eq!(demo["sources"][0], "genspan", "{demo}");
    assert_eq!(demo["lastUserMessage"], "Plan a day in Lisbon for me.");
    assert_eq!(
        demo["models"].to_string(),
        r#"["claude-sonnet-4-5","gpt-4o-mini"]"#
    );
    assert_eq!(
        (demo["inputTokens"].as_u64(), demo["outputTokens"].as_u64()),
        (Some(197), Some(55))
    );
    for (source, printed) in SOURCES.iter().zip(&counts) {
        let found = traces(&serving, &format!("?source={source}&service={source}"));
        assert_eq!(found.len(), 2, "{source}: {found:?}");
        for (line, model) in printed.lines().zip(["gpt-4o-mini", "gpt-4o"]) {
            let row = found.iter().find(|row| row["models"][0] == model).unwrap();
            let (how, tokens) = line.split_once(' ').unwrap();
            let seen = ["inputTokens", "cachedTokens", "outputTokens"]
                .map(|key| row[key].to_string())
                .join(" ");
            assert_eq!(seen, tokens, "{row}");
            assert_eq!(row["sources"][0], *source, "{row}");
            assert_eq!(row["sources"].as_array().unwrap().len(), 1, "{row}");
            assert_eq!(row["providers"][0], "openai", "{row}");
            let asked = format!("A {how} answer for {source}");
            assert_eq!(row["lastUserMessage"], asked);
            let detail = detail(&serving, row, "chat");
            assert_eq!(last_text(&detail["input"]), asked, "{detail}");
            assert_eq!(
                last_text(&detail["output"]),
                format!("You said: {asked}"),
                "{detail}"
            );
        }
        assert_eq!(printed.lines().count(), 2, "{printed}");
    }
    assert_eq!(serving.stop().0, Some(0));
}

#[test]
fn the_claude_cli_s_own_telemetry_is_in_the_list() {
    let Some(claude) = claude() else { return };
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("foreign-claude");
    let serving = Serving::start(&scene, &[]);
    let mut program = scene.command(claude.to_str().unwrap());
    program.args(["--model", "claude-sonnet-4-5", "-p", "say hi"]);
    program.env("HOME", scene.path("."));
    program.env("ANTHROPIC_BASE_URL", provider.url());
    program.env("ANTHROPIC_API_KEY", "no-key");
    program.env(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        format!("http://{}", serving.http),
    );
    for (name, value) in [
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "1"),
        ("CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "1"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_LOGS_EXPORTER", "otlp"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_LOG_USER_PROMPTS", "1"),
        ("OTEL_SERVICE_NAME", "claude"),
    ] {
        program.env(name, value);
    }
    let printed = run(program);
    assert!(printed.starts_with("You said: "), "{printed}");

    let all = traces(&serving, "");
    let row = all
        .iter()
        .find(|row| row["sources"][0] == "claude-code")
        .unwrap_or_else(|| panic!("{all:?}"));
    assert_eq!(row["models"][0], "claude-sonnet-4-5", "{row}");
    assert_eq!(row["lastUserMessage"], "say hi", "{row}");
    assert!(row["conversationId"].is_string(), "{row}");
    let call = detail(&serving, row, "chat");
    for key in ["inputTokens", "cachedTokens", "outputTokens"] {
        assert!(call["span"][key].as_u64() > Some(0), "{key}: {call}");
        assert_eq!(row[key], call["span"][key], "{row}");
    }
    let turn = detail(&serving, row, "agent");
    assert_eq!(last_text(&turn["input"]), "say hi", "{turn}");
    assert_eq!(serving.stop().0, Some(0));
}
