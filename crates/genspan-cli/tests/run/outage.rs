//! A destination that is away: what was recorded waits on disk, within bounds, and arrives once.

use std::{fs, net::TcpListener, path::Path};

use crate::scene::Scene;
use testkit::provider::{Answer, Provider, Script};

const QUESTION: &str = r#"{"model":"m","messages":[{"role":"user","content":"How are you?"}]}"#;

/// Gives a port where nobody answers.
fn silent_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Runs a child that makes one call; gives the summary.
fn run(scene: &Scene, port: u16) -> String {
    let to = format!("http://127.0.0.1:{port}");
    let standing = scene.standing(
        &["--to", &to, "--summary", "summary.txt"],
        "OPENAI_BASE_URL",
    );
    let answer = standing.base.post("/chat/completions", "", QUESTION);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let output = standing.end();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(4), &b""[..])
    );
    scene.read("summary.txt")
}

/// Gives the sizes of the batches that wait on disk.
fn waiting(path: &Path) -> Vec<u64> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sizes.extend(waiting(&path));
        } else if path.extension().is_some_and(|end| end == "pb") {
            sizes.push(fs::metadata(&path).unwrap().len());
        }
    }
    sizes
}

#[test]
fn what_a_destination_missed_arrives_once_when_it_is_back() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("outage").with("OPENAI_BASE_URL", provider.url());
    let port = silent_port();
    for _ in 0..2 {
        let summary = run(&scene, port);
        assert!(summary.contains("nothing delivered"), "{summary}");
    }
    assert_eq!(
        waiting(&scene.path("home/spool")).len(),
        4,
        "spans and points of two runs"
    );

    let accepted = Answer::whole(200, &[("content-type", "application/x-protobuf")], "");
    let collector = Provider::start_on(port, Script::new().then_always(accepted)).unwrap();
    let summary = run(&scene, port);
    assert!(summary.contains("3 spans"), "{summary}");
    assert!(waiting(&scene.path("home/spool")).is_empty());
    let requests = collector.requests();
    let mut spans: Vec<_> = requests
        .iter()
        .filter(|request| request.path == "/v1/traces")
        .collect();
    assert_eq!(spans.len(), 3, "one batch a run");
    spans.sort_by(|one, other| one.body.cmp(&other.body));
    spans.dedup_by(|one, other| one.body == other.body);
    assert_eq!(spans.len(), 3, "each of them once");
}

#[test]
fn a_destination_that_stays_away_costs_a_bounded_spool_and_one_line() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("stays-away").with("OPENAI_BASE_URL", provider.url());
    let port = silent_port();
    let mut summary = String::new();
    for _ in 0..3 {
        summary = run(&scene, port);
    }
    let lines = summary
        .lines()
        .filter(|line| line.contains("127.0.0.1") && line.contains("kept in"))
        .count();
    assert_eq!(lines, 1, "{summary}");
    let bytes: u64 = waiting(&scene.path("home/spool")).iter().sum();
    assert!((1..64 * 1024).contains(&bytes), "{bytes} bytes wait");
}
