//! Where content is recorded nowhere, everything else is recorded all the same.
//!
//! The recordings lie beside the repository; where they are not, the fixtures alone are read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests; the environment says whether a skip is allowed"
)]

use std::{fs, path::Path};

use genspan::{Content, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use testkit::recordings::{Corpus, Recorded};

const FORMATS: &[(&str, &str, &str)] = &[
    (
        "openai.chat_completions",
        "openai_chat",
        "https://h/v1/chat/completions",
    ),
    (
        "anthropic.messages",
        "anthropic_messages",
        "https://h/v1/messages",
    ),
    (
        "openai.responses",
        "openai_responses",
        "https://h/v1/responses",
    ),
    (
        "openai.completions",
        "openai_completions",
        "https://h/v1/completions",
    ),
    (
        "google.generate_content",
        "google_generate_content",
        "https://h/v1beta/models/m:generateContent",
    ),
    (
        "google.interactions",
        "google_interactions",
        "https://h/v1beta/interactions",
    ),
    ("ollama.chat", "ollama_chat", "http://h:11434/api/chat"),
    (
        "ollama.generate",
        "ollama_generate",
        "http://h:11434/api/generate",
    ),
    (
        "cohere.chat",
        "cohere_chat",
        "https://api.cohere.com/v2/chat",
    ),
    (
        "cohere.chat_v1",
        "cohere_chat_v1",
        "https://api.cohere.com/v1/chat",
    ),
    (
        "aws.bedrock.converse",
        "bedrock_converse",
        "https://h/model/m/converse",
    ),
    (
        "aws.bedrock.invoke_model",
        "bedrock_invoke",
        "https://h/model/m/invoke",
    ),
];

fn waiting(recorded: &Recorded) -> Exchange {
    let (_, rest) = recorded.url.split_once("://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let head = RequestHead {
        method: &recorded.method,
        host,
        port: None,
        path,
    };
    Exchange::detect(&head).unwrap()
}

fn decode(mut exchange: Exchange, recorded: &Recorded, len: usize, end: End) -> Decoded {
    exchange.request(&recorded.request);
    exchange.request_end();
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    for (at, piece) in (1..).zip(recorded.response[..len].chunks(1000)) {
        exchange.response(piece, Timestamp::from_unix_nanos(at));
    }
    exchange.finish(end)
}

fn content(decoded: &mut Decoded) -> &mut Content {
    match &mut decoded.record {
        Record::Inference(inference) => &mut inference.content,
        other => panic!("not an inference: {other:?}"),
    }
}

/// Every answer among the fixtures, with each of the requests.
fn fixtures() -> Vec<Recorded> {
    let mut list = Vec::new();
    for (_, folder, url) in FORMATS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(folder);
        let paths = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let (requests, answers): (Vec<_>, Vec<_>) = paths
            .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
            .partition(|(name, _)| name.contains("request"));
        for (name, response) in answers {
            let kind = match name.rsplit('.').next() {
                Some("sse") => "text/event-stream",
                Some("eventstream") => "application/vnd.amazon.eventstream",
                Some("ndjson") => "application/x-ndjson",
                _ => "application/json",
            };
            // In which of many shapes an answer of InvokeModel is, the request beside it tells.
            let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
            let own = format!("{stem}.request.json");
            let has_own = requests.iter().any(|(name, _)| *name == own);
            let is_of = |name: &str| !name.contains("bedrock_invoke") || has_own && name == own;
            for (_, request) in requests.iter().filter(|(name, _)| is_of(name)) {
                list.push(Recorded {
                    method: "POST".to_owned(),
                    url: (*url).to_owned(),
                    request: request.clone(),
                    status: 200,
                    content_type: Some(kind.to_owned()),
                    response: response.clone(),
                });
            }
        }
    }
    list
}

/// Holds the record without content against the one with it, whose content is then taken out.
fn assert_same(recorded: &Recorded, name: &str) -> bool {
    let mut had_content = false;
    let all = recorded.response.len();
    for (len, end) in [
        (all, End::Complete),
        (all / 2, End::Broken),
        (all / 3, End::Cancelled),
    ] {
        let mut with = decode(waiting(recorded), recorded, len, end);
        had_content |= std::mem::take(content(&mut with)) != Content::default();
        let without = decode(waiting(recorded).without_content(), recorded, len, end);
        assert_eq!(without, with, "{name}, {len} of {all} bytes");
    }
    had_content
}

#[test]
fn fixtures_without_content_say_all_else() {
    let list = fixtures();
    let with_content = list
        .iter()
        .filter(|recorded| assert_same(recorded, &recorded.url));
    let with_content = with_content.count();
    assert!(
        with_content == list.len() && with_content >= 20,
        "{with_content}"
    );
}

#[test]
fn recorded_exchanges_without_content_say_all_else() {
    let Some(corpus) = Corpus::read() else { return };
    let mut with_content = 0;
    for (format, ..) in FORMATS {
        for (recorded, expected) in corpus.of(format) {
            with_content += usize::from(assert_same(recorded, &expected["start"].to_string()));
        }
    }
    assert!(with_content > 1_000, "{with_content}");
}

#[test]
fn that_a_conversation_was_summarised_is_known_without_the_summary() {
    let fixture = |end: &str| {
        let found = fixtures().into_iter().find(|recorded| {
            recorded.content_type.as_deref() == Some(end)
                && String::from_utf8_lossy(&recorded.response).contains("compaction")
        });
        found.unwrap()
    };
    for kind in ["application/json", "text/event-stream"] {
        let mut recorded = fixture(kind);
        // Not by the reason to stop alone.
        let text = String::from_utf8(recorded.response).unwrap();
        recorded.response = text
            .replace(
                r#""stop_reason":"compaction""#,
                r#""stop_reason":"end_turn""#,
            )
            .replace(
                r#""stop_reason": "compaction""#,
                r#""stop_reason": "end_turn""#,
            )
            .into_bytes();
        let len = recorded.response.len();
        let exchange = waiting(&recorded).without_content();
        let Record::Inference(inference) = decode(exchange, &recorded, len, End::Complete).record
        else {
            panic!("not an inference");
        };
        assert!(inference.response.is_compacted, "{kind}");
    }
}

#[test]
fn an_error_in_the_answer_is_told_in_the_providers_words() {
    for (url, response) in [
        (
            FORMATS[0].2,
            r#"{"choices":[{"type":"error","message":{"content":"why"}}]}"#,
        ),
        (
            FORMATS[0].2,
            r#"{"error":{"delta":{"message":"why"}},"choices":[]}"#,
        ),
        (FORMATS[1].2, r#"{"type":"error","error":{"text":"why"}}"#),
    ] {
        let recorded = Recorded {
            method: "POST".to_owned(),
            url: url.to_owned(),
            request: b"{}".to_vec(),
            status: 200,
            content_type: Some("application/json".to_owned()),
            response: response.as_bytes().to_vec(),
        };
        assert_same(&recorded, response);
        let exchange = waiting(&recorded).without_content();
        let decoded = decode(exchange, &recorded, response.len(), End::Complete);
        assert!(
            format!("{:?}", decoded.outcome).contains("why"),
            "{decoded:?}"
        );
    }
}
