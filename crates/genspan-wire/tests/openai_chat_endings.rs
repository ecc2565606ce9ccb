//! How chat completions end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{Diagnostic, ErrorType, Failure, FinishReason, Outcome, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const BEGUN: &str =
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const FINISHED: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const WHOLE: &str = r#"{"id":"1","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#;

fn exchange(status: Option<u16>, content_type: &str, body: &str) -> Exchange {
    let head = RequestHead {
        method: "POST",
        host: "localhost",
        port: Some(8080),
        path: "/v1/chat/completions",
    };
    let mut exchange = Exchange::detect(&head).unwrap();
    if let Some(status) = status {
        exchange.response_head(status, Some(content_type));
        exchange.response(body.as_bytes(), Timestamp::default());
    }
    exchange
}

fn stream(events: &[&str], end: End) -> Decoded {
    exchange(Some(200), "text/event-stream", &events.concat()).finish(end)
}

fn failed(error_type: ErrorType) -> Outcome {
    Outcome::Failed(error_type.into())
}

#[test]
fn the_last_word_or_a_stated_finish_reason_decides() {
    let endings = [
        (End::Complete, failed(ErrorType::Truncated)),
        (End::Broken, failed(ErrorType::ConnectionLost)),
        (End::Cancelled, Outcome::Cancelled),
        (End::Timeout, failed(ErrorType::Timeout)),
    ];
    for (end, unfinished) in endings {
        assert_eq!(stream(&[], end).outcome, unfinished);
        assert_eq!(stream(&[BEGUN], end).outcome, unfinished);
        for events in [
            &[BEGUN, FINISHED][..],
            &[BEGUN, DONE],
            &[BEGUN, FINISHED, DONE],
        ] {
            assert_eq!(
                stream(events, end).outcome,
                Outcome::Completed,
                "{events:?} {end:?}"
            );
        }
        for (body, outcome) in [
            (WHOLE, Outcome::Completed),
            (WHOLE.strip_suffix('}').unwrap(), unfinished),
        ] {
            assert_eq!(
                exchange(Some(200), "application/json", body)
                    .finish(end)
                    .outcome,
                outcome,
                "{body}"
            );
        }
    }
}

#[test]
fn without_a_response_the_connection_tells() {
    for (end, outcome) in [
        (End::Unreachable, failed(ErrorType::Connectivity)),
        (End::LostBeforeHeaders, failed(ErrorType::ConnectionLost)),
        (End::Timeout, failed(ErrorType::Timeout)),
        (End::Cancelled, Outcome::Cancelled),
    ] {
        assert_eq!(exchange(None, "", "").finish(end).outcome, outcome);
    }
}

#[test]
fn an_error_status_is_a_failure_by_the_providers_word_or_the_status() {
    for (status, body, error_type, message) in [
        (
            429,
            r#"{"error":{"message":"Slow down","type":"tokens","code":"rate_limit_exceeded"}}"#,
            ErrorType::RateLimited,
            Some("Slow down"),
        ),
        (
            400,
            r#"{"error":{"message":"Too long","code":"context_length_exceeded"}}"#,
            ErrorType::InvalidRequest,
            Some("Too long"),
        ),
        (
            401,
            r#"{"error":{"message":"No key","type":"invalid_request_error","code":null}}"#,
            ErrorType::Authentication,
            Some("No key"),
        ),
        (
            403,
            r#"{"error":"No such key"}"#,
            ErrorType::Authentication,
            Some("No such key"),
        ),
        (
            422,
            r#"{"detail":[{"loc":["body"]}]}"#,
            ErrorType::InvalidRequest,
            Some(r#"[{"loc":["body"]}]"#),
        ),
        (
            400,
            r#"{"object":"error","message":"Bad model","type":"invalid_model","code":"1500"}"#,
            ErrorType::InvalidRequest,
            Some("Bad model"),
        ),
        (
            400,
            "data: {\"error\":{\"message\":\"Late\"}}\n\n",
            ErrorType::InvalidRequest,
            Some("Late"),
        ),
        (
            502,
            "<h1>Bad gateway</h1>",
            ErrorType::ServerError,
            Some("<h1>Bad gateway</h1>"),
        ),
        (
            401,
            r#"{"error":{"message":"cut of"#,
            ErrorType::Authentication,
            Some("cut of"),
        ),
        (503, "", ErrorType::ServerError, None),
    ] {
        for end in [End::Complete, End::Broken, End::Cancelled] {
            let found = exchange(Some(status), "application/json", body)
                .finish(end)
                .outcome;
            let failure = Failure::new(error_type.clone()).with_status(status);
            let failure = Failure {
                message: message.map(str::to_owned),
                ..failure
            };
            assert_eq!(found, Outcome::Failed(failure), "{body}");
        }
    }
}

#[test]
fn an_error_inside_a_good_answer_is_a_failure() {
    for (event, error_type, message) in [
        (
            "data: {\"error\":{\"message\":\"Fell over\",\"type\":\"odd\"}}\n\n",
            ErrorType::StreamError,
            "Fell over",
        ),
        (
            "data: {\"error\":{\"message\":\"Full\",\"code\":\"server_error\"}}\n\n",
            ErrorType::ServerError,
            "Full",
        ),
        (
            "data: {\"choices\":[],\"error\":{\"code\":429,\"message\":\"Busy\"}}\n\n",
            ErrorType::RateLimited,
            "Busy",
        ),
        (
            "event: error\ndata: {\"message\":\"Gone\"}\n\n",
            ErrorType::StreamError,
            "Gone",
        ),
        (
            "event: error\ndata: overload\n\n",
            ErrorType::StreamError,
            "overload",
        ),
    ] {
        let failure = Failure::new(error_type).with_message(message);
        for events in [
            &[BEGUN, event][..],
            &[event, DONE],
            &[BEGUN, event, FINISHED, DONE],
        ] {
            assert_eq!(
                stream(events, End::Complete).outcome,
                Outcome::Failed(failure.clone()),
                "{events:?}"
            );
        }
    }
    let whole = exchange(
        Some(200),
        "application/json",
        r#"{"error":{"message":"Sorry","type":"server_error"}}"#,
    );
    let failure = Failure::new(ErrorType::ServerError).with_message("Sorry");
    assert_eq!(
        whole.finish(End::Complete).outcome,
        Outcome::Failed(failure)
    );
}

#[test]
fn an_answer_that_cannot_be_read_is_told_and_no_failure_is_invented() {
    let decoded = exchange(Some(200), "text/html", "<p>welcome</p>").finish(End::Complete);
    assert_eq!(decoded.outcome, Outcome::Completed);
    assert_eq!(
        decoded.record.common().diagnostics,
        [Diagnostic::ResponseUnreadable]
    );
    let broken = exchange(Some(200), "text/html", "<p>welcome</p>").finish(End::Broken);
    assert_eq!(broken.outcome, failed(ErrorType::ConnectionLost));
}

#[test]
fn blanks_that_keep_a_connection_alive_are_no_answer() {
    let decoded = exchange(Some(200), "application/json", "\n\n  \n").finish(End::Complete);
    assert_eq!(decoded.outcome, failed(ErrorType::Truncated));
    assert_eq!(decoded.record.common().diagnostics, []);
}

#[test]
fn a_document_may_call_itself_an_error() {
    let body = r#"{"object":"error","message":"Model is loading","type":"server_error"}"#;
    let failure = Failure::new(ErrorType::ServerError).with_message("Model is loading");
    let outcome = exchange(Some(200), "application/json", body)
        .finish(End::Complete)
        .outcome;
    assert_eq!(outcome, Outcome::Failed(failure));
}

#[test]
fn the_last_word_is_known_when_it_comes() {
    let is_terminal =
        |events: &[&str]| exchange(Some(200), "text/event-stream", &events.concat()).is_terminal();
    assert!(!is_terminal(&[BEGUN, FINISHED]), "the usage may follow");
    assert!(is_terminal(&[BEGUN, FINISHED, DONE]));
}

/// Gives why the only message of an answer ended.
fn reason(decoded: &Decoded) -> Option<FinishReason> {
    let Record::Inference(inference) = &decoded.record else {
        panic!("{decoded:?}");
    };
    let [message] = &inference.content.output[..] else {
        panic!("{decoded:?}");
    };
    message.finish_reason.clone()
}

#[test]
fn a_message_that_was_cut_off_is_in_error_and_one_that_was_not_says_what_was_stated() {
    let stopped = Some(FinishReason::Stop);
    for end in [End::Complete, End::Broken, End::Cancelled, End::Timeout] {
        let cut = reason(&stream(&[BEGUN], end));
        assert_eq!(cut, Some(FinishReason::Error), "{end:?}");
        assert_eq!(reason(&stream(&[BEGUN, FINISHED], end)), stopped);
        assert_eq!(reason(&stream(&[BEGUN, DONE], end)), None);
        let body = WHOLE.strip_suffix(r#","finish_reason":"stop"}]}"#).unwrap();
        let cut = exchange(Some(200), "application/json", body).finish(end);
        assert_eq!(reason(&cut), Some(FinishReason::Error), "{end:?}");
        let unstated = exchange(Some(200), "application/json", &format!("{body}}}]}}"));
        assert_eq!(reason(&unstated.finish(end)), None);
    }
}
