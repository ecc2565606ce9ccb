//! Runs each example as a user would, and holds it to what it printed last and to the conventions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use genspan_check::Options;
use serde_json::Value;
use testkit::conventions;

/// Ends an example that hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Holds what an example printed and where it left its telemetry.
struct Ran {
    printed: String,
    file: PathBuf,
}

/// Runs an example; its telemetry goes to a file of the test's own.
fn run(program: &str) -> Ran {
    let name = Path::new(program).file_stem().unwrap().to_str().unwrap();
    run_as(program, name)
}

/// Runs an example; its telemetry goes to a file of this name.
fn run_as(program: &str, name: &str) -> Ran {
    let program = Path::new(program);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    let mut child = Command::new(program)
        .arg(&file)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut printed, mut complaints) = (String::new(), String::new());
        stdout.read_to_string(&mut printed).unwrap();
        stderr.read_to_string(&mut complaints).unwrap();
        tell.send((printed, complaints)).unwrap();
    });
    let told = told.recv_timeout(LIMIT);
    if told.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let (printed, complaints) = told.unwrap_or_else(|_| panic!("{name} does not end"));
    assert!(status.success() && complaints.is_empty(), "{complaints}");
    Ran { printed, file }
}

impl Ran {
    /// Fails where the conventions are broken or have advice, and gives what is printed each time.
    fn checked(&self) -> String {
        self.checked_with(Options::default())
    }

    fn checked_with(&self, options: Options) -> String {
        let report = conventions::of_file(&self.file, options);
        assert!(report.spans() > 0 && report.is_clean(), "{report}");
        assert!(report.findings().is_empty(), "{report}");
        stable(&self.printed)
    }

    /// Gives the values of an attribute, one for each span that has it.
    fn values(&self, key: &str) -> Vec<Value> {
        let text = fs::read_to_string(&self.file).unwrap();
        let documents = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        documents
            .flat_map(|document: Value| list(&document, "resourceSpans"))
            .flat_map(|resource| list(&resource, "scopeSpans"))
            .flat_map(|scope| list(&scope, "spans"))
            .flat_map(|span| list(&span, "attributes"))
            .filter(|attribute| attribute["key"] == key)
            .map(|attribute| attribute["value"].clone())
            .collect()
    }
}

/// Puts placeholders for what differs from run to run, and single spaces between columns.
fn stable(printed: &str) -> String {
    let lines = printed.lines().map(|line| {
        let name = line.find(|c: char| c.is_alphanumeric()).unwrap_or(0);
        let (branches, rest) = line.split_at(name);
        let words: Vec<&str> = rest.split_whitespace().map(stable_word).collect();
        let branches = if branches.trim().is_empty() {
            ""
        } else {
            branches
        };
        format!("{branches}{}\n", words.join(" "))
    });
    lines.collect()
}

fn stable_word(word: &str) -> &str {
    /// The trace that the caller of the service names.
    const GIVEN: &str = "0af7651916cd43dd8448eb211c80319c";
    let digits = word.trim_start_matches('+');
    let unit = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of = |separator: char, digits: &[usize]| {
        let parts = word.split(separator);
        let lengths: Vec<_> = parts.clone().map(str::len).collect();
        lengths == digits && parts.flat_map(str::bytes).all(|byte| byte.is_ascii_digit())
    };
    if digits.len() > unit.len() && ["ns", "us", "ms", "s"].contains(&unit) {
        if word.starts_with('+') {
            "+{time}"
        } else {
            "{time}"
        }
    } else if is_hexadecimal && word.len() == 32 && word != GIVEN {
        "{id}"
    } else if is_of('-', &[4, 2, 2]) {
        "{date}"
    } else if is_of(':', &[2, 2, 2]) {
        "{hour}"
    } else {
        word
    }
}

#[test]
fn agent_loop() {
    let ran = run(env!("CARGO_BIN_EXE_agent_loop"));
    let printed = ran.checked();
    insta::assert_snapshot!(printed);
    let conversations = ran.values("gen_ai.conversation.id");
    let expected = serde_json::json!({"stringValue": "c-17"});
    assert_eq!(conversations, vec![expected; 3], "the agent and its calls");

    let page = include_str!("../README.md");
    let shown = page.split("```text\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    assert_eq!(stable(shown), printed, "README.md shows something else");
}

#[test]
fn streaming_chat() {
    let ran = run(env!("CARGO_BIN_EXE_streaming_chat"));
    insta::assert_snapshot!(ran.checked());
}

#[test]
fn chat_stack() {
    let ran = run(env!("CARGO_BIN_EXE_chat_stack"));
    insta::assert_snapshot!(ran.checked());
    let conversations = ran.values("gen_ai.conversation.id");
    let expected = serde_json::json!({"stringValue": "c-17"});
    assert_eq!(conversations, vec![expected; 3], "the agent and its calls");
}

#[test]
fn axum_service() {
    let ran = run(env!("CARGO_BIN_EXE_axum_service"));
    insta::assert_snapshot!(ran.checked());
    let users = ran.values("user.id");
    assert_eq!(users, [serde_json::json!({"stringValue": "u-7"})]);
    assert_eq!(ran.values("cart"), [Value::Null; 0], "nobody allowed it");
}

#[test]
fn existing_opentelemetry() {
    let ran = run(env!("CARGO_BIN_EXE_existing_opentelemetry"));
    insta::assert_snapshot!(ran.checked());
}

#[test]
fn braintrust() {
    let ran = run(env!("CARGO_BIN_EXE_braintrust"));
    // The scope's own attribute is a fact for everybody.
    let options = Options::default().with_allowed("braintrust");
    insta::assert_snapshot!(ran.checked_with(options));
    assert_eq!(
        ran.values("braintrust.metadata"),
        [Value::Null; 0],
        "the file is for everybody"
    );
}

#[test]
fn sentry() {
    let ran = run(env!("CARGO_BIN_EXE_sentry"));
    insta::assert_snapshot!(ran.checked());
    assert_eq!(
        ran.values("sentry.op"),
        [Value::Null; 0],
        "the file is for everybody"
    );
}

#[test]
fn strands() {
    let ran = run(env!("CARGO_BIN_EXE_strands"));
    // v1.36 recommends more than a model of one's own knows.
    let report = conventions::of_file(&ran.file, Options::default());
    assert!(report.spans() == 6 && report.is_clean(), "{report}");
    insta::assert_snapshot!(stable(&ran.printed));
}

#[test]
fn reqwest_client() {
    let ran = run(env!("CARGO_BIN_EXE_reqwest_client"));
    insta::assert_snapshot!(ran.checked());
    let attempts = ran.values("genspan.attempts");
    assert_eq!(attempts, [serde_json::json!({"intValue": "2"})]);
}

#[test]
fn proxy_client() {
    let ran = run(env!("CARGO_BIN_EXE_proxy_client"));
    insta::assert_snapshot!(ran.checked());
}

#[test]
fn turn_inline() {
    let ran = run(env!("CARGO_BIN_EXE_turn_inline"));
    let options = Options::default().with_allowed("agent_sdk");
    insta::assert_snapshot!(ran.checked_with(options));
}

#[test]
fn turn_worker() {
    let worker = run(env!("CARGO_BIN_EXE_turn_worker"));
    let inline = run_as(env!("CARGO_BIN_EXE_turn_inline"), "turn_inline_again");
    assert_eq!(worker.printed, inline.printed);
    let bytes = |ran: &Ran| fs::read_to_string(&ran.file).unwrap();
    assert_eq!(bytes(&worker), bytes(&inline));
}

#[test]
fn every_example_is_run_and_listed() {
    let (tests, page) = (include_str!("run.rs"), include_str!("../README.md"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(tests.contains(&format!("CARGO_BIN_EXE_{name}")), "{name}");
        assert!(page.contains(&format!("(src/bin/{name}.rs)")), "{name}");
    }
}
