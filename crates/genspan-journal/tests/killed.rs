//! A run whose process is killed in the middle is closed by another, once, and its trace is whole.
//!
//! The processes are this program itself, told by its arguments what to be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use genspan::{
    Finalised, LiveRoots, Parent, Provider, Rendering, Resumed, RunEnd, RunOutcome, SpanContext,
    Telemetry,
};
use genspan_journal::SqliteJournal;
use genspan_otlp::{OtlpSink, Route, SinkOptions};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(10);
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const KEY: &str = "task-1";

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let Some(role) = arguments
        .get(1)
        .filter(|argument| !argument.starts_with('-'))
    {
        let folder = PathBuf::from(&arguments[2]);
        return match role.as_str() {
            "begin" => begin(&folder),
            "recover" => recover(&folder, &arguments[3]),
            other => panic!("there is no role {other}"),
        };
    }
    what_nobody_resumes_is_recovered_once();
    whoever_resumes_goes_on_with_the_same_span();
    println!("killed: ok");
}

/// Stands for a worker: its recorder, and its runs.
fn worker(folder: &Path, file: &str) -> (Telemetry, LiveRoots) {
    let destination = format!("file:{}", folder.join(file).display());
    let route = Route {
        destination: destination.parse().unwrap(),
        rendering: Rendering::default(),
    };
    let sink = OtlpSink::start(vec![route], SinkOptions::default()).unwrap();
    let telemetry = Telemetry::builder(Arc::new(sink)).build();
    let journal = SqliteJournal::open(folder.join("runs.db")).unwrap();
    let roots = LiveRoots::builder()
        .with_journal(Arc::new(journal))
        .build(&telemetry);
    (telemetry, roots)
}

fn wait_for_a_word() {
    println!("ready");
    drop(std::io::stdin().read(&mut [0]));
}

/// Begins a run, gets to the middle of its second call, and stays there until it is killed.
fn begin(folder: &Path) {
    let (telemetry, roots) = worker(folder, "begun.jsonl");
    let caller = SpanContext::from_traceparent(CALLER, None).unwrap();
    let run = telemetry
        .scope_under(caller)
        .run(|| telemetry.invoke_agent("travel"));
    roots.stash(KEY, run).unwrap();
    let scope = roots.scope(KEY).unwrap();
    scope.run(|| {
        telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
        telemetry.execute_tool("find_trains").finish();
    });
    assert!(telemetry.flush(TIMEOUT).is_complete());
    let second = scope.run(|| telemetry.chat(Provider::OPENAI, "gpt-4o-mini"));
    wait_for_a_word();
    drop(second);
}

/// Recovers what is left when it is told to, beside others that do the same.
fn recover(folder: &Path, name: &str) {
    let (telemetry, roots) = worker(folder, &format!("recovered-{name}.jsonl"));
    wait_for_a_word();
    let recovered = roots.recover(&telemetry, Duration::ZERO);
    println!("{}", recovered.len());
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
}

/// Holds a process of this program, which is killed at the latest when this is dropped.
struct Process {
    child: Child,
    words: BufReader<ChildStdout>,
    /// `None` once it was told to go on.
    stdin: Option<ChildStdin>,
}

impl Process {
    fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .arg(arguments[0])
            .arg(folder)
            .args(&arguments[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Self {
            words: BufReader::new(child.stdout.take().unwrap()),
            stdin: child.stdin.take(),
            child,
        };
        assert_eq!(process.word(), "ready");
        process
    }

    fn word(&mut self) -> String {
        let mut line = String::new();
        self.words.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn go_on(&mut self) {
        self.stdin.take().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, by its own id: nothing of it runs any more.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Has a process begin a run and kills it in the middle.
fn killed_in_the_middle(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    drop(Process::start(&["begin"], &folder));
    folder
}

/// Reads the spans of all processes.
fn spans(folder: &Path) -> Vec<Value> {
    let mut spans = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            continue;
        }
        for line in fs::read_to_string(path).unwrap().lines() {
            let document: Value = serde_json::from_str(line).unwrap();
            let resources = document["resourceSpans"].as_array().cloned();
            for resource in resources.unwrap_or_default() {
                for scope in resource["scopeSpans"].as_array().unwrap() {
                    spans.extend(scope["spans"].as_array().unwrap().iter().cloned());
                }
            }
        }
    }
    spans
}

/// Checks that a trace is whole, and gives its root.
fn root_of(spans: &[Value], names: &[&str]) -> Value {
    let mut found: Vec<&str> = spans
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(found, names);
    let roots: Vec<_> = spans
        .iter()
        .filter(|span| span["name"] == "invoke_agent travel")
        .collect();
    assert_eq!(roots.len(), 1, "one root");
    let root = roots[0];
    assert_eq!(root["parentSpanId"], "b7ad6b7169203331", "the caller's");
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|span| span["spanId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), spans.len(), "no span twice");
    let nanos = |span: &Value, key: &str| -> u64 { span[key].as_str().unwrap().parse().unwrap() };
    for span in spans {
        assert_eq!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
        if span["spanId"] != root["spanId"] {
            assert_eq!(span["parentSpanId"], root["spanId"]);
            assert!(nanos(root, "startTimeUnixNano") <= nanos(span, "startTimeUnixNano"));
            assert!(nanos(span, "endTimeUnixNano") <= nanos(root, "endTimeUnixNano"));
        }
    }
    root.clone()
}

fn text(span: &Value, key: &str) -> String {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    let text = found.and_then(|found| found["value"]["stringValue"].as_str());
    text.unwrap_or_default().to_owned()
}

fn what_nobody_resumes_is_recovered_once() {
    let folder = killed_in_the_middle("killed-recovered");
    let mut both = ["1", "2"].map(|name| Process::start(&["recover", name], &folder));
    both.iter_mut().for_each(Process::go_on);
    let recovered = both
        .each_mut()
        .map(|process| process.word().parse::<u32>().unwrap());
    for process in &mut both {
        assert!(process.child.wait().unwrap().success());
    }
    assert_eq!(
        recovered.iter().sum::<u32>(),
        1,
        "two at once, {recovered:?}"
    );
    let names = [
        "chat gpt-4o-mini",
        "execute_tool find_trains",
        "invoke_agent travel",
    ];
    let root = root_of(&spans(&folder), &names);
    assert_eq!(text(&root, "genspan.run.outcome"), "abandoned");
    assert_eq!(text(&root, "error.type"), "abandoned");
    assert_eq!(root["status"]["code"], 2);
}

fn whoever_resumes_goes_on_with_the_same_span() {
    let folder = killed_in_the_middle("killed-resumed");
    let (telemetry, roots) = worker(&folder, "resumed.jsonl");
    let Resumed::Taken(context) = roots.resume(&telemetry, KEY) else {
        panic!("the run is not to be had");
    };
    let scope = roots.scope_of(&context).unwrap();
    scope.run(|| telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish());
    // What knows the run by ids alone stands under it as well.
    let options = genspan::StartOptions {
        parent: Parent::Span(context),
        ..genspan::StartOptions::default()
    };
    let tool = genspan::ToolExecution::new("buy_ticket");
    telemetry.start_with(tool, options).finish();
    let end = RunEnd::new(RunOutcome::Done).with_turns(2);
    assert_eq!(roots.finalise(&telemetry, KEY, end), Finalised::Ended);
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let names = [
        "chat gpt-4o-mini",
        "chat gpt-4o-mini",
        "execute_tool buy_ticket",
        "execute_tool find_trains",
        "invoke_agent travel",
    ];
    let root = root_of(&spans(&folder), &names);
    assert_eq!(text(&root, "genspan.run.outcome"), "done");
    assert_eq!(text(&root, "error.type"), "");
}
