//! Ollama's chats, completions and embeddings: whole and as lines.

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use crate::raw::{Got, exchange, post};

fn ask(path: &str, more: &Value) -> Got {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let mut body = json!({"model": "m-1"});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    exchange(&provider, &post(path, "", &body.to_string()))
}

/// Asks in a chat; `stream` is left out where it is `None`.
fn chat(question: &str, stream: Option<bool>) -> Got {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let mut body = json!({
        "messages": [{"role": "user", "content": question}],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": parameters}}],
    });
    if let Some(stream) = stream {
        body["stream"] = json!(stream);
    }
    ask("/api/chat", &body)
}

fn lines(got: &Got) -> Vec<Value> {
    let text = got.text();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What the lines of a stream say, as a whole answer.
fn joined(lines: &[Value]) -> Value {
    let (last, rest) = lines.split_last().unwrap();
    assert_eq!(last["done"], true);
    let mut whole = last.clone();
    for line in rest {
        assert_eq!(line["done"], false);
        assert!(line["eval_count"].is_null());
        let (from, to) = match line.get("message") {
            Some(message) => (message, &mut whole["message"]),
            None => (line, &mut whole),
        };
        for field in ["content", "response", "thinking"] {
            if let Some(piece) = from[field].as_str() {
                let before = to[field].as_str().unwrap_or_default();
                to[field] = json!(format!("{before}{piece}"));
            }
        }
        if let Some(calls) = from["tool_calls"].as_array() {
            let mut all = to["tool_calls"].as_array().cloned().unwrap_or_default();
            all.extend(calls.clone());
            to["tool_calls"] = json!(all);
        }
    }
    whole
}

#[test]
fn a_chat_is_the_same_whole_and_in_lines() {
    for scenario in ["text", "tools", "parallel-tools", "reasoning", "refusal"] {
        let question = format!("How is it? scripted:{scenario}");
        let whole = chat(&question, Some(false));
        assert_eq!((whole.status(), whole.whole), (200, true), "{scenario}");
        let streamed = chat(&question, None);
        assert_eq!(
            streamed.header("content-type"),
            Some("application/x-ndjson")
        );
        assert!(lines(&streamed).len() > 1);
        assert_eq!(joined(&lines(&streamed)), whole.json(), "{scenario}");
        let whole = whole.json();
        assert_eq!(
            (&whole["model"], &whole["done_reason"]),
            (&json!("m-1"), &json!("stop"))
        );
        let message = &whole["message"];
        assert_eq!(message["thinking"].is_string(), scenario == "reasoning");
        assert_eq!(
            message["tool_calls"].is_array(),
            scenario.ends_with("tools")
        );
        assert!(whole["prompt_eval_count"].as_u64().unwrap() > 0);
        assert!(whole["eval_count"].as_u64().unwrap() > 0);
    }
    let counts = chat("scripted:no-usage", Some(false)).json();
    assert_eq!(counts.get("prompt_eval_count"), None);
}

#[test]
fn a_completion_is_the_same_whole_and_in_lines() {
    for (prompt, said) in [
        ("go on", "You said: go on"),
        (
            r#"<plan>[{"think":"hm","say":"planned"}]</plan>"#,
            "planned",
        ),
    ] {
        let ask = |stream: bool| {
            ask(
                "/api/generate",
                &json!({"prompt": prompt, "stream": stream}),
            )
        };
        let whole = ask(false).json();
        assert_eq!(whole["response"], said);
        assert!(whole["context"].is_array() && whole.get("message").is_none());
        assert_eq!(joined(&lines(&ask(true))), whole);
    }
}

#[test]
fn calls_have_arguments_and_results_are_quoted() {
    let called = chat("scripted:tools", Some(false)).json();
    let call = &called["message"]["tool_calls"][0]["function"];
    assert_eq!(
        (&call["name"], &call["arguments"]),
        (&json!("weather"), &json!({"city": "example"}))
    );
    let plan = r#"<plan>[{"call":[["weather",{"city":"Rome"}]]},"It rains."]</plan>"#;
    let mut messages = vec![json!({"role": "user", "content": plan})];
    let body = |messages: &[Value]| {
        let tools = json!([{"type": "function", "function": {"name": "weather"}}]);
        json!({"stream": false, "messages": messages, "tools": tools})
    };
    let first = ask("/api/chat", &body(&messages)).json();
    let asked = first["message"].clone();
    assert_eq!(
        asked["tool_calls"][0]["function"]["arguments"]["city"],
        "Rome"
    );
    messages.push(asked);
    messages.push(json!({"role": "tool", "tool_name": "weather", "content": "rain"}));
    let second = ask("/api/chat", &body(&messages)).json();
    assert_eq!(second["message"]["content"], "It rains.");
    let unplanned = json!([
        {"role": "user", "content": "scripted:tools"},
        {"role": "tool", "content": "sun"},
    ]);
    let told = ask("/api/chat", &body(unplanned.as_array().unwrap())).json();
    assert_eq!(told["message"]["content"], "The tool said: sun");
}

#[test]
fn what_goes_wrong_goes_wrong() {
    for status in [400, 401, 429, 500, 529] {
        let got = chat(&format!("scripted:error-{status}"), None);
        assert_eq!(got.status(), status);
        assert!(got.json()["error"].is_string());
    }
    let cut = chat("scripted:cut-midstream:2", None);
    assert!(!cut.whole && lines(&cut).len() == 2);
    let failed = lines(&chat("scripted:error-midstream:1", None));
    assert_eq!(failed.len(), 2);
    assert!(failed[1]["error"].is_string());
    let unfinished = chat("scripted:no-done", None);
    assert!(unfinished.whole);
    assert!(lines(&unfinished).iter().all(|line| line["done"] == false));
    let pinged = chat("scripted:pings", None);
    assert!(pinged.text().contains("\n\n"));
    assert_eq!(lines(&pinged).last().unwrap()["done"], true);
    let small = chat("scripted:one-byte", None);
    assert!(small.chunks.iter().all(|size| *size == 1));
    assert_eq!(ask("/api/pull", &json!({})).status(), 404);
    let provider = Provider::start(Script::scenarios()).unwrap();
    assert_eq!(
        exchange(&provider, &post("/api/chat", "", "{")).status(),
        400
    );
}

#[test]
fn texts_become_vectors_and_models_are_listed() {
    let one = ask("/api/embed", &json!({"input": "low tide"})).json();
    let two = ask("/api/embed", &json!({"input": ["low tide", "high tide"]})).json();
    assert_eq!(two["embeddings"][0], one["embeddings"][0]);
    assert_ne!(two["embeddings"][1], one["embeddings"][0]);
    assert_eq!(two["embeddings"].as_array().unwrap().len(), 2);
    assert_eq!(two["prompt_eval_count"], 6);
    let provider = Provider::start(Script::scenarios()).unwrap();
    let list = "GET /api/tags HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let listed = exchange(&provider, list).json();
    assert_eq!(listed["models"][0]["name"], "scripted-1");
}
