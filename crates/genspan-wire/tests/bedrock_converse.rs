//! What Bedrock's Converse says, whole and streamed, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "bedrock/exchanges.rs"]
mod exchanges;

use exchanges::{
    DOCUMENT, EVENTS, answered, assert_same_in_pieces, assert_survives_damage, exchange, fixture,
    inference, shown, shown_request, untimed,
};
use genspan::{Diagnostic, ErrorType, Outcome, Part};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use testkit::event_stream::{event, exception};

const PAIRS: [&str; 5] = ["text", "tools", "reasoning", "grounding", "guardrail"];

fn waiting(operation: &str) -> Exchange {
    exchange(&format!("/model/eu.amazon.nova-lite-v1%3A0/{operation}"))
}

fn body(name: &str) -> Vec<u8> {
    fixture(&format!("bedrock_converse/{name}"))
}

fn whole(body: &[u8]) -> Decoded {
    answered(
        waiting("converse"),
        DOCUMENT,
        body,
        usize::MAX,
        End::Complete,
    )
}

fn streamed(body: &[u8]) -> Decoded {
    let waiting = waiting("converse-stream");
    answered(waiting, EVENTS, body, usize::MAX, End::Complete)
}

fn failure(decoded: &Decoded) -> ErrorType {
    match &decoded.outcome {
        Outcome::Failed(failure) => failure.error_type.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_streamed_answer_gives_what_the_whole_one_gives() {
    for name in PAIRS {
        let whole = whole(&body(&format!("{name}.json")));
        let streamed = streamed(&body(&format!("{name}.eventstream")));
        assert_eq!(untimed(&whole), untimed(&streamed), "{name}");
        assert!(inference(&streamed).request.stream && !inference(&whole).request.stream);
        insta::assert_snapshot!(name, shown(&whole));
    }
}

#[test]
fn every_split_of_a_stream_gives_the_same_and_damage_gives_a_record() {
    let odd = ["odd", "error_mid_stream", "truncated"];
    for name in PAIRS.iter().chain(&odd) {
        let body = body(&format!("{name}.eventstream"));
        assert_same_in_pieces(&waiting("converse-stream"), &body, name);
        assert_survives_damage(&waiting("converse-stream"), &body, name, 250);
    }
}

#[test]
fn a_request_is_read_with_all_its_blocks_and_settings() {
    let mut exchange = waiting("converse");
    exchange.request(&body("request.json"));
    insta::assert_snapshot!("request", shown_request(&exchange.finish(End::Cancelled)));
}

#[test]
fn odd_types_cost_their_own_field_only() {
    insta::assert_snapshot!("odd_whole", shown(&whole(&body("odd_types.json"))));
    insta::assert_snapshot!("odd_stream", shown(&streamed(&body("odd.eventstream"))));
}

#[test]
fn an_error_in_the_stream_is_the_calls() {
    let decoded = streamed(&body("error_mid_stream.eventstream"));
    assert_eq!(failure(&decoded), ErrorType::RateLimited);
    insta::assert_snapshot!("error_mid_stream", shown(&decoded));
    for (name, class) in [
        ("validationException", ErrorType::InvalidRequest),
        ("internalServerException", ErrorType::ServerError),
        ("serviceUnavailableException", ErrorType::ServerError),
        ("modelTimeoutException", ErrorType::Timeout),
        ("modelStreamErrorException", ErrorType::StreamError),
        ("newException", ErrorType::StreamError),
    ] {
        for payload in [r#"{"message":"why"}"#, "", "no json"] {
            let decoded = streamed(&exception(name, payload));
            assert_eq!(failure(&decoded), class, "{name} {payload}");
        }
    }
}

#[test]
fn an_answer_with_an_error_status_is_classed() {
    for (status, body, class) in [
        (429, r#"{"message":"slow down"}"#, ErrorType::RateLimited),
        (400, r#"{"message":"wrong"}"#, ErrorType::InvalidRequest),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#ThrottlingException","Message":"slow down"}"#,
            ErrorType::RateLimited,
        ),
        (
            403,
            r#"{"message":"The security token is expired"}"#,
            ErrorType::Authentication,
        ),
        (503, "", ErrorType::ServerError),
    ] {
        let mut exchange = waiting("converse-stream");
        exchange.response_head(status, Some(DOCUMENT));
        exchange.response(body.as_bytes(), Default::default());
        let decoded = exchange.finish(End::Complete);
        assert_eq!(failure(&decoded), class, "{status} {body}");
        let Outcome::Failed(failure) = &decoded.outcome else {
            panic!("{decoded:?}");
        };
        assert_eq!(failure.message.is_some(), !body.is_empty());
    }
}

#[test]
fn a_cut_stream_gives_what_was_vouched_for() {
    let decoded = streamed(&body("truncated.eventstream"));
    assert_eq!(failure(&decoded), ErrorType::Truncated);
    insta::assert_snapshot!("truncated", shown(&decoded));
    // The reason to stop was stated, so that only the counts are missing.
    let text = body("text.eventstream");
    let without_last = text.len() - 1;
    let decoded = answered(
        waiting("converse-stream"),
        EVENTS,
        &text[..without_last],
        usize::MAX,
        End::Broken,
    );
    assert_eq!(decoded.outcome, Outcome::Completed);
    assert_eq!(inference(&decoded).usage.input(), None);
}

#[test]
fn damage_is_told_and_the_rest_is_read() {
    let text = body("text.eventstream");
    // In the second message, the first piece of the text.
    let damaged_at = text.windows(4).position(|four| four == b"soft").unwrap();
    let mut damaged = text.clone();
    damaged[damaged_at] ^= 1;
    let decoded = streamed(&damaged);
    let record = inference(&decoded);
    assert_eq!(decoded.outcome, Outcome::Completed);
    assert_eq!(record.common.diagnostics, [Diagnostic::FrameUnreadable]);
    let parts = &record.content.output[0].parts;
    assert_eq!(*parts, [Part::Text("ly” on Zürich.".to_owned())]);
    assert_eq!(record.usage.output(), Some(7));
}

#[test]
fn a_stream_that_lost_bytes_on_our_side_has_not_failed() {
    let text = body("text.eventstream");
    let mut exchange = waiting("converse-stream");
    exchange.response_head(200, Some(EVENTS));
    exchange.response(&text[..300], Default::default());
    exchange.response_skipped();
    let decoded = exchange.finish(End::Complete);
    assert_eq!(decoded.outcome, Outcome::Completed);
    let diagnostics = inference(&decoded).common.diagnostics;
    assert_eq!(diagnostics, [Diagnostic::BytesSkipped]);
}

#[test]
fn a_caller_that_leaves_after_the_last_word_has_cancelled_nothing() {
    let text = body("text.eventstream");
    for (len, is_over) in [(text.len(), true), (text.len() - 1, false)] {
        let mut exchange = waiting("converse-stream");
        exchange.response_head(200, Some(EVENTS));
        exchange.response(&text[..len], Default::default());
        assert_eq!(exchange.is_terminal(), is_over);
    }
    let early = answered(
        waiting("converse-stream"),
        EVENTS,
        &text[..400],
        9,
        End::Cancelled,
    );
    assert_eq!(early.outcome, Outcome::Cancelled);
}

#[test]
fn an_unlabelled_stream_is_read_by_its_path() {
    let text = body("text.eventstream");
    let kind = "application/octet-stream";
    let waiting = waiting("converse-stream");
    let decoded = answered(waiting, kind, &text, 10, End::Complete);
    assert_eq!(untimed(&decoded), untimed(&streamed(&text)));
}

#[test]
fn the_path_names_the_model_however_it_is_written() {
    let profile = "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude";
    for (path, model) in [
        (
            "/model/amazon.nova-lite-v1%3A0/converse",
            "amazon.nova-lite-v1:0",
        ),
        (
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A111122223333%3Ainference-profile%2Feu.anthropic.claude/converse",
            profile,
        ),
        (
            "/below/model/arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude/converse-stream",
            profile,
        ),
    ] {
        let decoded = exchange(path).finish(End::Unreachable);
        let record = inference(&decoded);
        assert_eq!(record.request.model.as_deref(), Some(model));
        assert_eq!(record.provider.as_str(), "aws.bedrock");
    }
}

#[test]
fn what_is_no_inference_is_not_detected() {
    for (method, path) in [
        ("GET", "/model/m/converse"),
        ("POST", "/model/m/count-tokens"),
        ("POST", "/model//converse"),
        ("POST", "/model/m/converse/more"),
        ("POST", "/guardrail/g/version/1/apply"),
        ("POST", "/async-invoke"),
        ("POST", "/model/cohere.rerank-v3-5%3A0/invoke"),
        ("POST", "/model/stability.sd3-5-large-v1%3A0/invoke"),
    ] {
        let head = RequestHead {
            method,
            host: "bedrock-runtime.eu-west-1.amazonaws.com",
            port: None,
            path,
        };
        assert!(Exchange::detect(&head).is_none(), "{method} {path}");
    }
}

#[test]
fn many_blocks_cost_bounded_memory_and_are_told() {
    let mut exchange = waiting("converse-stream");
    exchange.response_head(200, Some(EVENTS));
    for index in 0..5_000 {
        let delta = format!(r#"{{"contentBlockIndex":{index},"delta":{{"text":"x"}}}}"#);
        exchange.response(&event("contentBlockDelta", &delta), Default::default());
    }
    let record = inference(&exchange.finish(End::Complete));
    assert_eq!(record.content.output[0].parts.len(), 4_096);
    assert_eq!(record.common.diagnostics, [Diagnostic::BodyTooLong]);
}
