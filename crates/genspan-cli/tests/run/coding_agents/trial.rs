//! One command line without and with genspan, each against a provider of its own.

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use regex::Regex;
use serde_json::Value;
use testkit::provider::{Provider, RecordedRequest, Script};

use crate::scene::Scene;

/// What is run, and where. `$URL` in words and variables is the provider's address.
pub(super) struct Trial {
    name: String,
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
    /// Files of the user's home, and what is in them.
    files: Vec<(&'static str, &'static str)>,
    script: Script,
    interrupted_after: Option<usize>,
}

/// What came of a trial.
pub(super) struct Told {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) spans: Vec<Value>,
    pub(super) summary: String,
    /// What the provider was asked in the run with genspan.
    pub(super) asked: Vec<RecordedRequest>,
}

impl Trial {
    pub(super) fn new(name: &str, words: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            variables: Vec::new(),
            files: Vec::new(),
            script: Script::scenarios(),
            interrupted_after: None,
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub(super) fn file(mut self, name: &'static str, text: &'static str) -> Self {
        self.files.push((name, text));
        self
    }

    pub(super) fn script(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// Sends the program SIGINT once so many requests have come.
    pub(super) fn interrupted_after(mut self, requests: usize) -> Self {
        self.interrupted_after = Some(requests);
        self
    }

    /// Runs both, and holds that nobody could tell them apart by what they wrote and how they ended.
    pub(super) fn run(self) -> Told {
        let scene = Scene::new(&format!("agents-{}", self.name));
        let (without, _) = self.once(&scene, &[]);
        let genspan = [
            "run",
            "--content",
            "--to",
            "file:../spans.jsonl",
            "--summary",
            "../summary.txt",
            "--",
        ];
        let (with, asked) = self.once(&scene, &genspan);
        let [without_text, with_text] = [&without, &with].map(|output| {
            let [stdout, stderr] = [&output.stdout, &output.stderr]
                .map(|bytes| normal(&String::from_utf8_lossy(bytes)));
            format!("{stdout}\n--- stderr\n{stderr}")
        });
        assert_eq!(with_text, without_text, "{}", self.name);
        assert_eq!(with.status, without.status, "{}", self.name);
        let check = Scene::output(scene.genspan(&["check", "spans.jsonl"]), b"");
        let findings = String::from_utf8_lossy(&check.stdout);
        assert!(check.status.success(), "{}: {findings}", self.name);
        Told {
            code: with.status.code(),
            stdout: String::from_utf8(with.stdout).unwrap(),
            spans: scene.spans("spans.jsonl"),
            summary: scene.read("summary.txt"),
            asked,
        }
    }

    /// Runs in a new home, so that neither run finds what the other left.
    fn once(&self, scene: &Scene, genspan: &[&str]) -> (Output, Vec<RecordedRequest>) {
        let provider = Provider::start(self.script.clone()).unwrap();
        for folder in ["user", "work"] {
            drop(fs::remove_dir_all(scene.path(folder)));
            fs::create_dir_all(scene.path(folder)).unwrap();
        }
        let place = |text: &str| text.replace("$URL", &provider.url());
        for (name, text) in &self.files {
            let file = scene.path("user").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, place(text)).unwrap();
        }
        let words: Vec<String> = self.words.iter().map(|word| place(word)).collect();
        let mut command = if genspan.is_empty() {
            scene.command(&words[0])
        } else {
            let mut command = scene.genspan(genspan);
            command.arg(&words[0]);
            command
        };
        command.args(&words[1..]).current_dir(scene.path("work"));
        command.env("HOME", scene.path("user"));
        for (name, value) in &self.variables {
            command.env(name, place(value));
        }
        (self.output(command, &provider), provider.requests())
    }

    fn output(&self, mut command: Command, provider: &Provider) -> Output {
        let Some(requests) = self.interrupted_after else {
            return Scene::output(command, b"");
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(provider.block_on(provider.asked(requests)), Some(true));
        let kill = format!("kill -s INT {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        child.wait_with_output().unwrap()
    }
}

/// Takes out what differs between any two runs: ids, times, durations, and Gemini's complaints about its own stopwatch.
pub(super) fn normal(text: &str) -> String {
    let text = pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").replace_all(text, "UUID");
    let text =
        pattern(r"\b(toolu|msg|req|resp|call|fc|rs)_[0-9a-f]{24}\b").replace_all(&text, "${1}_ID");
    let text = pattern(r"\ba[0-9a-f]{16}\b").replace_all(&text, "AGENT");
    let text = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z").replace_all(&text, "TIME");
    let text = pattern(r#""(\w+)(_ms|Ms|_time)":\s*\d+(\.\d+)?"#).replace_all(&text, "\"$1$2\":0");
    let text = pattern(r"(?m)^\[STARTUP\] .*\n").replace_all(&text, "");
    let text = pattern(r"duration_ms: \d+").replace_all(&text, "duration_ms: 0");
    // The provider counts by the length of what it is asked, and there a sub-agent's durations stand.
    if text.contains("subagent_tokens") {
        let counts = r#"(_tokens"|Tokens"|_usd"|costUSD"): ?[\d.]+"#;
        return pattern(counts).replace_all(&text, "$1:0").into_owned();
    }
    text.into_owned()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}
