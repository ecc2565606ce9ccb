//! What Cohere says in the first version of its interface, whole and in lines, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "formats/exchange.rs"]
mod exchange;

use exchange::{Site, inference};
use genspan::{ErrorType, FinishReason, Outcome, Part};

const CHAT: Site = Site {
    url: "https://api.cohere.com/v1/chat",
    folder: "cohere_chat_v1",
};
const REQUEST: &str = "request.json";
const JSON: &str = "application/json";

#[test]
fn a_chat_with_all_that_a_chat_may_have() {
    insta::assert_debug_snapshot!(CHAT.decode(REQUEST, "text.ndjson"));
}

#[test]
fn tools_are_called() {
    insta::assert_debug_snapshot!(
        inference(CHAT.decode(REQUEST, "tools.ndjson"))
            .content
            .output
    );
}

#[test]
fn secrets_of_connectors_are_not_kept() {
    let decoded = CHAT.decode(REQUEST, "text.json");
    assert!(!format!("{decoded:?}").contains("secret"));
}

#[test]
fn whole_answers_say_what_streamed_ones_say() {
    for name in ["text", "tools"] {
        let whole = CHAT.decode(REQUEST, &format!("{name}.json"));
        let streamed = CHAT.decode(REQUEST, &format!("{name}.ndjson"));
        assert_eq!(whole.outcome, Outcome::Completed);
        assert_eq!(streamed.outcome, whole.outcome);
        assert_eq!(inference(streamed), inference(whole), "{name}");
    }
}

/// Lines come labelled as a stream of JSON, as JSON, or in the events of an event stream.
#[test]
fn lines_are_read_under_another_label() {
    let lines = CHAT.fixture("tools.ndjson");
    let labelled = inference(CHAT.decode(REQUEST, "tools.ndjson"));
    for label in ["application/stream+json", JSON] {
        let decoded = CHAT.decode_as(REQUEST, 200, label, &lines);
        assert_eq!(inference(decoded), labelled, "{label}");
    }
    let events: String = String::from_utf8(lines)
        .unwrap()
        .lines()
        .map(|line| format!("data: {line}\n\n"))
        .collect();
    let decoded = CHAT.decode_as(REQUEST, 200, "text/event-stream", events.as_bytes());
    assert_eq!(inference(decoded), labelled);
}

#[test]
fn errors_are_told_in_coheres_words() {
    let body = CHAT.fixture("error.json");
    for (status, error_type) in [
        (400, ErrorType::InvalidRequest),
        (200, ErrorType::StreamError),
    ] {
        let decoded = CHAT.decode_as(REQUEST, status, JSON, &body);
        let Outcome::Failed(failure) = decoded.outcome else {
            panic!("not failed")
        };
        assert_eq!(failure.error_type, error_type);
        let words = "invalid request: message must be at least 1 token long";
        assert_eq!(failure.message.as_deref(), Some(words));
    }
    let decoded = CHAT.decode(REQUEST, "error_mid_stream.ndjson");
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("not failed")
    };
    assert_eq!(failure.error_type, ErrorType::ServerError);
    assert_eq!(failure.message.as_deref(), Some("the model went away"));
    let inference = inference(decoded);
    assert_eq!(inference.response.finish_reasons, ["ERROR"]);
    assert_eq!(inference.usage.output(), Some(8));
    assert_eq!(
        inference.content.output[0].parts,
        [Part::Text("Low".to_owned())]
    );
}

#[test]
fn a_stream_that_was_cut_gives_what_came() {
    let decoded = CHAT.decode(REQUEST, "truncated.ndjson");
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    let message = &inference(decoded).content.output[0];
    assert_eq!(message.finish_reason, Some(FinishReason::Error));
    insta::assert_debug_snapshot!(message.parts);
}

#[test]
fn odd_types_cost_only_their_own_field() {
    insta::assert_debug_snapshot!(CHAT.decode(REQUEST, "odd.ndjson").record.common());
    insta::assert_debug_snapshot!(inference(CHAT.decode(REQUEST, "odd.ndjson")).content.output);
}
