//! What Anthropic's messages say, whole and streamed, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use std::fmt::{Debug, Write};

use genspan::{ErrorType, Failure, Inference, Outcome, Part, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const EVENTS: &str = "text/event-stream; charset=utf-8";
const DOCUMENT: &str = "application/json";

/// Includes the two forms of one answer.
macro_rules! pair {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("fixtures/anthropic_messages/", $name, ".json")),
            include_str!(concat!("fixtures/anthropic_messages/", $name, ".sse")),
        )
    };
}

const PAIRS: [(&str, &str, &str); 6] = [
    pair!("text"),
    pair!("tools"),
    pair!("thinking"),
    pair!("server_tools"),
    pair!("refusal"),
    pair!("compaction"),
];
const ERROR_MID_STREAM: &str = include_str!("fixtures/anthropic_messages/error_mid_stream.sse");
const TRUNCATED: &str = include_str!("fixtures/anthropic_messages/truncated.sse");
const REQUEST: &str = include_str!("fixtures/anthropic_messages/request.json");

fn exchange() -> Exchange {
    let head = RequestHead {
        method: "POST",
        host: "api.anthropic.com",
        port: None,
        path: "/v1/messages?beta=true",
    };
    Exchange::detect(&head).unwrap()
}

fn decode_as(status: u16, content_type: &str, body: &[u8], piece: usize, end: End) -> Decoded {
    let mut exchange = exchange();
    exchange.response_head(status, Some(content_type));
    for (nth, piece) in body.chunks(piece).enumerate() {
        exchange.response(piece, Timestamp::from_unix_nanos(nth as u64));
    }
    exchange.finish(end)
}

fn whole(body: &str) -> Decoded {
    decode_as(200, DOCUMENT, body.as_bytes(), usize::MAX, End::Complete)
}

fn streamed(body: &str) -> Decoded {
    decode_as(200, EVENTS, body.as_bytes(), usize::MAX, End::Complete)
}

fn inference(decoded: Decoded) -> Inference {
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

/// The same without the times of chunks.
fn untimed(decoded: &Decoded) -> (Inference, Outcome) {
    let mut record = inference(decoded.clone());
    record.timing = genspan::StreamTiming::default();
    (record, decoded.outcome.clone())
}

fn text_of(record: &Inference) -> String {
    let parts = record
        .content
        .output
        .iter()
        .flat_map(|message| &message.parts);
    parts
        .filter_map(|part| {
            if let Part::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect()
}

/// Shows what an answer gave, one fact a line.
fn shown(decoded: &Decoded) -> String {
    fn line(out: &mut String, name: &str, fact: &dyn Debug) {
        writeln!(out, "{name}: {fact:?}").unwrap();
    }
    let record = inference(decoded.clone());
    let (response, usage) = (&record.response, &record.usage);
    let mut out = String::new();
    line(&mut out, "outcome", &decoded.outcome);
    line(&mut out, "id, model", &(&response.id, &response.model));
    line(&mut out, "finish reasons", &response.finish_reasons);
    line(&mut out, "compacted", &response.is_compacted);
    line(&mut out, "input, output", &(usage.input(), usage.output()));
    line(
        &mut out,
        "cache read, write",
        &(usage.cache_read(), usage.cache_write()),
    );
    line(&mut out, "reasoning", &usage.reasoning());
    line(&mut out, "diagnostics", &record.common.diagnostics);
    for message in &record.content.output {
        line(
            &mut out,
            "message",
            &(message.role.as_str(), &message.finish_reason),
        );
        message
            .parts
            .iter()
            .for_each(|part| line(&mut out, "  part", part));
    }
    out
}

#[test]
fn a_streamed_answer_gives_what_the_whole_one_gives() {
    for (name, document, events) in PAIRS {
        let (whole, streamed) = (whole(document), streamed(events));
        assert_eq!(untimed(&whole), untimed(&streamed), "{name}");
        insta::assert_snapshot!(name, shown(&whole));
    }
}

#[test]
fn the_pieces_do_not_matter() {
    let streams = PAIRS
        .iter()
        .map(|(_, _, events)| *events)
        .chain([ERROR_MID_STREAM, TRUNCATED]);
    for events in streams {
        let at_once = untimed(&streamed(events));
        for piece in [1, 2, 3, 61] {
            let decoded = decode_as(200, EVENTS, events.as_bytes(), piece, End::Complete);
            assert_eq!(untimed(&decoded), at_once, "in pieces of {piece}: {events}");
        }
    }
}

#[test]
fn a_stream_cut_anywhere_gives_a_beginning_of_the_answer() {
    for (name, document, events) in PAIRS {
        let text = text_of(&inference(whole(document)));
        for cut in 0..=events.len() {
            let decoded = decode_as(
                200,
                EVENTS,
                &events.as_bytes()[..cut],
                usize::MAX,
                End::Broken,
            );
            let is_stated =
                events[..events.floor_char_boundary(cut)].contains("\"stop_reason\": \"");
            if !is_stated {
                assert_ne!(decoded.outcome, Outcome::Completed, "{name} cut at {cut}");
            }
            let beginning = text_of(&inference(decoded));
            assert!(
                text.starts_with(&beginning),
                "{name} cut at {cut}: {beginning}"
            );
        }
    }
}

#[test]
fn a_document_cut_anywhere_gives_a_beginning_of_the_answer() {
    for (name, document, _) in PAIRS {
        let text = text_of(&inference(whole(document)));
        for cut in 0..document.trim_end().len() {
            let decoded = decode_as(
                200,
                DOCUMENT,
                &document.as_bytes()[..cut],
                usize::MAX,
                End::Broken,
            );
            assert_ne!(decoded.outcome, Outcome::Completed, "{name} cut at {cut}");
            let beginning = text_of(&inference(decoded));
            assert!(
                text.starts_with(&beginning),
                "{name} cut at {cut}: {beginning}"
            );
        }
    }
}

/// Gives numbers that look random and are the same in every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

#[test]
fn damaged_bytes_give_a_record_whatever_the_pieces() {
    let mut number = numbers(7);
    for (_, document, events) in PAIRS {
        for (content_type, body) in [(DOCUMENT, document), (EVENTS, events)] {
            for _ in 0..200 {
                let mut bytes = body.as_bytes().to_vec();
                for _ in 0..=number(4) {
                    let at = number(bytes.len());
                    match number(3) {
                        0 => drop(bytes.remove(at)),
                        1 => bytes.insert(at, b"\"\\{}[]:,0\n\xff"[number(11)]),
                        _ => bytes[at] ^= 1 << number(8),
                    }
                }
                let at_once = decode_as(200, content_type, &bytes, usize::MAX, End::Complete);
                let in_pieces = decode_as(200, content_type, &bytes, 5, End::Complete);
                let text = String::from_utf8_lossy(&bytes);
                assert_eq!(untimed(&at_once), untimed(&in_pieces), "{text}");
            }
        }
    }
}

#[test]
fn an_error_in_the_stream_fails_and_keeps_what_was_said() {
    insta::assert_snapshot!("error_mid_stream", shown(&streamed(ERROR_MID_STREAM)));
}

#[test]
fn a_truncated_stream_fails_and_keeps_what_was_said() {
    insta::assert_snapshot!("truncated", shown(&streamed(TRUNCATED)));
}

#[test]
fn a_stated_reason_to_stop_completes_the_answer_without_its_last_event() {
    for (name, _, events) in PAIRS {
        let cut = events.rfind("event: message_stop").unwrap();
        let (full, cut) = (streamed(events), streamed(&events[..cut]));
        assert_eq!(untimed(&full), untimed(&cut), "{name}");
        assert_eq!(cut.outcome, Outcome::Completed, "{name}");
    }
}

#[test]
fn an_error_status_tells_the_providers_class_and_words() {
    let body = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#;
    let decoded = decode_as(529, DOCUMENT, body.as_bytes(), usize::MAX, End::Complete);
    let failure = Failure::new(ErrorType::ServerError)
        .with_status(529)
        .with_message("Overloaded");
    assert_eq!(decoded.outcome, Outcome::Failed(failure));
    let record = inference(decoded);
    assert_eq!(
        (record.content.output, record.usage),
        (Vec::new(), genspan::Usage::default())
    );
}

#[test]
fn an_error_may_come_with_a_good_status() {
    let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}"#;
    let failure = Failure::new(ErrorType::RateLimited).with_message("Slow down");
    assert_eq!(whole(body).outcome, Outcome::Failed(failure));
}

#[test]
fn pings_and_errors_are_no_chunks() {
    let event = |data: &str| format!("data: {data}\n\n");
    let mut exchange = exchange();
    exchange.response_head(200, Some(EVENTS));
    for (at, data) in [
        (1, r#"{"type":"ping"}"#),
        (2, r#"{"type":"message_start","message":{"id":"m"}}"#),
        (5, r#"{"type":"ping"}"#),
        (
            9,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
        ),
        (
            10,
            r#"{"type":"error","error":{"type":"api_error","message":"Oh"}}"#,
        ),
    ] {
        exchange.response(event(data).as_bytes(), Timestamp::from_unix_nanos(at));
    }
    let record = inference(exchange.finish(End::Complete));
    assert_eq!(
        record.timing.first_chunk(),
        Some(Timestamp::from_unix_nanos(2))
    );
    assert_eq!(
        record
            .timing
            .gaps()
            .iter()
            .map(std::time::Duration::as_nanos)
            .collect::<Vec<_>>(),
        [7]
    );
}

#[test]
fn blocks_stand_in_the_order_of_their_indices_and_count_without_their_start() {
    let events = r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"b"}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"c"}}

data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}

data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"d"}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"e"}}

"#;
    insta::assert_snapshot!("blocks_out_of_order", shown(&streamed(events)));
}

#[test]
fn a_long_text_is_bounded_alike_whole_and_streamed() {
    let long = "0123456789abcdef".repeat(100_000);
    let document = format!(
        r#"{{"content":[{{"type":"text","text":"{long}"}},{{"type":"tool_use","id":"t","name":"n","input":{{"a":"{long}"}}}}],"stop_reason":"end_turn"}}"#
    );
    let mut events = String::from(
        r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#,
    );
    let input = format!(r#"{{\"a\":\"{long}\"}}"#);
    for (kind, member, index, text) in [
        ("text_delta", "text", 0, long.as_str()),
        ("input_json_delta", "partial_json", 1, &input),
    ] {
        for piece in text.as_bytes().chunks(1 << 18) {
            let piece = std::str::from_utf8(piece).unwrap();
            write!(events, "\n\ndata: {{\"type\":\"content_block_delta\",\"index\":{index},\"delta\":{{\"type\":\"{kind}\",\"{member}\":\"{piece}\"}}}}").unwrap();
        }
    }
    events.push_str("\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n");
    let (whole, streamed) = (whole(&document), streamed(&events));
    assert!(untimed(&whole) == untimed(&streamed), "they differ");
    let record = inference(whole);
    let text = text_of(&record);
    assert!(
        text.len() < 1_100_000 && text.contains("bytes left out"),
        "{} bytes",
        text.len()
    );
    let Part::ToolCallRequest(call) = &record.content.output[0].parts[1] else {
        panic!("no call")
    };
    let argument = call.arguments.get("a").unwrap().as_str().unwrap();
    assert!(long.starts_with(argument) && argument.len() > 700_000 && argument.len() < 1_000_000);
}

#[test]
fn a_request_states_its_settings_and_all_that_is_said() {
    let mut exchange = exchange();
    REQUEST
        .as_bytes()
        .chunks(7)
        .for_each(|piece| exchange.request(piece));
    exchange.request_end();
    let record = inference(exchange.finish(End::Cancelled));
    insta::assert_debug_snapshot!("request_settings", record.request);
    let content = record.content;
    let mut said = String::new();
    writeln!(said, "system: {:?}", content.system_instructions).unwrap();
    for message in &content.input {
        writeln!(said, "{}", message.role.as_str()).unwrap();
        message
            .parts
            .iter()
            .for_each(|part| writeln!(said, "  {part:?}").unwrap());
    }
    content
        .tools
        .iter()
        .for_each(|tool| writeln!(said, "{tool:?}").unwrap());
    insta::assert_snapshot!("request_content", said);
}

#[test]
fn members_of_unexpected_types_cost_nothing_else() {
    let request = r#"{"model":"m","max_tokens":"many","temperature":{},"stop_sequences":"x","system":7,"tools":{"a":1},
        "messages":[3,"x",{"role":4,"content":{"type":"text","text":"hi"}},{"role":"user","content":[1,null,"t",{}]}]}"#;
    let mut exchange = exchange();
    exchange.request(request.as_bytes());
    exchange.request_end();
    exchange.response_head(200, Some(DOCUMENT));
    let answer = r#"{"id":5,"model":"m2","content":[{"type":"text","text":9},{"type":8},"loose"],"stop_reason":"end_turn",
        "usage":{"input_tokens":"3","output_tokens":4,"output_tokens_details":1,"iterations":{}}}"#;
    exchange.response(answer.as_bytes(), Timestamp::default());
    let decoded = exchange.finish(End::Complete);
    let record = inference(decoded.clone());
    assert_eq!(
        (record.request.model.as_deref(), record.request.max_tokens),
        (Some("m"), None)
    );
    insta::assert_debug_snapshot!("odd_request_messages", record.content.input);
    insta::assert_snapshot!("odd_answer", shown(&decoded));
}
