//! One logical call is one span.

use std::{io, time::Duration};

use bytes::Bytes;
use genspan::semconv::attribute;
use genspan_http::{ClientId, RecorderOptions};
use http::Request;
use http_body_util::Full;

use crate::{
    mock::{Mock, Reply, Script},
    rig::{CHUNKS, Rig, STREAM, ask, ask_with, attempts, error_type, text},
};

const COUNT: &str = "x-stainless-retry-count";

fn good() -> Reply {
    Reply::answer(200, &STREAM, Script::chunks(CHUNKS))
}

fn bad(status: u16) -> Reply {
    bad_with(status, &[])
}

fn bad_with(status: u16, headers: &[(&str, &str)]) -> Reply {
    Reply::answer(
        status,
        headers,
        Script::chunks([r#"{"error":{"message":"no","type":"x"}}"#]),
    )
}

fn counted(count: &str) -> Request<Full<Bytes>> {
    ask_with(&[(COUNT, count)])
}

fn asking(body: &'static str) -> Request<Full<Bytes>> {
    ask().map(|_| Full::from(body))
}

/// Makes the calls one after the other.
async fn run(rig: &Rig, calls: Vec<(Request<Full<Bytes>>, Reply)>) {
    for (request, reply) in calls {
        let mock = Mock::new([reply]);
        if let Ok(response) = rig.call(&mock, request).await {
            drop(http_body_util::BodyExt::collect(response.into_body()).await);
        }
    }
}

/// Makes the calls and gives for each span its error and its attempts.
async fn spans(calls: Vec<(Request<Full<Bytes>>, Reply)>) -> Vec<(Option<String>, Vec<String>)> {
    let rig = Rig::new();
    run(&rig, calls).await;
    rig.settled()
        .iter()
        .map(|span| (error_type(span), attempts(span)))
        .collect()
}

#[tokio::test]
async fn counted_retries_join_the_first_attempt() {
    let rig = Rig::new();
    let calls = vec![
        (counted("0"), bad(529)),
        (counted("1"), bad(429)),
        (counted("2"), good()),
    ];
    let before = rig.telemetry.now();
    run(&rig, calls).await;
    // It is recorded at once, not when the window ends.
    assert_eq!(rig.ended().len(), 1);
    let span = rig.span();
    assert_eq!(error_type(&span), None);
    assert_eq!(
        attempts(&span),
        ["1 529 \"server_error\"", "2 429 \"rate_limited\""]
    );
    assert_eq!(text(&span, attribute::GENSPAN_ATTEMPTS), "3");
    assert_eq!(span.context.span_id.0, 1_u64.to_be_bytes());
    assert!(span.started.since(before) < Duration::from_millis(10));
    assert_eq!(
        text(&span, attribute::GEN_AI_RESPONSE_MODEL),
        "\"gpt-4o-1\""
    );
}

#[tokio::test]
async fn uncounted_equal_requests_join_after_a_retryable_error() {
    assert_eq!(
        spans(vec![(ask(), bad(503)), (ask(), good())]).await,
        [(None, vec!["1 503 \"server_error\"".to_owned()])]
    );
    assert_eq!(
        spans(vec![
            (ask(), Reply::Fail(io::ErrorKind::ConnectionRefused)),
            (ask(), good())
        ])
        .await,
        [(None, vec!["1 - \"connectivity\"".to_owned()])]
    );
}

#[tokio::test]
async fn calls_that_fail_to_the_last_are_failures_with_all_attempts() {
    assert_eq!(
        spans(vec![(counted("0"), bad(500)), (counted("1"), bad(429))]).await,
        [(
            Some("rate_limited".to_owned()),
            vec![
                "1 500 \"server_error\"".to_owned(),
                "2 429 \"rate_limited\"".to_owned()
            ]
        )]
    );
    assert_eq!(
        spans(vec![(counted("0"), bad(500)), (counted("1"), bad(401))]).await,
        [(
            Some("authentication".to_owned()),
            vec![
                "1 500 \"server_error\"".to_owned(),
                "2 401 \"authentication\"".to_owned()
            ]
        )]
    );
}

#[tokio::test]
async fn what_is_no_retry_stays_a_call_of_its_own() {
    let cases = [
        // A count of 0 begins a call, whatever the body.
        vec![(counted("0"), bad(500)), (counted("0"), good())],
        // Another request.
        vec![
            (ask(), bad(500)),
            (asking(r#"{"model":"gpt-4o","messages":[]}"#), good()),
        ],
        // Nothing to retry.
        vec![(ask(), good()), (ask(), good())],
        vec![(ask(), bad(400)), (ask(), good())],
        vec![
            (ask(), bad_with(429, &[("x-should-retry", "false")])),
            (ask(), good()),
        ],
        // A client that counts is not one that does not.
        vec![(ask(), bad(500)), (counted("1"), good())],
    ];
    for (case, calls) in cases.into_iter().enumerate() {
        let spans = spans(calls).await;
        assert_eq!(spans.len(), 2, "case {case}");
        assert!(
            spans.iter().all(|(_, attempts)| attempts.is_empty()),
            "case {case}"
        );
    }
}

#[tokio::test]
async fn clients_are_told_apart() {
    let of = |client| {
        let mut request = ask();
        request.extensions_mut().insert(ClientId(client));
        request
    };
    assert_eq!(
        spans(vec![(of(1), bad(500)), (of(2), good())]).await.len(),
        2
    );
    assert_eq!(
        spans(vec![(of(1), bad(500)), (of(1), good())]).await.len(),
        1
    );
}

#[tokio::test]
async fn equal_ids_join_whatever_the_body() {
    let of =
        |id, body: &'static str| ask_with(&[("idempotency-key", id)]).map(|_| Full::from(body));
    assert_eq!(
        spans(vec![(of("a", "{}"), bad(500)), (of("a", "[]"), good())])
            .await
            .len(),
        1
    );
    assert_eq!(
        spans(vec![(of("a", "{}"), bad(500)), (of("b", "[]"), good())])
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn interleaved_calls_keep_their_attempts() {
    let rig = Rig::new();
    let of = |count, body: &'static str| counted(count).map(|_| Full::from(body));
    let calls = vec![
        (of("0", r#"{"model":"a"}"#), bad(500)),
        (of("0", r#"{"model":"b"}"#), bad(429)),
        (of("1", r#"{"model":"a"}"#), good()),
        (of("1", r#"{"model":"b"}"#), good()),
    ];
    run(&rig, calls).await;
    let seen: Vec<_> = rig
        .ended()
        .iter()
        .map(|span| {
            (
                text(span, attribute::GEN_AI_REQUEST_MODEL),
                attempts(span).concat(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("\"a\"".to_owned(), "1 500 \"server_error\"".to_owned()),
            ("\"b\"".to_owned(), "1 429 \"rate_limited\"".to_owned())
        ]
    );
}

#[tokio::test]
async fn a_window_without_a_retry_closes_with_the_end_of_the_attempt() {
    let rig = Rig::new();
    run(&rig, vec![(ask(), bad(500))]).await;
    assert!(rig.ended().is_empty());
    rig.clock.advance(Duration::from_secs(59));
    rig.recorder.tick();
    assert!(rig.ended().is_empty());
    rig.clock.advance(Duration::from_secs(2));
    rig.recorder.tick();
    let spans = rig.ended();
    assert_eq!(spans.len(), 1);
    assert_eq!(error_type(&spans[0]).as_deref(), Some("server_error"));
    assert!(spans[0].ended.since(spans[0].started) < Duration::from_secs(1));
    // Too late: a call of its own.
    run(&rig, vec![(ask(), good())]).await;
    assert_eq!(rig.ended().len(), 2);
}

#[tokio::test]
async fn the_next_exchange_closes_what_is_over() {
    let rig = Rig::new();
    run(&rig, vec![(ask(), bad(500))]).await;
    rig.clock.advance(Duration::from_secs(61));
    run(&rig, vec![(asking("{}"), good())]).await;
    assert_eq!(rig.ended().len(), 2);
}

#[tokio::test]
async fn the_providers_wish_prolongs_the_window() {
    let rig = Rig::new();
    run(
        &rig,
        vec![(counted("0"), bad_with(429, &[("retry-after", "90")]))],
    )
    .await;
    rig.clock.advance(Duration::from_secs(95));
    run(&rig, vec![(counted("1"), good())]).await;
    assert_eq!(rig.settled().len(), 1);
}

#[tokio::test]
async fn held_attempts_are_bounded() {
    let rig = Rig::with(
        RecorderOptions {
            max_held: 1,
            ..RecorderOptions::default()
        },
        true,
    );
    run(
        &rig,
        vec![(asking("{}"), bad(500)), (asking("[]"), bad(500))],
    )
    .await;
    assert_eq!(rig.ended().len(), 1);
    assert_eq!(rig.settled().len(), 2);
}

#[tokio::test]
async fn a_client_that_gives_up_and_counts_on_is_joined() {
    let rig = Rig::new();
    let mut client = rig.client(&Mock::new([Reply::Hang]));
    drop(tower_service::Service::call(&mut client, counted("0")));
    // The request's body was never read: nothing tells that the next one is its retry.
    run(&rig, vec![(counted("1"), good())]).await;
    assert_eq!(rig.settled().len(), 2);
}

#[tokio::test]
async fn a_client_that_times_out_amid_the_wait_is_joined() {
    use std::{pin::pin, task};
    let rig = Rig::new();
    let mut client = rig.client(&Mock::new([Reply::Hang]));
    {
        let mut future = pin!(tower_service::Service::call(&mut client, counted("0")));
        let mut context = task::Context::from_waker(task::Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    run(&rig, vec![(counted("1"), good())]).await;
    let span = rig.span();
    assert_eq!(
        (error_type(&span), attempts(&span)),
        (None, vec!["1 - \"cancelled\"".to_owned()])
    );
}

#[tokio::test]
async fn an_error_body_that_nobody_reads_is_an_attempt_all_the_same() {
    let rig = Rig::new();
    let mock = Mock::new([bad(429)]);
    let first = rig.call(&mock, counted("0")).await.unwrap();
    drop(first);
    run(&rig, vec![(counted("1"), good())]).await;
    assert_eq!(attempts(&rig.span()), ["1 429 \"rate_limited\""]);
}

#[tokio::test]
async fn an_attempt_that_ends_after_its_retry_began_is_joined() {
    let rig = Rig::new();
    let first = rig
        .call(&Mock::new([bad(429)]), counted("0"))
        .await
        .unwrap();
    let second = rig.call(&Mock::new([good()]), counted("1")).await.unwrap();
    drop(first);
    drop(http_body_util::BodyExt::collect(second.into_body()).await);
    assert_eq!(attempts(&rig.span()), ["1 429 \"rate_limited\""]);
}

#[tokio::test]
async fn shutdown_without_settling_still_ends_what_is_held() {
    let rig = Rig::new();
    run(&rig, vec![(ask(), bad(500))]).await;
    let _ = rig.telemetry.shutdown(crate::rig::LIMIT);
    assert_eq!(rig.sink.spans().len(), 1);
    assert!(rig.recorder.settle(crate::rig::LIMIT));
    assert_eq!(rig.sink.spans().len(), 1);
}
