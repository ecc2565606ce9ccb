//! Calls of the child: passed on to whom it meant, and recorded.

use std::{fs, os::unix::fs::PermissionsExt};

use testkit::provider::{Provider, Script};

use crate::scene::{Scene, attribute};

const QUESTION: &str = r#"{"model":"m","messages":[{"role":"user","content":"How are you?"}]}"#;

#[test]
fn a_base_url_that_is_set_becomes_the_upstream() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("upstream").with("OPENAI_BASE_URL", format!("{}/v1", provider.url()));
    let standing = scene.standing(
        &["--to", "file:spans.jsonl", "--summary", "summary.txt"],
        "OPENAI_BASE_URL",
    );
    let answer = standing.base.post(
        "/chat/completions",
        "authorization: Bearer key\r\n",
        QUESTION,
    );
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("You said: How are you?"),
        "{answer}"
    );
    let output = standing.end();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(4), &b""[..])
    );

    let asked = provider.requests();
    assert_eq!(
        (asked.len(), asked[0].path.as_str()),
        (1, "/v1/chat/completions")
    );
    assert_eq!(
        asked[0].header("host"),
        Some(provider.addr().to_string().as_str())
    );
    let spans = scene.spans("spans.jsonl");
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0]["name"], "chat m");
    assert_eq!(
        attribute(&spans[0], "server.port").unwrap(),
        &provider.addr().port().to_string()
    );
    assert!(
        !scene.read("spans.jsonl").contains("How are you?"),
        "content without being asked"
    );
    let summary = scene.read("summary.txt");
    assert!(
        summary.starts_with("genspan: 1 call; tokens: ") && summary.contains("chat m"),
        "{summary}"
    );
    assert!(summary.contains("file:spans.jsonl: 1 span"), "{summary}");
}

#[test]
fn the_store_is_private_and_holds_what_was_said() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("private").with("ANTHROPIC_BASE_URL", provider.url());
    let standing = scene.standing(&[], "ANTHROPIC_BASE_URL");
    let question =
        r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"How are you?"}]}"#;
    let answer = standing.base.post("/v1/messages", "", question);
    assert!(answer.contains("You said"), "{answer}");
    assert_eq!(standing.end().status.code(), Some(4));
    let mode = |name: &str| fs::metadata(scene.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("home"), mode("home/store.db")), (0o700, 0o600));
    let found = Scene::output(scene.genspan(&["query", "--text", "\"how are you\""]), b"");
    assert!(
        String::from_utf8_lossy(&found.stdout).contains("How are you?"),
        "{found:?}"
    );
    let shown = Scene::output(scene.genspan(&["show"]), b"");
    assert!(
        String::from_utf8_lossy(&shown.stdout).contains("chat m"),
        "{shown:?}"
    );
}

#[test]
fn a_traceparent_of_the_child_is_the_parent() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("parent").with("OPENAI_BASE_URL", provider.url());
    let standing = scene.standing(&["--to", "file:spans.jsonl"], "OPENAI_BASE_URL");
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    standing.base.post("/chat/completions", parent, QUESTION);
    standing.end();
    let spans = scene.spans("spans.jsonl");
    assert_eq!(spans[0]["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
}

#[test]
fn what_asks_no_model_is_passed_on() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("passed").with("GOOGLE_GEMINI_BASE_URL", provider.url());
    let standing = scene.standing(&["--summary", "summary.txt"], "GOOGLE_GEMINI_BASE_URL");
    let answer = standing.base.post("/v1beta/models/m:countTokens", "", "{}");
    assert!(answer.contains("totalTokens"), "{answer}");
    standing.end();
    assert_eq!(provider.requests()[0].path, "/v1beta/models/m:countTokens");
    assert!(
        scene
            .read("summary.txt")
            .starts_with("genspan: no call to a model was seen")
    );
}

#[test]
fn without_the_secret_nothing_is_passed_on() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("secret").with("OPENAI_BASE_URL", provider.url());
    let mut standing = scene.standing(&[], "OPENAI_BASE_URL");
    standing.base.path = "/openai".to_owned();
    let answer = standing.base.post("/chat/completions", "", QUESTION);
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    standing.end();
    assert!(provider.requests().is_empty());
}

#[test]
fn a_call_in_a_trace_that_is_not_sampled_is_recorded_all_the_same() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("unsampled").with("OPENAI_BASE_URL", provider.url());
    let standing = scene.standing(&["--to", "file:spans.jsonl"], "OPENAI_BASE_URL");
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\n";
    standing.base.post("/chat/completions", parent, QUESTION);
    standing.end();
    assert_eq!(scene.spans("spans.jsonl").len(), 1);
}
