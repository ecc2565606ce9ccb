//! What runs record is in the store, whatever else happens there.

use std::fs;

use genspan_store::{Filter, Options, Page, Store};
use serde_json::Value;
use testkit::provider::{Provider, Script};

use crate::scene::Scene;

const QUESTION: &str = r#"{"model":"m","messages":[{"role":"user","content":"Is Lisbon hilly?"}]}"#;

fn text(scene: &Scene, args: &[&str]) -> String {
    let output = Scene::output(scene.genspan(args), b"");
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Finds spans whose words are these.
fn found(scene: &Scene, words: &str) -> Vec<Value> {
    let lines = text(scene, &["query", "--json", "--text", words]);
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn two_runs_at_once_share_a_store() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("two-runs").with("OPENAI_BASE_URL", provider.url());
    let (one, other) = (
        scene.standing(&[], "OPENAI_BASE_URL"),
        scene.standing(&[], "OPENAI_BASE_URL"),
    );
    for _ in 0..3 {
        for standing in [&one, &other] {
            let answer = standing.base.post("/chat/completions", "", QUESTION);
            assert!(answer.contains("You said"), "{answer}");
        }
    }
    for standing in [one, other] {
        assert_eq!(standing.end().status.code(), Some(4));
    }
    let spans = found(&scene, "lisbon");
    assert_eq!(spans.len(), 6);
    assert!(
        spans.iter().all(|span| span["service"] == "sh"),
        "{spans:?}"
    );
}

#[test]
fn a_store_that_is_damaged_costs_the_program_nothing_and_what_was_recorded_waits() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("damaged").with("OPENAI_BASE_URL", provider.url());
    fs::create_dir_all(scene.path("home")).unwrap();
    fs::write(scene.path("home/store.db"), "no store ".repeat(1_000)).unwrap();
    let run = || {
        let standing = scene.standing(&["--summary", "summary.txt"], "OPENAI_BASE_URL");
        let answer = standing.base.post("/chat/completions", "", QUESTION);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let output = standing.end();
        let streams = (output.stdout.as_slice(), output.stderr.as_slice());
        assert_eq!(
            (output.status.code(), streams),
            (Some(4), (&b""[..], &b""[..]))
        );
        scene.read("summary.txt")
    };
    let summary = run();
    assert!(
        summary.contains("1 span kept in") && summary.contains("is damaged or no store"),
        "{summary}"
    );
    let shown = Scene::output(scene.genspan(&["show"]), b"");
    assert_eq!(shown.status.code(), Some(2));
    // Moved away, as the error says, a new one gets what waited as well.
    fs::rename(scene.path("home/store.db"), scene.path("damaged.db")).unwrap();
    let summary = run();
    assert!(summary.contains("store.db: 2 spans delivered"), "{summary}");
    assert_eq!(found(&scene, "lisbon").len(), 2);
}

#[test]
fn what_is_forgotten_is_gone_though_others_have_the_store_open() {
    let scene = Scene::new("forgets-beside");
    text(&scene, &["demo"]);
    // As a server does: it writes and reads, and goes on.
    let other = Store::open(&scene.path("home/store.db"), Options::default()).unwrap();
    let rows = other.traces(&Filter::default(), Page::default()).unwrap();
    let id = &rows.traces[0].trace_id;
    assert!(is_anywhere(&scene, "lisbon"), "it was there before");
    let forgot = text(&scene, &["forget", id, "--yes"]);
    assert_eq!(forgot, "forgot 1 trace, 8 spans, 1 log record\n");
    assert!(!is_anywhere(&scene, "lisbon"));
    let rows = other.traces(&Filter::default(), Page::default()).unwrap();
    assert_eq!(rows.traces, []);
    other.close();
    text(&scene, &["demo"]);
    assert!(!found(&scene, "lisbon").is_empty());
}

/// Tells whether any file of the home holds this word.
fn is_anywhere(scene: &Scene, word: &str) -> bool {
    let files = fs::read_dir(scene.path("home")).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = fs::read(path).unwrap().to_ascii_lowercase();
        let mut windows = bytes.windows(word.len());
        windows.any(|window| window == word.as_bytes())
    })
}

#[test]
fn what_waits_for_the_store_is_forgotten_with_it() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("forgets-waiting").with("OPENAI_BASE_URL", provider.url());
    fs::create_dir_all(scene.path("home")).unwrap();
    let store = scene.path("home/store.db");
    fs::write(&store, "no store ".repeat(1_000)).unwrap();
    let standing = scene.standing(&[], "OPENAI_BASE_URL");
    standing.base.post("/chat/completions", "", QUESTION);
    assert_eq!(standing.end().status.code(), Some(4));
    // An empty file becomes a store.
    fs::write(&store, "").unwrap();
    let forgot = text(&scene, &["forget", "--all", "--yes"]);
    assert_eq!(forgot, "forgot 1 trace, 1 span, 0 log records\n");
    text(&scene, &["demo"]);
    assert!(found(&scene, "hilly").is_empty());
    assert!(!found(&scene, "Lisbon").is_empty());
}
