//! A client that is no service and whose bodies are bytes.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use genspan::Server;
use genspan_http::{Classifier, End, MARKER, Recorded, RecorderOptions, Sending};
use http::{HeaderMap, Request, Response, StatusCode};

use crate::rig::{CHUNKS, QUESTION, Rig, STREAM, ask, error_type};

fn request() -> Request<Bytes> {
    ask().map(|_| Bytes::from(QUESTION))
}

fn sent(rig: &Rig) -> Sending {
    let (request, sending) = rig.recorder.sending(request());
    assert_eq!(request.body(), QUESTION);
    assert!(request.extensions().get::<Recorded>().is_some());
    sending
}

fn answer<S>(body: S) -> Response<S> {
    let (name, value) = STREAM[0];
    Response::builder().header(name, value).body(body).unwrap()
}

#[tokio::test]
async fn an_answer_is_read_to_its_end() {
    let rig = Rig::new();
    let pieces = stream::iter(CHUNKS.map(|chunk| Ok::<_, io::Error>(Bytes::from(chunk))));
    let read = sent(&rig).answered(answer(pieces)).into_body();
    let read: Vec<Bytes> = read.map(Result::unwrap).collect().await;
    assert_eq!(read, CHUNKS.map(Bytes::from));
    assert_eq!(error_type(&rig.span()), None);
}

#[tokio::test]
async fn what_the_client_says_of_its_errors_holds_before_an_answer_and_amid_it() {
    for (end, before, amid) in [
        (End::Timeout, "timeout", "timeout"),
        (End::Unreachable, "connectivity", "connection_lost"),
    ] {
        let classifier = move || Classifier::new(move |_: &io::Error| end);
        let rig = Rig::new();
        let error = io::Error::other("no");
        sent(&rig).with_classifier(classifier()).failed(&error);
        assert_eq!(error_type(&rig.span()).as_deref(), Some(before));

        let rig = Rig::new();
        let pieces = stream::iter([Ok(Bytes::from(CHUNKS[0])), Err(error)]);
        let sending = sent(&rig).with_classifier(classifier());
        let read = sending.answered(answer(pieces)).into_body();
        assert_eq!(read.count().await, 2);
        assert_eq!(error_type(&rig.span()).as_deref(), Some(amid));
    }
}

#[tokio::test]
async fn an_error_may_hold_the_whole_answer() {
    let rig = Rig::new();
    let said = Bytes::from(r#"{"error":{"message":"no","code":"insufficient_quota"}}"#);
    let status = StatusCode::TOO_MANY_REQUESTS;
    sent(&rig).refused(status, &HeaderMap::new(), &said);
    assert_eq!(error_type(&rig.span()).as_deref(), Some("rate_limited"));
    assert_eq!(rig.span().signals.status_message, "no");

    let rig = Rig::new();
    sent(&rig).refused(status, &HeaderMap::new(), &Bytes::new());
    assert_eq!(error_type(&rig.span()).as_deref(), Some("rate_limited"));
}

#[tokio::test]
async fn one_that_is_dropped_is_cancelled_and_one_that_concerns_nobody_is_none() {
    let rig = Rig::new();
    drop(sent(&rig));
    assert_eq!(error_type(&rig.span()).as_deref(), Some("cancelled"));

    let rig = Rig::new();
    let elsewhere = Request::post("https://example.com/")
        .body(Bytes::new())
        .unwrap();
    let (elsewhere, sending) = rig.recorder.sending(elsewhere);
    assert!(elsewhere.extensions().get::<Recorded>().is_none());
    let read = sending.answered(Response::new(stream::iter([Ok::<_, io::Error>(
        Bytes::new(),
    )])));
    assert_eq!(read.into_body().count().await, 1);
    assert!(rig.settled().is_empty());
}

#[tokio::test]
async fn a_recording_proxy_is_told() {
    let options = RecorderOptions {
        recording_proxies: vec![Server::new("api.openai.com", Some(443))],
        ..RecorderOptions::default()
    };
    let rig = Rig::with(options, true);
    let (request, sending) = rig.recorder.sending(request());
    let state = request.headers()["tracestate"].to_str().unwrap();
    assert!(state.starts_with(MARKER), "{state}");
    drop(sending);
}
