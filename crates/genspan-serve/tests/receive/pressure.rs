//! What senders are told when the keeper is not well, and that nothing is told to be kept that is not.

use std::time::Duration;

use genspan_serve::TroubleKind;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Endpoint};
use tonic_prost::ProstCodec;

use crate::call::send;
use crate::keeper::{Keeper, Mood};
use crate::payload::{SIGNALS, span, traces};
use crate::running::{Running, options};

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn export(
    running: &Running,
    request: ExportTraceServiceRequest,
) -> Result<ExportTraceServiceResponse, Status> {
    let endpoint = Endpoint::from_shared(format!("http://{}", running.at.grpc)).unwrap();
    let mut client = Grpc::new(endpoint.connect().await.unwrap());
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static(SIGNALS[0].method);
    let codec = ProstCodec::<ExportTraceServiceRequest, ExportTraceServiceResponse>::default();
    let response = client
        .unary(tonic::Request::new(request), path, codec)
        .await?;
    Ok(response.into_inner())
}

#[tokio::test]
async fn troubles_are_told_so_that_senders_do_the_right_thing() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    for (mood, status, retry_after, code) in [
        (
            Mood::Trouble(TroubleKind::Busy, "busy"),
            503,
            Some("1"),
            Code::Unavailable,
        ),
        (
            Mood::Trouble(TroubleKind::Full, "disk full"),
            503,
            Some("30"),
            Code::Unavailable,
        ),
        (
            Mood::Trouble(TroubleKind::Broken, "damaged"),
            500,
            None,
            Code::Internal,
        ),
        (Mood::Panics, 500, None, Code::Internal),
    ] {
        keeper.set(mood.clone());
        let answer = send(running.at.http, "POST /v1/traces", &[PROTOBUF], &traces()).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (status, retry_after),
            "{mood:?}"
        );
        let refused = export(&running, span("a")).await.unwrap_err();
        assert_eq!(refused.code(), code, "{mood:?}");
        // `RetryInfo` is what tells an outage from a refusal.
        assert_eq!(
            !refused.details().is_empty(),
            retry_after.is_some(),
            "{mood:?}"
        );
        if let Mood::Trouble(_, said) = mood {
            assert!(refused.message().contains(said), "{}", refused.message());
        }
    }
    assert!(keeper.kept().is_empty());
    keeper.set(Mood::Well);
    assert!(
        export(&running, span("a"))
            .await
            .unwrap()
            .partial_success
            .is_none()
    );
    assert_eq!(keeper.kept().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn what_was_kept_in_part_is_told_in_numbers() {
    let keeper = Keeper::with(Mood::Picky(2, "no trace id"));
    let running = Running::new(keeper).await;
    let response = export(&running, span("a")).await.unwrap();
    let partial = response.partial_success.unwrap();
    assert_eq!(
        (partial.rejected_spans, partial.error_message.as_str()),
        (2, "no trace id")
    );
    for (signal, member) in
        SIGNALS
            .iter()
            .zip(["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"])
    {
        let line = format!("POST {}", signal.path);
        let answer = send(running.at.http, &line, &[JSON], signal.json.as_bytes()).await;
        let want =
            format!(r#"{{"partialSuccess":{{"{member}":"2","errorMessage":"no trace id"}}}}"#);
        assert_eq!((answer.status, answer.text()), (200, want));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_may_be_under_way_is_asked_to_come_later() {
    let keeper = Keeper::new();
    let mut options = options();
    options.limits.in_flight_bytes = 1_000;
    let running = Running::with(keeper.clone(), options).await;
    let large = span(&"x".repeat(600));
    keeper.hold(true);
    let first = tokio::spawn({
        let (at, body) = (running.at.http, prost::Message::encode_to_vec(&large));
        async move { send(at, "POST /v1/traces", &[PROTOBUF], &body).await }
    });
    let held = keeper.clone();
    tokio::task::spawn_blocking(move || held.wait_for_held(1))
        .await
        .unwrap();
    let second = send(
        running.at.http,
        "POST /v1/traces",
        &[PROTOBUF],
        &prost::Message::encode_to_vec(&large),
    )
    .await;
    assert_eq!(
        (second.status, second.header("retry-after")),
        (429, Some("1"))
    );
    let refused = export(&running, large.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(!refused.details().is_empty());
    // What is small still goes, and nothing was told to be kept.
    assert!(!first.is_finished() && keeper.kept().is_empty());
    keeper.hold(false);
    assert_eq!(first.await.unwrap().status, 200);
    assert!(export(&running, large).await.is_ok());
    assert_eq!(keeper.kept().len(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_keeper_is_waited_for_with_patience_and_no_longer() {
    let keeper = Keeper::new();
    let mut options = options();
    options.limits.ingesting = 1;
    options.limits.patience = Duration::from_millis(20);
    let running = Running::with(keeper.clone(), options).await;
    keeper.hold(true);
    let first = tokio::spawn({
        let at = running.at.http;
        async move { send(at, "POST /v1/traces", &[PROTOBUF], &traces()).await }
    });
    let held = keeper.clone();
    tokio::task::spawn_blocking(move || held.wait_for_held(1))
        .await
        .unwrap();
    let second = send(running.at.http, "POST /v1/traces", &[PROTOBUF], &traces()).await;
    assert_eq!(second.status, 503);
    assert_eq!(
        export(&running, span("a")).await.unwrap_err().code(),
        Code::Unavailable
    );
    keeper.hold(false);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(keeper.kept().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_is_acknowledged_before_the_end() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let at = running.at;
    keeper.hold(true);
    let begun =
        tokio::spawn(async move { send(at.http, "POST /v1/traces", &[PROTOBUF], &traces()).await });
    let held = keeper.clone();
    tokio::task::spawn_blocking(move || held.wait_for_held(1))
        .await
        .unwrap();
    let stopping = tokio::spawn(running.stop());
    // Nobody listens any more, though the request is not answered yet.
    while tokio::net::TcpStream::connect(at.http).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    keeper.hold(false);
    assert_eq!(begun.await.unwrap().status, 200);
    assert!(stopping.await.unwrap());
}
