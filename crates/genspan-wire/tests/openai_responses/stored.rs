//! The reading of answers that the provider has stored.

use std::fmt::Write;

use genspan::{ErrorType, Outcome, Record, ResponseFetch, ResponseStatus};
use genspan_wire::{Decoded, End};

use crate::rig::{DOCUMENT, EVENTS, answered, exchange_at, fixture, show_messages};

fn fetched(path: &str, status: u16, content_type: &str, body: &str) -> Decoded {
    let exchange = exchange_at("GET", path).unwrap();
    let body = body.as_bytes();
    answered(exchange, status, content_type, body, 11, End::Complete)
}

fn record(decoded: Decoded) -> ResponseFetch {
    match decoded.record {
        Record::ResponseFetch(record) => *record,
        other => panic!("not the reading of a stored answer: {other:?}"),
    }
}

#[test]
fn a_stored_answer_is_named_by_the_path() {
    for (path, id) in [
        ("/v1/responses/resp_1", Some("resp_1")),
        ("/v1/responses/0d9c-11?include[]=x", Some("0d9c-11")),
        ("/openai/responses/resp%5F2?api-version=1", Some("resp_2")),
        ("/openai/v1/responses/resp_3", Some("resp_3")),
        ("/responses/resp_4", Some("resp_4")),
        ("/proxy/responses/resp_5", Some("resp_5")),
        ("/surveys/4/responses/17", None),
        ("/v1/responses/resp_6/input_items", None),
        ("/v1/responses/", None),
        ("/v1/responses", None),
    ] {
        let found = exchange_at("GET", path).map(|exchange| {
            assert_eq!(exchange.format_name(), "openai.fetch_response");
            record(exchange.finish(End::Cancelled)).response_id
        });
        assert_eq!(found.as_deref(), id, "{path}");
    }
}

#[test]
fn a_body_that_is_not_there_is_no_loss() {
    let mut exchange = exchange_at("GET", "/v1/responses/resp_1").unwrap();
    exchange.request_skipped();
    let record = record(exchange.finish(End::Cancelled));
    assert_eq!(record.common.diagnostics, []);
}

#[test]
fn what_was_stored_is_read_and_its_tokens_are_not_counted_again() {
    let mut stored: serde_json::Value = serde_json::from_str(&fixture("tools.json")).unwrap();
    let request: serde_json::Value = serde_json::from_str(&fixture("request.json")).unwrap();
    stored["instructions"] = request["instructions"].clone();
    stored["tools"] = request["tools"].clone();
    let path = "/v1/responses/resp_tools1";
    let decoded = fetched(path, 200, DOCUMENT, &stored.to_string());
    assert_eq!(decoded.outcome, Outcome::Completed);
    let record = record(decoded);
    let mut said = format!(
        "{:?}, {:?}, {:?}, {:?}, {:?}\nsystem: {:?}\n",
        record.response_id,
        record.response_model,
        record.service_tier,
        record.status,
        record.finish_reasons,
        record.content.system_instructions
    );
    assert_eq!(record.content.input, []);
    show_messages(&mut said, &record.content.output);
    for tool in &record.content.tools {
        writeln!(said, "{} {}", tool.kind, tool.name).unwrap();
    }
    insta::assert_snapshot!("stored", said);
}

#[test]
fn a_stored_stream_may_be_read_from_its_middle() {
    let events = fixture("text.sse");
    let middle = events.match_indices("event: ").nth(6).unwrap().0;
    let path = "/v1/responses/resp_text1?stream=true&starting_after=5";
    let read = |body: &str| fetched(path, 200, EVENTS, body);
    let decoded = read(&events[middle..]);
    assert_eq!(decoded.outcome, Outcome::Completed);
    let all = record(decoded);
    assert_eq!(all.stream_cursor.as_deref(), Some("5"));
    assert_eq!(all.status, Some(ResponseStatus::Completed));
    assert_eq!(all.finish_reasons, ["stop"]);
    assert_eq!(all, record(read(&events)));
    let cut = read(&events[middle..events.rfind("event: ").unwrap()]);
    assert_eq!(cut.outcome.error_type(), Some(&ErrorType::Truncated));
    let cut = record(cut);
    assert_eq!(cut.status, None);
    assert_eq!(cut.content.output[0].parts, all.content.output[0].parts);
}

#[test]
fn that_an_answer_failed_is_no_failure_of_its_reading() {
    for (name, status, reasons) in [
        ("failed.json", ResponseStatus::Failed, &["error"][..]),
        ("incomplete.json", ResponseStatus::Incomplete, &["length"]),
        ("background.json", ResponseStatus::Queued, &[]),
    ] {
        let path = "/v1/responses/resp_1";
        let decoded = fetched(path, 200, DOCUMENT, &fixture(name));
        assert_eq!(decoded.outcome, Outcome::Completed, "{name}");
        let record = record(decoded);
        assert_eq!(record.status, Some(status));
        assert_eq!(record.finish_reasons, reasons);
    }
    let body = r#"{"error":{"message":"Response not found.","type":"invalid_request_error"}}"#;
    let decoded = fetched("/v1/responses/resp_1", 404, DOCUMENT, body);
    assert_eq!(
        decoded.outcome.error_type(),
        Some(&ErrorType::InvalidRequest)
    );
    let event =
        "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"Oh\"}\n\n";
    let decoded = fetched("/v1/responses/resp_1?stream=true", 200, EVENTS, event);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::ServerError));
}
