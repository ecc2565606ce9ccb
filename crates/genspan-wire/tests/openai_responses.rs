//! What OpenAI's responses say, whole and streamed, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

#[path = "openai_responses/rig.rs"]
mod rig;
#[path = "openai_responses/stored.rs"]
mod stored;

use std::fmt::Write;

use genspan::{ErrorType, FinishReason, Outcome, Part, Timestamp};
use genspan_wire::End;
use rig::{
    DOCUMENT, EVENTS, decode_as, exchange, exchange_at, fixture, inference, shown, streamed,
    text_of, untimed, whole,
};

/// The answers that are here in both forms.
const PAIRS: [&str; 9] = [
    "text",
    "tools",
    "reasoning",
    "server_tools",
    "application_tools",
    "refusal",
    "incomplete",
    "failed",
    "compaction",
];
const STREAMS: [&str; 5] = [
    "error_flat",
    "error_nested",
    "truncated",
    "empty_last_event",
    "odd_events",
];

fn document(name: &str) -> String {
    fixture(&format!("{name}.json"))
}

fn events(name: &str) -> String {
    fixture(&format!("{name}.sse"))
}

#[test]
fn the_path_tells_the_format() {
    for path in [
        "/v1/responses",
        "/responses",
        "/backend-api/codex/responses",
        "/openai/v1/responses",
        "/openai/responses?api-version=2025-04-01-preview",
        "/api/v1/responses",
    ] {
        let exchange = exchange_at("POST", path).unwrap();
        assert_eq!(exchange.format_name(), "openai.responses", "{path}");
    }
    for (method, path) in [
        ("GET", "/v1/responses"),
        ("POST", "/v1/responses/input_tokens"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/responses/compact"),
        ("DELETE", "/v1/responses/resp_1"),
    ] {
        assert!(exchange_at(method, path).is_none(), "{method} {path}");
    }
}

#[test]
fn a_streamed_answer_gives_what_the_whole_one_gives() {
    for name in PAIRS {
        let (whole, streamed) = (whole(&document(name)), streamed(&events(name)));
        assert_eq!(untimed(&whole), untimed(&streamed), "{name}");
        insta::assert_snapshot!(name, shown(&whole));
    }
}

#[test]
fn answers_that_end_badly_or_oddly() {
    for name in ["error_flat", "error_nested", "truncated", "odd_events"] {
        insta::assert_snapshot!(format!("{name}_stream"), shown(&streamed(&events(name))));
    }
    for name in ["background", "odd_types"] {
        insta::assert_snapshot!(format!("{name}_document"), shown(&whole(&document(name))));
    }
}

#[test]
fn the_pieces_do_not_matter() {
    for name in PAIRS.iter().chain(&STREAMS) {
        let events = events(name);
        let at_once = untimed(&streamed(&events));
        for piece in [1, 2, 3, 61] {
            let decoded = decode_as(200, EVENTS, events.as_bytes(), piece, End::Complete);
            assert_eq!(untimed(&decoded), at_once, "{name} in pieces of {piece}");
        }
    }
}

#[test]
fn a_stream_cut_anywhere_gives_a_beginning_of_the_answer() {
    for name in PAIRS {
        let (text, events) = (text_of(&inference(whole(&document(name)))), events(name));
        let last = events.rfind("data: ").unwrap();
        for cut in 0..=events.len() {
            let bytes = &events.as_bytes()[..cut];
            let decoded = decode_as(200, EVENTS, bytes, usize::MAX, End::Broken);
            if cut <= last {
                assert_ne!(decoded.outcome, Outcome::Completed, "{name} cut at {cut}");
            }
            let record = inference(decoded);
            assert!(
                cut > last || record.response.finish_reasons.is_empty(),
                "{name} cut at {cut}"
            );
            let beginning = text_of(&record);
            assert!(
                text.starts_with(&beginning),
                "{name} cut at {cut}: {beginning}"
            );
        }
    }
}

#[test]
fn without_its_last_event_a_stream_says_all_but_how_it_ended() {
    for name in PAIRS {
        let events = events(name);
        let cut = &events[..events.rfind("event: ").unwrap()];
        let (all, part) = (inference(streamed(&events)), inference(streamed(cut)));
        let parts = |output: &[genspan::Message]| output[0].parts.clone();
        assert_eq!(
            parts(&part.content.output),
            parts(&all.content.output),
            "{name}"
        );
        assert_eq!(
            part.content.output[0].finish_reason,
            Some(FinishReason::Error)
        );
        assert_eq!(part.usage.output(), None);
        assert_eq!(
            streamed(cut).outcome.error_type(),
            Some(&ErrorType::Truncated)
        );
    }
}

#[test]
fn a_last_event_that_is_cut_costs_nothing_that_was_said_before() {
    for name in PAIRS {
        let events = events(name);
        let all = inference(streamed(&events));
        let parts = &all.content.output[0].parts;
        let last = events.rfind(r#""output":["#).unwrap();
        for cut in last..events.rfind(r#","parallel_tool_calls""#).unwrap() {
            let bytes = &events.as_bytes()[..cut];
            let decoded = decode_as(200, EVENTS, bytes, usize::MAX, End::Broken);
            let record = inference(decoded);
            assert_eq!(
                &record.content.output[0].parts, parts,
                "{name} cut at {cut}"
            );
        }
    }
}

#[test]
fn the_last_event_may_leave_out_the_items() {
    let record = inference(streamed(&events("empty_last_event")));
    assert_eq!(text_of(&record), "Café Ö opens at eight.");
    assert_eq!(record.response.finish_reasons, ["stop"]);
    assert_eq!(record.usage.output(), Some(31));
}

#[test]
fn a_document_cut_anywhere_gives_a_beginning_of_the_answer() {
    for name in PAIRS {
        let document = document(name);
        let text = text_of(&inference(whole(&document)));
        for cut in 0..document.trim_end().len() {
            let bytes = &document.as_bytes()[..cut];
            let decoded = decode_as(200, DOCUMENT, bytes, usize::MAX, End::Broken);
            assert_ne!(decoded.outcome, Outcome::Completed, "{name} cut at {cut}");
            let record = inference(decoded);
            assert!(
                record.response.finish_reasons.is_empty(),
                "{name} cut at {cut}"
            );
            let beginning = text_of(&record);
            assert!(
                text.starts_with(&beginning),
                "{name} cut at {cut}: {beginning}"
            );
        }
    }
}

#[test]
fn nothing_that_is_sealed_is_recorded() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/openai_responses"
    );
    let mut sealed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // `sealed` in base64.
        sealed += usize::from(text.contains("c2VhbGV"));
        let decoded = if path.ends_with("request.json") {
            let mut exchange = exchange();
            exchange.request_all(text.as_bytes());
            exchange.finish(End::Cancelled)
        } else if path.extension().unwrap() == "sse" {
            streamed(&text)
        } else {
            whole(&text)
        };
        let shown = format!("{decoded:?}");
        assert!(!shown.contains("c2VhbGV"), "{}: {shown}", path.display());
    }
    assert!(sealed > 5, "{sealed}");
}

#[test]
fn an_error_status_tells_the_providers_class_and_words() {
    let body = r#"{"error":{"message":"No such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
    let decoded = decode_as(400, DOCUMENT, body.as_bytes(), usize::MAX, End::Complete);
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("{decoded:?}")
    };
    assert_eq!(failure.error_type, ErrorType::InvalidRequest);
    assert_eq!(failure.message.as_deref(), Some("No such model"));
    assert_eq!(inference(decoded).content.output, []);
}

#[test]
fn a_cancelled_answer_is_no_answer() {
    let document =
        document("text").replacen(r#""status": "completed""#, r#""status": "cancelled""#, 1);
    let decoded = whole(&document);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Cancelled));
    assert_eq!(inference(decoded).response.finish_reasons, ["error"]);
}

#[test]
fn what_an_answer_costs_is_read_where_the_provider_states_it() {
    let cost = |usage: &str| {
        let body = format!(r#"{{"status":"completed","output":[],"usage":{usage}}}"#);
        inference(whole(&body))
            .cost
            .map(|cost| cost.amount.as_f64())
    };
    assert_eq!(cost(r#"{"input_tokens":1,"cost":0.0125}"#), Some(0.0125));
    assert_eq!(
        cost(r#"{"input_tokens":1,"cost_in_usd_ticks":25000000}"#),
        Some(0.0025)
    );
    assert_eq!(cost(r#"{"input_tokens":1,"cost":null}"#), None);
    assert_eq!(cost(r#"{"input_tokens":1,"cost":-1}"#), None);
}

#[test]
fn keepalives_and_errors_are_no_chunks() {
    let mut exchange = exchange();
    exchange.response_head(200, Some(EVENTS));
    for (at, data) in [
        (1, r#"{"type":"keepalive","sequence_number":0}"#),
        (2, r#"{"type":"response.created","response":{"id":"r"}}"#),
        (
            9,
            r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}"#,
        ),
        (
            10,
            r#"{"type":"error","code":"server_error","message":"Oh"}"#,
        ),
    ] {
        let event = format!("data: {data}\n\n");
        exchange.response(event.as_bytes(), Timestamp::from_unix_nanos(at));
    }
    let record = inference(exchange.finish(End::Complete));
    let first = Some(Timestamp::from_unix_nanos(2));
    assert_eq!(record.timing.first_chunk(), first);
    let gaps = record.timing.gaps().iter();
    assert_eq!(gaps.map(|gap| gap.as_nanos()).collect::<Vec<_>>(), [7]);
}

#[test]
fn a_long_text_is_bounded_alike_whole_and_in_pieces() {
    let long = "0123456789abcdef".repeat(100_000);
    let document = format!(
        r#"{{"status":"completed","output":[{{"type":"message","content":[{{"type":"output_text","text":"{long}"}}]}}]}}"#
    );
    let mut events = String::new();
    for piece in long.as_bytes().chunks(1 << 18) {
        let piece = std::str::from_utf8(piece).unwrap();
        write!(events, "data: {{\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"{piece}\"}}\n\n").unwrap();
    }
    let (whole, cut) = (inference(whole(&document)), inference(streamed(&events)));
    let text = text_of(&whole);
    assert!(
        text.len() < 1_100_000 && text.contains("bytes left out"),
        "{} bytes",
        text.len()
    );
    assert!(text_of(&cut) == text, "they differ");
}

#[test]
fn a_request_states_its_settings_and_all_that_is_said() {
    let mut exchange = exchange();
    let request = fixture("request.json");
    request
        .as_bytes()
        .chunks(7)
        .for_each(|piece| exchange.request(piece));
    exchange.request_end();
    let record = inference(exchange.finish(End::Cancelled));
    insta::assert_debug_snapshot!("request_settings", record.request);
    assert_eq!(record.common.conversation_id.as_deref(), Some("conv_77"));
    assert_eq!(
        record.response.requested_service_tier.as_deref(),
        Some("flex")
    );
    let mut said = String::new();
    writeln!(said, "system: {:?}", record.content.system_instructions).unwrap();
    for message in &record.content.input {
        writeln!(said, "{}", message.role.as_str()).unwrap();
        for part in &message.parts {
            writeln!(said, "  {part:?}").unwrap();
        }
    }
    for tool in &record.content.tools {
        writeln!(said, "{tool:?}").unwrap();
    }
    insta::assert_snapshot!("request_content", said);
}

#[test]
fn the_input_may_be_one_text_and_settings_of_other_types_are_not_stated() {
    let request = r#"{"model":"m","input":"Hi","stream":"yes","max_output_tokens":"many","text":5,"reasoning":[],
        "conversation":"conv_1","service_tier":"auto","tools":{"a":1},"instructions":7,"previous_response_id":null}"#;
    let mut exchange = exchange();
    exchange.request_all(request.as_bytes());
    let record = inference(exchange.finish(End::Cancelled));
    let expected = genspan::Request {
        model: Some("m".to_owned()),
        ..genspan::Request::default()
    };
    assert_eq!(record.request, expected);
    assert_eq!(record.common.conversation_id.as_deref(), Some("conv_1"));
    assert_eq!(record.response.requested_service_tier, None);
    let input = &record.content.input;
    assert_eq!(input.len(), 1);
    assert_eq!(input[0].role.as_str(), "user");
    assert_eq!(input[0].parts, [Part::Text("Hi".to_owned())]);
}

#[test]
fn items_stand_in_the_order_of_their_indices_whatever_came_first() {
    let event = |index: u32, piece: &str| {
        format!(
            "data: {{\"type\":\"response.output_text.delta\",\"output_index\":{index},\"delta\":\"{piece}\"}}\n\n"
        )
    };
    let events = [event(1, "c"), event(0, "a"), event(1, "d"), event(0, "b")];
    assert_eq!(text_of(&inference(streamed(&events.concat()))), "abcd");
}

#[test]
fn a_flood_of_items_is_bounded_and_told() {
    let added = |index: usize| {
        format!(
            "data: {{\"type\":\"response.output_item.added\",\"output_index\":{index},\"item\":{{\"type\":\"function_call\",\"name\":\"f\"}}}}\n\n"
        )
    };
    let events: String = (0..3_000).map(added).collect();
    let record = inference(streamed(&events));
    assert_eq!(record.content.output[0].parts.len(), 1024);
    assert_eq!(
        record.common.diagnostics,
        [genspan::Diagnostic::BodyTooLong]
    );
}
