//! Holds decoded recordings of real traffic against what an independent reader found in them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "corpus/recordings.rs"]
mod recordings;

use genspan::{Inference, Outcome, Part, Record, Timestamp};
use genspan_wire::{End, Exchange, RequestHead};
use recordings::{Corpus, Recorded};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

fn detect(recorded: &Recorded) -> Option<Exchange> {
    let RequestUrl { host, path } = split(&recorded.url);
    Exchange::detect(&RequestHead {
        method: &recorded.method,
        host,
        port: None,
        path,
    })
}

struct RequestUrl<'a> {
    host: &'a str,
    path: &'a str,
}

fn split(url: &str) -> RequestUrl<'_> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    RequestUrl {
        host: authority.split(':').next().unwrap_or_default(),
        path,
    }
}

fn decode(mut exchange: Exchange, recorded: &Recorded) -> (Inference, Outcome) {
    exchange.request(&recorded.request);
    exchange.request_end();
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    for (at, bytes) in (1..).zip(recorded.response.chunks(1000)) {
        exchange.response(bytes, Timestamp::from_unix_nanos(at));
    }
    let decoded = exchange.finish(End::Complete);
    let Record::Inference(inference) = decoded.record else {
        panic!("not an inference")
    };
    (*inference, decoded.outcome)
}

/// What the decoder found, in the words of the expectations.
fn facts(inference: &Inference, outcome: &Outcome) -> Json {
    let usage = &inference.usage;
    let parts = || {
        inference
            .content
            .output
            .iter()
            .flat_map(|message| &message.parts)
    };
    let mut text = String::new();
    let mut calls = Vec::new();
    for part in parts() {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::ToolCallRequest(call) => calls.push(json!([call.name, call.id, call.arguments])),
            _ => {}
        }
    }
    let digest = Sha256::digest(&text);
    let hash = digest
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    json!({
        "stream": inference.request.stream.then_some(true),
        "request_model": inference.request.model,
        "response_id": inference.response.id,
        "response_model": inference.response.model,
        "finish_reasons": inference.response.finish_reasons,
        "input_tokens": usage.input(),
        "output_tokens": usage.output(),
        "cache_read": usage.cache_read(),
        "cache_write": usage.cache_write(),
        "reasoning": usage.reasoning(),
        "error": matches!(outcome, Outcome::Failed(_)).then_some(true),
        "text": (!text.is_empty()).then_some(hash),
        "tool_calls": calls,
        "provider": inference.provider.as_str(),
    })
}

/// Says what is wrong, by the rules of the comparison that the recordings come with.
fn differences(expected: &Json, found: &Json) -> Vec<String> {
    let failed = expected["error"] == json!(true);
    let mut wrong = Vec::new();
    let mut check = |name: &str, right: bool| {
        if !right {
            wrong.push(format!(
                "{name}: expected {}, found {}",
                expected[name], found[name]
            ));
        }
    };
    check("error", expected["error"] == found["error"]);
    for name in [
        "stream",
        "request_model",
        "response_id",
        "response_model",
        "provider",
    ] {
        check(
            name,
            expected[name] == found[name] || (expected[name].is_null() && name != "stream"),
        );
    }
    for name in [
        "input_tokens",
        "output_tokens",
        "cache_read",
        "cache_write",
        "reasoning",
    ] {
        let is_invented = expected[name].is_null()
            && !failed
            && found[name].as_u64().is_some_and(|count| count > 0);
        check(
            name,
            !is_invented && (expected[name].is_null() || expected[name] == found[name]),
        );
    }
    check(
        "finish_reasons",
        expected["finish_reasons"].is_null()
            || expected["finish_reasons"] == found["finish_reasons"],
    );
    if !failed {
        check("text", expected["text"] == found["text"]);
        check(
            "tool_calls",
            same_calls(&expected["tool_calls"], &found["tool_calls"]),
        );
    }
    wrong
}

fn same_calls(expected: &Json, found: &Json) -> bool {
    let (none, found) = (Vec::new(), found.as_array().unwrap());
    let expected = expected.as_array().unwrap_or(&none);
    expected.len() == found.len()
        && expected.iter().zip(found).all(|(expected, found)| {
            let (id, arguments) = (&expected[1], &expected[2]);
            let is_empty =
                |value: &Json| *value == json!(null) || *value == json!("") || *value == json!({});
            expected[0] == found[0]
                && (id.is_null() || *id == found[1])
                && (*arguments == found[2] || (is_empty(arguments) && is_empty(&found[2])))
        })
}

#[test]
fn every_recorded_chat_completion_is_read_as_it_says() {
    let Some(corpus) = Corpus::read() else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for (recorded, expected) in corpus.of("openai.chat_completions") {
        seen += 1;
        let exchange = detect(recorded).unwrap_or_else(|| panic!("not detected: {}", recorded.url));
        assert_eq!(exchange.format_name(), "openai.chat_completions");
        let (inference, outcome) = decode(exchange, recorded);
        let found = facts(&inference, &outcome);
        for difference in differences(expected, &found) {
            wrong.push(format!(
                "{} {}: {difference}",
                expected["name"], expected["start"]
            ));
        }
        assert!(inference.response.api_type.is_some());
        assert!(
            !inference.content.input.is_empty(),
            "no messages: {}",
            expected["name"]
        );
    }
    assert!(
        wrong.is_empty(),
        "{} differences in {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(seen, 1299);
}

#[test]
fn what_is_no_inference_is_not_detected() {
    let Some(corpus) = Corpus::read() else { return };
    let mut seen = 0;
    for (recorded, expected) in corpus.of("none") {
        seen += 1;
        assert!(detect(recorded).is_none(), "{expected}");
    }
    assert_eq!(seen, 85);
}
