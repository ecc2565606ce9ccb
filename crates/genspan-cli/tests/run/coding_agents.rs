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

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use regex::Regex;
use serde_json::Value;

use crate::{
    scene::{Scene, attribute},
    whole::{self, is_call},
};

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
    spans.iter().filter(|span| is_call(span)).collect()
}

/// The whole tree, which keeps to its bounds, without what differs from run to run.
fn tree(spans: &[Value]) -> String {
    whole::assert_bounds(spans);
    whole::drawn(spans, &whole::FACTS, |fact| {
        let fact = trial::normal(fact);
        VARYING.iter().fold(fact, |fact, (pattern, word)| {
            let pattern = Regex::new(pattern).unwrap();
            pattern.replace_all(&fact, *word).into_owned()
        })
    })
}

/// What results of tools tell of the run.
const VARYING: [(&str, &str); 6] = [
    ("Chunk ID: [0-9a-f]+", "Chunk ID: ID"),
    (r"Wall time: [0-9.]+", "Wall time: 0"),
    (r#"/[^\s"]*/agents-[a-z-]+/work"#, "WORK"),
    (r"Process Group PGID: \d+", "Process Group PGID: 0"),
    (r#""create_time":[0-9.]+"#, r#""create_time":0"#),
    (r"subagent_tokens: \d+", "subagent_tokens: 0"),
];

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

/// What a program was started with, without genspan and with it, and the summary.
struct Shown {
    without: String,
    with: String,
    summary: String,
}

/// Runs a program of this name that shows what it is started with, in place of the real one, and fails.
fn shown(name: &str, variables: &[(&str, &str)]) -> Shown {
    let scene = Scene::new(&format!("shown-{name}"));
    // Of the variables only the one that it reads.
    let script = match name {
        "gemini" => "#!/bin/sh\necho \"$* [$GOOGLE_GEMINI_BASE_URL]\"\necho no >&2\nexit 7\n",
        _ => "#!/bin/sh\necho \"$*\"\necho no >&2\nexit 7\n",
    };
    fs::write(scene.path(name), script).unwrap();
    fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    let program = format!("./{name}");
    let run = |mut command: Command, words: &[&str]| {
        command.args(words).envs(variables.iter().copied());
        let output = Scene::output(command, b"");
        assert_eq!(output.status.code(), Some(7));
        assert_eq!(output.stderr, b"no\n");
        String::from_utf8(output.stdout).unwrap()
    };
    let genspan = scene.genspan(&["run", "--summary", "summary.txt", "--"]);
    Shown {
        without: run(scene.command(&program), &["exec", "hi"]),
        with: run(genspan, &[&program, "exec", "hi"]),
        summary: scene.read("summary.txt"),
    }
}

impl Shown {
    /// Holds that the program runs as it is, and that this is said with its reason.
    fn is_unrecorded(&self, name: &str, reason: &str) {
        assert_eq!(self.with, self.without);
        let note = format!("note: {name} runs as it is, and its calls are not recorded: ");
        let notes: Vec<_> = self
            .summary
            .lines()
            .filter(|it| it.contains("note:"))
            .collect();
        let [line] = notes[..] else {
            panic!("{}", self.summary);
        };
        assert!(line.contains(&note) && line.contains(reason), "{line}");
        assert!(self.summary.contains("no call to a model was seen"));
    }
}

/// A home of fixtures.
fn home(name: &str) -> String {
    format!(
        "{}/tests/fixtures/agents/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}
