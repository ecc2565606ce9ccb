//! Requests and answers of any size, with quotes, line ends and letters beyond ASCII in them.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE, request::Parts};

/// The sizes of bodies that are measured, in KB.
pub(crate) const SIZES: [usize; 4] = [1, 16, 256, 1024];

pub(crate) const MODEL: &str = "gpt-4o-mini";

/// As it stands inside a JSON string: one character in thirty is escaped, one in forty is not ASCII.
const SENTENCE: &str = r#"He asked: \"Is the report done?\" – „Not quite“, she said;\nthe totals of café Ö are missing. "#;

/// Holds one exchange.
pub(crate) struct Exchange {
    pub(crate) request: Bytes,
    pub(crate) response: Bytes,
}

/// Names a size as people do.
pub(crate) fn size_name(kilobytes: usize) -> String {
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{} MB", kilobytes / 1024)
    }
}

/// Writes a chat with OpenAI, each body about so many KB long.
pub(crate) fn openai(kilobytes: usize) -> Exchange {
    Exchange {
        request: request(kilobytes * 1024).into(),
        response: response(kilobytes * 1024).into(),
    }
}

/// Appends JSON text of about so many bytes.
fn text(json: &mut String, bytes: usize) {
    for _ in 0..bytes.div_ceil(SENTENCE.len()) {
        json.push_str(SENTENCE);
    }
}

fn request(bytes: usize) -> String {
    let mut json = format!(
        r#"{{"model":"{MODEL}","temperature":0.2,"max_completion_tokens":1024,"messages":[{{"role":"system","content":"Answer briefly."}}"#
    );
    let mut roles = ["user", "assistant"].into_iter().cycle();
    let one = (bytes / 2).clamp(200, 4096);
    while json.len() + 64 < bytes {
        let role = roles.next().unwrap_or_default();
        let _ = write!(json, r#",{{"role":"{role}","content":""#);
        let room = bytes.saturating_sub(json.len() + 64);
        text(&mut json, one.min(room));
        json.push_str(r#""}"#);
    }
    json.push_str("]}");
    json
}

/// An answer in words, and beyond 64 KB in calls of tools, each with 4 KB of arguments.
fn response(bytes: usize) -> String {
    let mut json = format!(
        r#"{{"id":"chatcmpl-9","object":"chat.completion","created":1730000000,"model":"{MODEL}-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant","content":""#
    );
    text(&mut json, bytes.saturating_sub(420).min(64 * 1024));
    json.push('"');
    let mut calls = 0;
    while json.len() + 4500 < bytes {
        json.push_str(if calls == 0 {
            r#","tool_calls":["#
        } else {
            ","
        });
        let _ = write!(
            json,
            r#"{{"id":"call_{calls}","type":"function","function":{{"name":"save","arguments":"{{\"page\":{calls},\"text\":\""#
        );
        let mut inner = String::new();
        text(&mut inner, 4096);
        json.push_str(&inner.replace('\\', r"\\").replace('"', r#"\""#));
        json.push_str(r#"\"}"}}"#);
        calls += 1;
    }
    json.push_str(if calls == 0 { "" } else { "]" });
    json.push_str(
        r#"},"finish_reason":"stop"}],"usage":{"prompt_tokens":812,"completion_tokens":97,"total_tokens":909,"prompt_tokens_details":{"cached_tokens":512},"completion_tokens_details":{"reasoning_tokens":32}},"service_tier":"default","system_fingerprint":"fp_1"}"#,
    );
    json
}

/// Gives the head of a request as a client sends it.
pub(crate) fn request_head() -> Result<Parts, http::Error> {
    let request = Request::post("https://api.openai.com/v1/chat/completions")
        .header("authorization", "Bearer none")
        .header("user-agent", "bench")
        .header("accept", "application/json")
        .header(CONTENT_TYPE, "application/json")
        .body(())?;
    Ok(request.into_parts().0)
}

/// Gives a response with headers such as a provider sends.
pub(crate) fn response_of<B>(
    body: B,
    content_type: &'static str,
) -> Result<Response<B>, http::Error> {
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header("date", "Fri, 01 Nov 2024 00:00:00 GMT")
        .header("x-request-id", "req_1")
        .header("openai-processing-ms", "412")
        .header("x-ratelimit-remaining-requests", "9999")
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_of_the_size_that_is_asked_for() {
        for kilobytes in SIZES {
            let exchange = openai(kilobytes);
            for body in [exchange.request, exchange.response] {
                serde_json::from_slice::<serde_json::Value>(&body).unwrap();
                let bytes = kilobytes * 1024;
                assert!(
                    body.len() + 4700 > bytes && body.len() <= bytes + bytes / 4,
                    "{kilobytes} KB: {}",
                    body.len()
                );
            }
        }
    }
}
