//! Google's generateContent, from its bytes to its record, in every framing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{Diagnostic, ErrorType, Inference, Outcome, Part, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const WHOLE: &str = "/v1beta/models/gemini-3-flash:generateContent";
const STREAM: &str = "/v1beta/models/gemini-3-flash:streamGenerateContent";
const VERTEX: &str =
    "/v1/projects/p/locations/l/publishers/google/models/gemini-3-flash:streamGenerateContent";
const JSON: &str = "application/json; charset=UTF-8";
const EVENTS: &str = "text/event-stream";

fn fixture(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/google_generate_content"
    );
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

/// Begins an exchange whose request was read.
fn asked(path: &str, request: &str) -> Exchange {
    let mut exchange = Exchange::detect(&RequestHead {
        method: "POST",
        host: "generativelanguage.googleapis.com",
        port: None,
        path,
    })
    .unwrap();
    exchange.request_all(request.as_bytes());
    exchange
}

fn answered(mut exchange: Exchange, kind: &str, response: &str, piece: usize) -> Decoded {
    exchange.response_head(200, Some(kind));
    for bytes in response.as_bytes().chunks(piece) {
        exchange.response(bytes, Timestamp::from_unix_nanos(5));
    }
    exchange.finish(End::Complete)
}

fn decode(path: &str, kind: &str, response: &str) -> Decoded {
    let request = fixture("all.request.json");
    answered(asked(path, &request), kind, response, usize::MAX)
}

fn inference(decoded: Decoded) -> Inference {
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

/// Gives the documents of an event stream.
fn documents(stream: &str) -> Vec<&str> {
    let lines = stream.lines();
    lines
        .filter_map(|line| line.strip_prefix("data: "))
        .collect()
}

#[test]
fn a_whole_answer_with_all_that_one_may_have() {
    insta::assert_debug_snapshot!(decode(WHOLE, JSON, &fixture("all.response.json")));
}

#[test]
fn a_stream_says_what_the_whole_answer_says_in_every_framing() {
    let whole = decode(WHOLE, JSON, &fixture("all.response.json"));
    let stream = fixture("all.response.sse");
    let documents = documents(&stream);
    let array = format!("[{}\r\n]\r\n", documents.join("\r\n,\r\n"));
    let lines = documents.join("\n");
    let mut whole_record = inference(whole.clone());
    whole_record.request.stream = true;
    for (kind, body) in [
        (EVENTS, &stream),
        (JSON, &array),
        (JSON, &lines),
        ("application/x-ndjson", &lines),
        ("text/plain", &array),
        (EVENTS, &array),
    ] {
        for piece in [1, 7, usize::MAX] {
            let exchange = asked(STREAM, &fixture("all.request.json"));
            let decoded = answered(exchange, kind, body, piece);
            assert_eq!(decoded.outcome, whole.outcome, "{kind}");
            let mut record = inference(decoded);
            let chunks = record.timing.gaps().len();
            // An array that is labelled as events is read as one document.
            let is_read_at_once = kind == EVENTS && body.starts_with('[');
            assert_eq!(chunks, if is_read_at_once { 0 } else { 9 }, "{kind}");
            record.timing = StreamTiming::default();
            assert_eq!(record, whole_record, "{kind} in pieces of {piece}");
        }
    }
}

#[test]
fn requests_are_read_in_snake_case_too() {
    let exchange = asked(WHOLE, &fixture("snake.request.json"));
    let record = inference(exchange.finish(End::Cancelled));
    insta::assert_debug_snapshot!((record.request, record.content));
}

#[test]
fn arguments_may_come_piece_by_piece() {
    let record = inference(decode(VERTEX, EVENTS, &fixture("arguments.response.sse")));
    assert_eq!(
        record.response.service_tier.as_deref(),
        Some("PROVISIONED_THROUGHPUT")
    );
    insta::assert_debug_snapshot!(record.content.output);
}

#[test]
fn a_prompt_that_is_not_answered_says_why() {
    let decoded = decode(STREAM, JSON, &fixture("refused.response.json"));
    assert_eq!(decoded.outcome, Outcome::Completed);
    let record = inference(decoded);
    assert_eq!(record.response.finish_reasons, ["PROHIBITED_CONTENT"]);
    assert_eq!(record.usage.input(), Some(8));
    insta::assert_debug_snapshot!(record.content.output);
}

#[test]
fn an_answer_that_was_cut_off_by_a_filter_says_by_what() {
    let decoded = decode(WHOLE, JSON, &fixture("filtered.response.json"));
    assert_eq!(decoded.outcome, Outcome::Completed);
    insta::assert_debug_snapshot!(inference(decoded).content.output);
}

#[test]
fn what_is_not_as_documented_costs_nothing_but_itself() {
    let decoded = decode(STREAM, EVENTS, &fixture("odd.response.sse"));
    assert_eq!(decoded.outcome, Outcome::Completed);
    let record = inference(decoded);
    insta::assert_debug_snapshot!((
        record.response,
        record.usage,
        record.content.output,
        record.common.diagnostics
    ));
}

#[test]
fn numbers_for_reasons_are_the_services_own() {
    let reason = |path, number: u64| {
        let answer = format!(r#"{{"candidates":[{{"finishReason":{number}}}]}}"#);
        inference(decode(path, JSON, &answer))
            .response
            .finish_reasons
    };
    assert_eq!(reason(STREAM, 1), ["STOP"]);
    assert_eq!(reason(VERTEX, 2), ["MAX_TOKENS"]);
    assert_eq!(reason(STREAM, 7), ["BLOCKLIST"]);
    assert_eq!(reason(VERTEX, 7), ["PROHIBITED_CONTENT"]);
    assert_eq!(reason(STREAM, 0), Vec::<String>::new());
    assert_eq!(reason(VERTEX, 77), ["77"]);
}

#[test]
fn errors_with_a_status_stand_alone_or_in_a_list() {
    let error = r#"{"error":{"code":429,"message":"Too much.","status":"RESOURCE_EXHAUSTED"}}"#;
    for body in [error.to_owned(), format!("[{error}\n]")] {
        let mut exchange = asked(STREAM, "{}");
        exchange.response_head(429, Some(JSON));
        exchange.response(body.as_bytes(), Timestamp::default());
        let Outcome::Failed(failure) = exchange.finish(End::Complete).outcome else {
            panic!("not failed");
        };
        assert_eq!(failure.error_type, ErrorType::RateLimited);
        assert_eq!(failure.status, Some(429));
        assert_eq!(failure.message.as_deref(), Some("Too much."));
    }
}

#[test]
fn an_error_in_a_stream_is_its_end() {
    let chunk = r#"{"candidates":[{"content":{"parts":[{"text":"So far"}]}}]}"#;
    for (error, class) in [
        (
            r#"{"error":{"code":503,"status":"UNAVAILABLE","message":"Busy."}}"#,
            ErrorType::ServerError,
        ),
        (
            r#"{"error":{"status":"RESOURCE_EXHAUSTED","message":"Busy."}}"#,
            ErrorType::RateLimited,
        ),
        (r#"{"error":{"message":"Busy."}}"#, ErrorType::StreamError),
    ] {
        let array = format!("[{chunk}\r\n,\r\n{error}]");
        let events = format!("data: {chunk}\n\ndata: {error}\n\n");
        for (kind, body) in [(JSON, array), (EVENTS, events)] {
            let decoded = decode(STREAM, kind, &body);
            let Outcome::Failed(failure) = &decoded.outcome else {
                panic!("not failed: {decoded:?}");
            };
            assert_eq!(failure.error_type, class);
            assert_eq!(failure.message.as_deref(), Some("Busy."));
            let record = inference(decoded);
            assert_eq!(record.timing.gaps().len(), 0);
            assert_eq!(
                record.content.output[0].parts,
                [Part::Text("So far".to_owned())]
            );
        }
    }
}

#[test]
fn a_stream_that_is_cut_is_truncated_unless_it_said_why_it_ended() {
    let stream = fixture("all.response.sse");
    let documents = documents(&stream);
    let cut = format!(
        "[{},\r\n{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"So dr",
        documents[0]
    );
    let decoded = decode(STREAM, JSON, &cut);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    let record = inference(decoded);
    // Whether the half of a text is a thought would have come behind it.
    assert_eq!(
        record.content.output[0].parts,
        [Part::Reasoning("They want a cat. ".to_owned())]
    );
    assert_eq!(
        (
            record.usage.input(),
            record.usage.output(),
            record.usage.reasoning()
        ),
        (Some(100), Some(10), Some(10))
    );
    let last = documents[documents.len() - 1];
    let ended = format!("[{last}");
    assert_eq!(decode(STREAM, JSON, &ended).outcome, Outcome::Completed);
}

#[test]
fn lost_bytes_cost_the_documents_they_touched() {
    let stream = fixture("all.response.sse");
    let documents = documents(&stream);
    let mut exchange = asked(STREAM, "{}");
    exchange.response_head(200, Some(JSON));
    let at = Timestamp::default();
    exchange.response(format!("[{}\r\n,\r\n{{\"cand", documents[0]).as_bytes(), at);
    exchange.response_skipped();
    let last = documents[documents.len() - 1];
    exchange.response(format!("\"index\":0}}]}}\r\n,\r\n{last}]").as_bytes(), at);
    let decoded = exchange.finish(End::Complete);
    assert_eq!(decoded.outcome, Outcome::Completed);
    let record = inference(decoded);
    assert_eq!(record.common.diagnostics, [Diagnostic::BytesSkipped]);
    assert_eq!(record.response.finish_reasons, ["STOP"]);
    assert_eq!(record.usage.output(), Some(50));
}

#[test]
fn a_wrapping_service_is_read_through() {
    let request = r#"{"model":"gemini-3-pro","project":"p","request":{"contents":[{"parts":[{"text":"Hi"}]}]}}"#;
    let exchange = asked("/v1internal:streamGenerateContent?alt=sse", request);
    let answer = r#"{"response":{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]},"traceId":"t"}"#;
    let record = inference(answered(
        exchange,
        EVENTS,
        &format!("data: {answer}\n\n"),
        usize::MAX,
    ));
    assert_eq!(record.request.model.as_deref(), Some("gemini-3-pro"));
    assert_eq!(record.content.input[0].parts, [Part::Text("Hi".to_owned())]);
    assert_eq!(
        record.content.output[0].parts,
        [Part::Text("Hello".to_owned())]
    );
}

#[test]
fn what_is_no_answer_is_told() {
    for (path, body) in [(WHOLE, "{}"), (WHOLE, "[]"), (WHOLE, "5")] {
        let decoded = decode(path, JSON, body);
        let diagnostics = &decoded.record.common().diagnostics;
        assert_eq!(*diagnostics, [Diagnostic::ResponseUnreadable], "{body}");
    }
}

/// Gives what was said, and what was thought.
fn said(record: &Inference) -> (String, String) {
    let (mut text, mut thoughts) = (String::new(), String::new());
    // The first candidate alone: what the second says comes between.
    for part in record
        .content
        .output
        .iter()
        .take(1)
        .flat_map(|message| &message.parts)
    {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Reasoning(piece) => thoughts.push_str(piece),
            _ => {}
        }
    }
    (text, thoughts)
}

#[test]
fn an_array_may_be_split_and_cut_anywhere() {
    let stream = fixture("all.response.sse");
    let body = format!("[{}]", documents(&stream).join(",\r\n"));
    let whole = inference(decode(STREAM, JSON, &body));
    let (text, thoughts) = said(&whole);
    let mut truncated = 0;
    for place in 0..body.len() {
        let (one, rest) = body.split_at(place);
        let mut exchange = asked(STREAM, &fixture("all.request.json"));
        exchange.response_head(200, Some(JSON));
        exchange.response(one.as_bytes(), Timestamp::from_unix_nanos(5));
        let cut = exchange.clone().finish(End::Complete);
        truncated += usize::from(cut.outcome.error_type() == Some(&ErrorType::Truncated));
        let (part, thought) = said(&inference(cut));
        assert!(text.starts_with(&part), "text cut at {place}: {part}");
        assert!(
            thoughts.starts_with(&thought),
            "thoughts cut at {place}: {thought}"
        );
        exchange.response(rest.as_bytes(), Timestamp::from_unix_nanos(5));
        assert_eq!(
            inference(exchange.finish(End::Complete)),
            whole,
            "split at {place}"
        );
    }
    assert!(truncated > body.len() / 2, "{truncated}");
}

#[test]
fn what_an_answer_may_cost_is_bounded() {
    let part = format!(r#"{{"hologram":{{"a":"{}"}}}},"#, "x".repeat(1 << 20));
    let document = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{}{{}}]}}}}]}}"#,
        part.repeat(4)
    );
    let mut exchange = asked(STREAM, "{}");
    exchange.response_head(200, Some(EVENTS));
    for _ in 0..12 {
        exchange.response(
            format!("data: {document}\n\n").as_bytes(),
            Timestamp::default(),
        );
    }
    let record = inference(exchange.finish(End::Complete));
    assert_eq!(record.common.diagnostics, [Diagnostic::BodyTooLong]);
    let weight: usize = record
        .content
        .output
        .iter()
        .map(|message| message.weight())
        .sum();
    assert!((30 << 20..34 << 20).contains(&weight), "{weight}");
}
