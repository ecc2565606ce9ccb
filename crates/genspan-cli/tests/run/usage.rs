//! `--usage`: tokens that would not be stated.

use serde_json::Value;
use testkit::provider::{Provider, Script};

use crate::scene::{Scene, attribute};

const QUESTION: &str =
    r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"How are you?"}]}"#;

/// Asks once under `genspan run`, and gives the answer, the request as it came, and the span.
fn run(name: &str, options: &[&str]) -> (String, String, Value) {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new(name).with("OPENAI_BASE_URL", format!("{}/v1", provider.url()));
    let mut all = vec!["--to", "file:spans.jsonl"];
    all.extend(options);
    let standing = scene.standing(&all, "OPENAI_BASE_URL");
    let answer = standing.base.post("/chat/completions", "", QUESTION);
    assert_eq!(standing.end().status.code(), Some(4));
    let asked = provider.requests().remove(0).body;
    assert!(
        !scene.read("spans.jsonl").contains("How are you?"),
        "content without being asked"
    );
    let asked = String::from_utf8(asked.to_vec()).unwrap();
    (answer, asked, scene.spans("spans.jsonl").remove(0))
}

fn tokens(span: &Value) -> Option<&Value> {
    attribute(span, "gen_ai.usage.output_tokens")
}

fn estimated(span: &Value) -> Option<&Value> {
    attribute(span, "genspan.usage.estimated")
}

#[test]
fn without_it_requests_go_as_they_are_and_tokens_are_unknown() {
    let (answer, asked, span) = run("usage-none", &[]);
    assert!(answer.contains("[DONE]") && asked == QUESTION);
    assert_eq!((tokens(&span), estimated(&span)), (None, None));
}

#[test]
fn asking_gives_the_tokens_and_the_program_the_same_answer() {
    let (unasked, ..) = run("usage-unasked", &[]);
    let (answer, asked, span) = run("usage-ask", &["--usage", "ask"]);
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&answer), body(&unasked));
    assert!(
        asked.contains(r#""stream_options":{"include_usage":true}"#),
        "{asked}"
    );
    assert!(tokens(&span).is_some());
    assert_eq!(estimated(&span), None);
}

#[test]
fn an_estimate_is_one_and_says_so() {
    let (_, asked, span) = run("usage-estimate", &["--usage", "estimate"]);
    assert_eq!(asked, QUESTION);
    assert!(tokens(&span).is_some());
    assert_eq!(estimated(&span), Some(&Value::Bool(true)));
}
