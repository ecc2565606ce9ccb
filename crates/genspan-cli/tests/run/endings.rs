//! What is told at the end, and what is not lost.

use std::net::TcpListener;

use testkit::provider::{Provider, Script};

use crate::scene::Scene;

const QUESTION: &str = r#"{"model":"m","messages":[{"role":"user","content":"How are you?"}]}"#;

#[test]
fn no_call_says_why_that_may_be_and_what_to_try() {
    let scene = Scene::new("no-call");
    let output = Scene::output(
        scene.genspan(&[
            "run",
            "--summary",
            "summary.txt",
            "--",
            "sh",
            "-c",
            "exit 9",
        ]),
        b"",
    );
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(9), &b""[..])
    );
    let summary = scene.read("summary.txt");
    for words in [
        "no call to a model was seen",
        "exit code 9",
        "Try",
        "OPENAI_BASE_URL",
        "genspan proxy",
    ] {
        assert!(summary.contains(words), "{summary}");
    }
}

#[test]
fn a_recorder_that_cannot_start_does_not_keep_the_child_from_running() {
    let scene = Scene::new("no-recorder");
    std::fs::write(scene.path("home"), "no directory").unwrap();
    let args = [
        "run",
        "--summary",
        "summary.txt",
        "--",
        "sh",
        "-c",
        "echo \"[$OPENAI_BASE_URL]\"; exit 3",
    ];
    let output = Scene::output(scene.genspan(&args), b"");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice()),
        (&b"[]\n"[..], &b""[..])
    );
    let summary = scene.read("summary.txt");
    assert!(
        summary.contains("nothing was recorded") && summary.contains("no recorder: "),
        "{summary}"
    );
}

#[test]
fn a_collector_that_is_away_costs_one_line_and_is_made_up_for() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    // Nobody listens where somebody has just stopped.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let collector = format!("http://127.0.0.1:{port}");
    let scene = Scene::new("away").with("OPENAI_BASE_URL", provider.url());
    let standing = scene.standing(
        &["--to", &collector, "--summary", "summary.txt"],
        "OPENAI_BASE_URL",
    );
    standing.base.post("/chat/completions", "", QUESTION);
    let output = standing.end();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(4), &b""[..])
    );
    let summary = scene.read("summary.txt");
    let lines: Vec<_> = summary
        .lines()
        .filter(|line| line.contains(&collector))
        .collect();
    assert_eq!(lines.len(), 1, "{summary}");
    assert!(
        lines[0].contains("not all arrived")
            && lines[0].contains("1 span")
            && lines[0].contains("kept in"),
        "{summary}"
    );
    assert!(scene.path("home/spool").is_dir());
}

#[test]
fn a_call_that_was_begun_and_left_is_recorded() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("left").with("OPENAI_BASE_URL", provider.url());
    let standing = scene.standing(&["--to", "file:spans.jsonl"], "OPENAI_BASE_URL");
    let authority = standing.base.authority.clone();
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    let head = format!(
        "POST {}/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-scripted: hang\r\ncontent-length: {}\r\n\r\n{QUESTION}",
        standing.base.path,
        QUESTION.len()
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    assert_eq!(provider.block_on(provider.asked(1)), Some(true));
    standing.end();
    let spans = scene.spans("spans.jsonl");
    assert_eq!(spans.len(), 1);
    assert_eq!(
        crate::scene::attribute(&spans[0], "error.type").unwrap(),
        "cancelled"
    );
    drop(stream);
}
