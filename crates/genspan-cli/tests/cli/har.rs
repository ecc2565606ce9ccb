//! HAR files made for tests.

use serde_json::{Value, json};

/// Writes a HAR file of the given entries.
pub(crate) fn file(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}}).to_string()
}

/// Asks a model, which answers with a text.
pub(crate) fn chat(second: u32) -> Value {
    answered(second, 200, "application/json", &answer("Hello"))
}

pub(crate) fn answered(second: u32, status: u16, content_type: &str, body: &str) -> Value {
    json!({
        "startedDateTime": format!("2026-01-01T00:00:{second:02}.000Z"),
        "time": 120,
        "request": {
            "method": "POST",
            "url": "https://api.openai.com/v1/chat/completions",
            "headers": [{"name": "content-type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": question("Hi")},
        },
        "response": {
            "status": status,
            "headers": [{"name": "content-type", "value": content_type}],
            "content": {"mimeType": content_type, "text": body},
        },
    })
}

/// Asks; ids derive from these bytes, so nothing else decides on their order.
pub(crate) fn question(prompt: &str) -> String {
    let prompt = Value::from(prompt);
    format!(r#"{{"messages":[{{"content":{prompt},"role":"user"}}],"model":"gpt-4o-mini"}}"#)
}

pub(crate) fn answer(text: &str) -> String {
    let message = format!(r#"{{"content":{},"role":"assistant"}}"#, Value::from(text));
    let choice = format!(r#"{{"finish_reason":"stop","index":0,"message":{message}}}"#);
    let usage = r#"{"completion_tokens":3,"prompt_tokens":12,"total_tokens":15}"#;
    format!(
        r#"{{"choices":[{choice}],"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","object":"chat.completion","usage":{usage}}}"#
    )
}

/// Loads a picture, as most entries of a browser do.
pub(crate) fn picture() -> Value {
    json!({
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "request": {"method": "GET", "url": "https://example.com/a.png"},
        "response": {"status": 200, "content": {"text": "iVBO", "encoding": "base64"}},
    })
}

/// Gives all spans of OTLP/JSON lines.
pub(crate) fn spans(lines: &str) -> Vec<Value> {
    let requests = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    requests
        .flat_map(|request| list(&request, "resourceSpans"))
        .flat_map(|resource| list(&resource, "scopeSpans"))
        .flat_map(|scope| list(&scope, "spans"))
        .collect()
}

/// Finds the value of a span's attribute.
pub(crate) fn attribute<'a>(span: &'a Value, key: &str) -> Option<&'a Value> {
    let attributes = span["attributes"].as_array()?;
    attributes
        .iter()
        .find(|attribute| attribute["key"] == key)
        .map(|attribute| &attribute["value"])
}
