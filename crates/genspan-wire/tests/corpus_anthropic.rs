//! Every recorded exchange with Anthropic says in the record what an independent reading of it says.
//!
//! The recordings lie beside the repository; where they are not, the test tells so and passes, unless
//! `GENSPAN_REQUIRE=all` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

use genspan::{Inference, Outcome, Part, Record, Timestamp, Value};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use testkit::recordings::{Corpus, Recorded};

const API: &str = "anthropic.messages";

/// Reads one exchange, the response in pieces of the given size.
fn decode(recorded: &Recorded, piece: usize) -> Decoded {
    let (_, rest) = recorded.url.split_once("://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let method = recorded.method.as_str();
    let mut exchange = Exchange::detect(&RequestHead {
        method,
        host,
        port: None,
        path,
    })
    .unwrap();
    assert_eq!(exchange.format_name(), API);
    exchange.request(&recorded.request);
    exchange.request_end();
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    for piece in recorded.response.chunks(piece) {
        exchange.response(piece, Timestamp::default());
    }
    exchange.finish(End::Complete)
}

fn inference(decoded: &Decoded) -> &Inference {
    match &decoded.record {
        Record::Inference(inference) => inference,
        other => panic!("not an inference: {other:?}"),
    }
}

/// States the facts of a record in the words of the expected ones.
fn facts(decoded: &Decoded) -> Json {
    let record = inference(decoded);
    let parts: Vec<_> = record
        .content
        .output
        .iter()
        .flat_map(|message| &message.parts)
        .collect();
    let calls = parts.iter().filter_map(|part| match part {
        Part::ToolCallRequest(call) => {
            let arguments: Json = serde_json::from_str(&call.arguments.to_json()).unwrap();
            Some(json!([call.name, call.id, arguments]))
        }
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    let text: String = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let hash = || {
        Sha256::digest(&text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let usage = &record.usage;
    let reasons = &record.response.finish_reasons;
    json!({
        "provider": record.provider.as_str(),
        "stream": record.request.stream.then_some(true),
        "request_model": record.request.model,
        "response_id": record.response.id,
        "response_model": record.response.model,
        "finish_reasons": (!reasons.is_empty()).then_some(reasons),
        "input_tokens": usage.input(),
        "output_tokens": usage.output(),
        "cache_read": usage.cache_read(),
        "cache_write": usage.cache_write(),
        "reasoning": usage.reasoning(),
        "text": (!text.is_empty()).then(hash),
        "tool_calls": calls,
        "error": matches!(decoded.outcome, Outcome::Failed(_)).then_some(true),
    })
}

#[test]
fn every_recorded_exchange_says_what_it_should() {
    let Some(corpus) = Corpus::read() else { return };
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (recorded, expected) in corpus.of(API) {
        let name = format!("{} {}", expected["name"], expected["start"]);
        count += 1;
        let decoded = decode(recorded, usize::MAX);
        let have = facts(&decoded);
        for (fact, have) in have.as_object().unwrap() {
            let want = &expected[fact];
            let is_empty_list = |value: &Json| value.as_array().is_none_or(Vec::is_empty);
            let is_same = have == want
                || (fact == "tool_calls" && is_empty_list(have) && is_empty_list(want));
            if !is_same {
                wrong.push(format!("{name}: {fact} is {have}, expected {want}"));
            }
        }
        if !inference(&decoded).common.diagnostics.is_empty() {
            wrong.push(format!(
                "{name}: {:?}",
                inference(&decoded).common.diagnostics
            ));
        }
    }
    assert!(count >= 463, "only {count} exchanges");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_pieces_that_a_recorded_answer_comes_in_do_not_matter() {
    let Some(corpus) = Corpus::read() else { return };
    for (recorded, expected) in corpus.of(API) {
        let at_once = decode(recorded, usize::MAX);
        for piece in [1, 7] {
            assert_eq!(
                decode(recorded, piece),
                at_once,
                "{} in pieces of {piece}",
                expected["start"]
            );
        }
    }
}

/// Whether a value has a member, at whatever depth, that only the provider can read.
fn has_seal(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_seal),
        Value::Map(members) => members.iter().any(|(name, value)| {
            name.starts_with("encrypted_") || name == "signature" || has_seal(value)
        }),
        _ => false,
    }
}

#[test]
fn no_seal_of_the_provider_is_recorded() {
    let Some(corpus) = Corpus::read() else { return };
    let mut sent = 0;
    for (recorded, expected) in corpus.of(API) {
        let decoded = decode(recorded, usize::MAX);
        let content = &inference(&decoded).content;
        sent += usize::from(
            String::from_utf8_lossy(&recorded.response).contains("\"encrypted_content\":"),
        );
        for part in content
            .input
            .iter()
            .chain(&content.output)
            .flat_map(|message| &message.parts)
        {
            let is_sealed = match part {
                Part::Generic(part) => has_seal(&Value::Map(part.members.clone())),
                Part::ServerToolCallResponse(part) => has_seal(&part.response),
                _ => false,
            };
            assert!(!is_sealed, "{}: {part:?}", expected["start"]);
        }
    }
    assert!(sent > 0, "no recording has a seal");
}
