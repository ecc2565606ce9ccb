//! The recorded exchanges of which nothing is expected (InvokeModel, interactions, single embeddings, what calls no
//! model): a line each, without what was said, to be judged by eye.
//!
//! The recordings lie beside the repository; where they are not, the test tells so and passes, unless
//! `GENSPAN_REQUIRE=all` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests; the environment says whether a skip is allowed"
)]

use std::collections::BTreeMap;

use genspan::{Content, Part, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use testkit::recordings::{Corpus, Recorded};

fn detect(recorded: &Recorded) -> Option<Exchange> {
    let (_, rest) = recorded.url.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    Exchange::detect(&RequestHead {
        method: &recorded.method,
        host,
        port: None,
        path,
    })
}

fn decode(mut exchange: Exchange, recorded: &Recorded, piece: usize) -> Decoded {
    exchange.request_all(&recorded.request);
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    for bytes in recorded.response.chunks(piece) {
        exchange.response(bytes, Timestamp::default());
    }
    exchange.finish(End::Complete)
}

/// Names the parts of the messages.
fn kinds(content: &Content) -> String {
    let messages = content.input.iter().chain(&content.output);
    let kinds = messages
        .flat_map(|message| &message.parts)
        .map(|part| match part {
            Part::Text(text) => format!("text({})", text.chars().count()),
            Part::Reasoning(_) => "reasoning".to_owned(),
            Part::ToolCallRequest(call) => format!("call {}", call.name),
            Part::ToolCallResponse(_) => "response".to_owned(),
            Part::ServerToolCall(call) => format!("server call {}", call.name),
            Part::ServerToolCallResponse(answer) => format!("server response {}", answer.kind),
            Part::Generic(part) => part.kind.clone(),
            other => format!("{other:?}"),
        });
    kinds.collect::<Vec<_>>().join(", ")
}

fn line(decoded: &Decoded) -> String {
    let outcome = decoded
        .outcome
        .error_type()
        .map_or("completed", |class| class.as_str());
    let said = match &decoded.record {
        Record::Embeddings(record) => format!(
            "{} {:?} {:?}",
            record.model.as_deref().unwrap_or("-"),
            record.dimension_count,
            record.usage.input()
        ),
        Record::Inference(record) => format!(
            "{} {} {:?} {}/{}/{} {} | {}",
            record.response.model.as_deref().unwrap_or("-"),
            if record.request.stream {
                "stream"
            } else {
                "whole"
            },
            record.request.previous_response_id,
            record.usage.input().unwrap_or(0),
            record.usage.output().unwrap_or(0),
            record.usage.reasoning().unwrap_or(0),
            record.response.finish_reasons.join(","),
            kinds(&record.content),
        ),
        other => format!("{other:?}"),
    };
    format!("{outcome} {said} {:?}", decoded.record.common().diagnostics)
}

/// Says method, host and path, without what names one thing among many.
fn place(recorded: &Recorded) -> String {
    let url = recorded.url.split('?').next().unwrap();
    let (_, place) = url.split_once("://").unwrap();
    let words = place.split('/').map(|word| {
        if word.len() > 24 && word.contains(|c: char| c.is_ascii_digit()) {
            "…"
        } else {
            word
        }
    });
    format!(
        "{} {}",
        recorded.method,
        words.collect::<Vec<_>>().join("/")
    )
}

#[test]
fn exchanges_without_an_expectation() {
    let Some(corpus) = Corpus::read() else { return };
    let mut lines = Vec::new();
    let mut others = BTreeMap::<String, usize>::new();
    for (recorded, expected) in corpus.of("") {
        let Some(exchange) = detect(recorded) else {
            *others.entry(place(recorded)).or_default() += 1;
            continue;
        };
        let name = exchange.format_name();
        let decoded = decode(exchange.clone(), recorded, usize::MAX);
        assert_eq!(decode(exchange, recorded, 7), decoded, "{expected}");
        lines.push(format!("{name} {}", line(&decoded)));
    }
    lines.extend(
        others
            .iter()
            .map(|(place, count)| format!("no inference: {place} ×{count}")),
    );
    insta::assert_snapshot!(lines.join("\n"));
}
