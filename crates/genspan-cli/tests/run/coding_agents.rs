//! Real coding agents under `genspan run`: they see no difference, and each call of theirs is one span.
//!
//! The scripted provider carries out the plan in their prompt. They come from npm; GENSPAN_NODE_MODULES names the folder.

#[path = "coding_agents/claude.rs"]
mod claude;
#[path = "coding_agents/codex.rs"]
mod codex;
#[path = "coding_agents/gemini.rs"]
mod gemini;
#[path = "coding_agents/sdk.rs"]
mod sdk;
#[path = "coding_agents/trial.rs"]
mod trial;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::Value;

use crate::scene::{Scene, attribute};

/// Finds the first of these in the folder of packages; says so where there is none.
fn found(places: &[&str]) -> Option<String> {
    let variable = "GENSPAN_NODE_MODULES";
    let folder = std::env::var(variable).unwrap_or_else(|_| "node_modules".to_owned());
    let found = places
        .iter()
        .map(|place| Path::new(&folder).join(place))
        .find(|path| path.exists());
    if let Some(path) = found {
        return Some(
            std::path::absolute(path)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
        );
    }
    skip(&format!(
        "there is no {} in {folder}; name a folder of npm packages that has it in {variable}",
        places[0]
    ));
    None
}

fn skip(reason: &str) {
    assert!(
        std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
}

/// The spans of calls to models.
fn calls(spans: &[Value]) -> Vec<&Value> {
    let is_call = |span: &&Value| {
        attribute(span, "gen_ai.operation.name")
            .is_some_and(|name| name == "chat" || name == "generate_content")
    };
    spans.iter().filter(is_call).collect()
}

/// Adds up a count over spans.
fn sum(spans: &[&Value], key: &str) -> u64 {
    let counts = spans
        .iter()
        .filter_map(|span| attribute(span, key)?.as_str());
    counts.map(|count| count.parse::<u64>().unwrap()).sum()
}

/// What was asked for, input, cached, output, over all spans.
fn tokens(spans: &[&Value]) -> [u64; 3] {
    [
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.output_tokens",
    ]
    .map(|key| sum(spans, key))
}

/// A plan as it stands in a prompt.
fn plan(steps: &str) -> String {
    format!("Go. <plan>{steps}</plan>")
}

/// Runs a program of this name that shows what it is started with, in place of the real one; gives what it shows and the
/// summary.
fn shown(name: &str, variables: &[(&str, &str)]) -> (String, String) {
    let scene = Scene::new(&format!("shown-{name}"));
    let script = "#!/bin/sh\necho \"$* [$GOOGLE_GEMINI_BASE_URL]\"\n";
    fs::write(scene.path(name), script).unwrap();
    fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    let program = format!("./{name}");
    let words = [
        "run",
        "--summary",
        "summary.txt",
        "--",
        &program,
        "exec",
        "hi",
    ];
    let mut command = scene.genspan(&words);
    command.envs(variables.iter().copied());
    let output = Scene::output(command, b"");
    let stdout = String::from_utf8(output.stdout).unwrap();
    (stdout, scene.read("summary.txt"))
}

/// A home of fixtures.
fn home(name: &str) -> String {
    format!(
        "{}/tests/fixtures/agents/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}
