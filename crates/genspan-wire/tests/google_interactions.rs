//! Google's interactions, from their bytes to their record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{
    Diagnostic, ErrorType, Inference, Outcome, Part, Record, ResponseFetch, ResponseStatus,
    StreamTiming, Timestamp,
};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

fn fixture(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/google_interactions"
    );
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

fn exchange(method: &str, path: &str) -> Exchange {
    Exchange::detect(&RequestHead {
        method,
        host: "generativelanguage.googleapis.com",
        port: None,
        path,
    })
    .unwrap()
}

fn answered(mut exchange: Exchange, kind: &str, response: &str, piece: usize) -> Decoded {
    exchange.response_head(200, Some(kind));
    for bytes in response.as_bytes().chunks(piece) {
        exchange.response(bytes, Timestamp::from_unix_nanos(5));
    }
    exchange.finish(End::Complete)
}

fn decode(kind: &str, response: &str, piece: usize) -> Decoded {
    let mut exchange = exchange("POST", "/v1beta/interactions?alt=sse");
    exchange.request_all(fixture("all.request.json").as_bytes());
    answered(exchange, kind, response, piece)
}

fn inference(decoded: Decoded) -> Inference {
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

fn fetch(path: &str, kind: &str, response: &str) -> (Outcome, ResponseFetch) {
    let decoded = answered(exchange("GET", path), kind, response, 7);
    match decoded.record {
        Record::ResponseFetch(fetch) => (decoded.outcome, *fetch),
        other => panic!("not the reading of a response: {other:?}"),
    }
}

#[test]
fn a_whole_answer_with_all_that_one_may_have() {
    insta::assert_debug_snapshot!(decode(JSON, &fixture("all.response.json"), usize::MAX));
}

#[test]
fn a_stream_says_what_the_whole_answer_says() {
    let whole = decode(JSON, &fixture("all.response.json"), usize::MAX);
    let stream = fixture("all.response.sse");
    for piece in [1, 7, usize::MAX] {
        let streamed = decode(EVENTS, &stream, piece);
        assert_eq!(streamed.outcome, whole.outcome);
        let mut record = inference(streamed);
        assert_eq!(record.timing.gaps().len(), 22);
        record.timing = StreamTiming::default();
        assert_eq!(record, inference(whole.clone()), "in pieces of {piece}");
    }
}

#[test]
fn streams_of_the_earlier_version_are_read() {
    let record = inference(decode(EVENTS, &fixture("earlier.response.sse"), 7));
    insta::assert_debug_snapshot!((record.response, record.usage, record.content.output));
}

#[test]
fn an_input_may_be_one_text() {
    let mut exchange = exchange("POST", "/v1beta/interactions");
    exchange.request_all(br#"{"agent":"deep-research","input":"Look into it.","background":true}"#);
    let record = inference(answered(
        exchange,
        JSON,
        r#"{"id":"v1_3","status":"in_progress"}"#,
        9,
    ));
    assert_eq!(record.request.model, None);
    assert_eq!(
        record.content.input[0].parts,
        [Part::Text("Look into it.".to_owned())]
    );
    assert_eq!(record.response.id.as_deref(), Some("v1_3"));
    assert!(record.response.finish_reasons.is_empty() && record.content.output.is_empty());
}

#[test]
fn what_is_not_as_documented_costs_nothing_but_itself() {
    let record = inference(decode(JSON, &fixture("odd.response.json"), usize::MAX));
    insta::assert_debug_snapshot!((
        record.response,
        record.usage,
        record.content.output,
        record.common.diagnostics
    ));
}

#[test]
fn an_interaction_that_failed_is_a_failure() {
    let decoded = decode(JSON, &fixture("failed.response.json"), usize::MAX);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::ServerError));
    let error = r#"{"error":{"code":"not_found","message":"Gone."}}"#;
    let mut exchange = exchange("POST", "/v1beta/interactions");
    exchange.response_head(404, Some(JSON));
    exchange.response(error.as_bytes(), Timestamp::default());
    let outcome = exchange.finish(End::Complete).outcome;
    assert_eq!(outcome.error_type(), Some(&ErrorType::InvalidRequest));
}

#[test]
fn an_error_event_ends_a_stream() {
    let stream = fixture("all.response.sse");
    let until = stream.find("event: interaction.completed").unwrap();
    let (begun, _) = stream.split_at(until);
    let failed = format!(
        "{begun}event: error\ndata: {{\"event_type\":\"error\",\"error\":{{\"code\":429,\"message\":\"Busy.\"}}}}\n\n"
    );
    let decoded = decode(EVENTS, &failed, 7);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::RateLimited));
    let parts = &inference(decoded).content.output[0].parts;
    assert_eq!(parts.len(), 9);
    let cut = decode(EVENTS, begun, 7);
    assert_eq!(cut.outcome.error_type(), Some(&ErrorType::Truncated));
    assert!(inference(cut).response.finish_reasons.is_empty());
}

#[test]
fn a_stored_interaction_is_read_whole_or_from_a_place_in_its_stream() {
    let (outcome, whole) = fetch(
        "/v1beta/interactions/v1_1",
        JSON,
        &fixture("all.response.json"),
    );
    assert_eq!(outcome, Outcome::Completed);
    assert_eq!(whole.response_id, "v1_1");
    assert_eq!(whole.status, None);
    assert_eq!(whole.finish_reasons, ["requires_action"]);
    assert_eq!(whole.response_model.as_deref(), Some("gemini-3-flash"));
    assert_eq!(whole.content.output[0].parts.len(), 9);
    assert!(whole.content.input.is_empty());
    let path = "/v1beta/interactions/v1_1?stream=true&last_event_id=e%2F5";
    let (outcome, streamed) = fetch(path, EVENTS, &fixture("all.response.sse"));
    assert_eq!(outcome, Outcome::Completed);
    assert_eq!(streamed.stream_cursor.as_deref(), Some("e/5"));
    assert_eq!(streamed.content, whole.content);
}

#[test]
fn the_failure_of_what_is_stored_is_no_failure_of_the_reading() {
    let (outcome, read) = fetch(
        "/v1beta/interactions/v1_2",
        JSON,
        &fixture("failed.response.json"),
    );
    assert_eq!(outcome, Outcome::Completed);
    assert_eq!(read.status, Some(ResponseStatus::Failed));
    let (outcome, read) = fetch("/v1beta/interactions/v1_2", JSON, "{}");
    assert_eq!(outcome, Outcome::Completed);
    assert_eq!(read.common.diagnostics, [Diagnostic::ResponseUnreadable]);
}
