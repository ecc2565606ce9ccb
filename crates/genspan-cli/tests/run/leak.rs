//! What may not be recorded is in no byte that `genspan run` writes; secrets never are.

use std::{fs, path::Path};

use crate::scene::Scene;
use serde_json::json;
use testkit::provider::{Answer, Provider, Script};

const CANARY: &str = "canary-in-the-coal-mine-7";

fn secret() -> String {
    format!(
        "sk-{}-{}",
        "proj", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6hIj9k"
    )
}

/// Answers that say `word` wherever a provider can: text, tool call, event, error body, header.
fn provider(word: &str) -> Provider {
    let call = json!({"id": "c", "type": "function", "function": {"name": "t", "arguments": json!({"a": word}).to_string()}});
    let message = json!({"role": "assistant", "content": word, "tool_calls": [call]});
    let whole = json!({"id": "x", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]});
    let error = json!({"error": {"message": word, "type": "invalid_request_error", "code": "invalid_api_key", "param": word}});
    let chunk = json!({"id": "x", "choices": [{"index": 0, "delta": {"content": word}}]});
    let stream = format!("data: {chunk}\n\nevent: error\ndata: {error}\n\n");
    let header = [("x-request-id", word), ("content-type", "application/json")];
    let events = [
        ("x-request-id", word),
        ("content-type", "text/event-stream"),
    ];
    Provider::start(
        Script::new()
            .answer(Answer::whole(200, &header, whole.to_string()))
            .answer(Answer::whole(401, &header, error.to_string()))
            .answer(Answer::whole(200, &events, stream)),
    )
    .unwrap()
}

/// Makes three calls that say `word` wherever a client can; gives all bytes that were written.
fn written(name: &str, word: &str, options: &[&str]) -> String {
    let provider = provider(word);
    let scene = Scene::new(name).with("OPENAI_BASE_URL", provider.url());
    let all: Vec<&str> = options
        .iter()
        .copied()
        .chain(["--summary", "summary.txt"])
        .collect();
    let standing = scene.standing(&all, "OPENAI_BASE_URL");
    let headers = format!("authorization: Bearer {word}\r\nx-note: {word}\r\ncookie: a={word}\r\n");
    let question = json!({
        "model": "m",
        "user": word,
        "messages": [
            {"role": "system", "content": word},
            {"role": "user", "content": [{"type": "text", "text": word}]},
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "t", "arguments": word}}]},
            {"role": "tool", "tool_call_id": "c", "content": word},
        ],
        "tools": [{"type": "function", "function": {"name": "t", "description": word}}],
    });
    for _ in 0..3 {
        standing
            .base
            .post("/chat/completions", &headers, &question.to_string());
    }
    let output = standing.end();
    assert_eq!(provider.requests().len(), 3);
    if options.is_empty() {
        // What the store holds is compressed.
        let exported = scene.genspan(&["export", "--all", "--output", "spans.jsonl"]);
        assert!(Scene::output(exported, b"").status.success());
    }
    let mut bytes = String::from_utf8_lossy(&output.stderr).into_owned();
    gather(&scene.path("."), &mut bytes);
    assert!(
        bytes.matches("\"name\":\"chat m\"").count() >= 3,
        "three calls are recorded: {bytes}"
    );
    bytes
}

/// Appends what all files below `path` hold.
fn gather(path: &Path, bytes: &mut String) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, bytes);
        } else {
            bytes.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn without_content_the_canary_is_nowhere() {
    let bytes = written("leak-off", CANARY, &["--to", "file:spans.jsonl"]);
    assert!(!bytes.contains(CANARY), "{bytes}");
}

#[test]
fn with_content_the_canary_is_there() {
    let bytes = written(
        "leak-on",
        CANARY,
        &["--content", "both", "--to", "file:spans.jsonl"],
    );
    assert!(bytes.matches(CANARY).count() > 10, "{bytes}");
}

#[test]
fn a_key_is_nowhere_whatever_is_recorded() {
    for (name, options) in [
        ("key-off", &["--to", "file:spans.jsonl"][..]),
        (
            "key-span",
            &["--content", "span", "--to", "file:spans.jsonl"],
        ),
        (
            "key-both",
            &["--content", "both", "--to", "file:spans.jsonl"],
        ),
        ("key-store", &[]),
    ] {
        let bytes = written(name, &secret(), options);
        assert!(!bytes.contains(&secret()), "{name}: {bytes}");
        assert!(
            !bytes.contains("Ab3dEf6hIj9kLm2n"),
            "{name}: a part of the key"
        );
        assert_eq!(
            bytes.contains("[redacted:openai-key]"),
            name != "key-off",
            "{name}"
        );
    }
}
