//! Traffic stays as it is, and spans stand where they belong.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use genspan::{Provider, Server, SpanContext, SpanId};
use genspan_http::{Recorded, RecorderOptions, WatchedBody, set_marker};
use http::{HeaderMap, Request};
use http_body::Body;
use http_body_util::Full;

use crate::{
    mock::{Mock, Piece, Reply, Script},
    rig::{CHUNKS, QUESTION, Rig, STREAM, ask, ask_with, text},
};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const MARKED: &str = "vendor=1,genspan=00f067aa0ba902b7,other=2";

/// Polls a body to its end and writes down all that shows.
fn story<B>(mut body: B) -> Vec<String>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let mut story = Vec::new();
    for _ in 0..100 {
        story.push(format!(
            "{:?} end {}",
            body.size_hint(),
            body.is_end_stream()
        ));
        match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => story.push("pending".to_owned()),
            Poll::Ready(None) => story.push("none".to_owned()),
            Poll::Ready(Some(Err(error))) => story.push(error.to_string()),
            Poll::Ready(Some(Ok(frame))) => {
                story.push(format!("{:?} {:?}", frame.data_ref(), frame.trailers_ref()))
            }
        }
        if story
            .iter()
            .filter(|it| *it == "none" || *it == "pending")
            .count()
            > 1
        {
            break;
        }
    }
    story
}

#[tokio::test]
async fn bodies_are_the_same_with_and_without() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "1".parse().unwrap());
    let scripts = [
        Script::default(),
        Script::default().sized(),
        Script::chunks(CHUNKS),
        Script::chunks(CHUNKS).sized(),
        Script::chunks(CHUNKS).then(Piece::Trailers(trailers)),
        Script::chunks(["\u{0}\u{1}", "", "not json"]),
        Script::chunks(CHUNKS).then(Piece::Error),
        Script::chunks(&CHUNKS[..1]).then(Piece::Hang),
    ];
    for script in scripts {
        for path in ["/v1/chat/completions", "/elsewhere"] {
            for status in [200, 429, 500] {
                let rig = Rig::new();
                let mock = Mock::new([Reply::answer(
                    status,
                    &[("content-type", "text/event-stream"), ("x-a", "1")],
                    script.clone(),
                )]);
                let request = Request::post(format!("http://h{path}"))
                    .body(Full::from(QUESTION))
                    .unwrap();
                let response = rig.call(&mock, request).await.unwrap();
                assert_eq!(response.status(), status);
                assert_eq!(response.headers().len(), 2);
                assert_eq!(story(response.into_body()), story(script.clone()));
            }
        }
    }
}

#[tokio::test]
async fn requests_are_the_same_with_and_without() {
    let rig = Rig::new();
    let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
    let request = ask_with(&[
        ("authorization", "Bearer sk-canary"),
        ("tracestate", "vendor=1"),
    ]);
    let headers = request.headers().clone();
    rig.whole(&mock, request).await;
    let seen = mock.seen();
    assert_eq!(seen[0].headers(), &headers);
    assert_eq!(seen[0].body(), QUESTION);
    let span = rig.span();
    assert!(text(&span, "gen_ai.input.messages").contains("Hi"));
    assert!(!testkit::tree(&[span]).contains("canary"));
}

#[test]
fn request_body_keeps_its_shape() {
    let rig = Rig::new();
    let (parts, ()) = Request::post("http://h/v1/chat/completions")
        .body(())
        .unwrap()
        .into_parts();
    let watch = rig.recorder.watch(&parts).unwrap();
    let script = || Script::chunks(["a", "b"]).sized();
    assert_eq!(story(watch.request(script())), story(script()));
    assert_eq!(story(WatchedBody::unwatched(script())), story(script()));
}

#[tokio::test]
async fn other_endpoints_are_not_watched() {
    let rig = Rig::new();
    let mock = Mock::new([Reply::answer(200, &[], Script::default())]);
    let request = Request::post("https://api.openai.com/v1/files")
        .body(Full::from("x"))
        .unwrap();
    rig.whole(&mock, request).await;
    assert!(rig.settled().is_empty());
    assert!(rig.sink.starts().is_empty());
}

#[tokio::test]
async fn calls_that_are_recorded_already_are_not_watched() {
    for by_header in [true, false] {
        let rig = Rig::new();
        let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
        let mut request = ask();
        if by_header {
            request
                .headers_mut()
                .insert("tracestate", MARKED.parse().unwrap());
        } else {
            request.extensions_mut().insert(Recorded);
        }
        rig.whole(&mock, request).await;
        assert!(rig.settled().is_empty());
        let state = mock.seen()[0].headers().get("tracestate").cloned();
        assert_eq!(state.is_some(), by_header);
        assert!(state.is_none_or(|state| state == "vendor=1,other=2"));
    }
}

#[tokio::test]
async fn inner_layers_stand_silent() {
    let rig = Rig::new();
    let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
    rig.whole(&mock, ask()).await;
    assert!(mock.seen()[0].extensions().get::<Recorded>().is_some());
}

#[tokio::test]
async fn marker_of_one_layer_silences_the_next() {
    let rig = Rig::new();
    let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
    let mut request = ask();
    set_marker(request.headers_mut(), SpanId([1; 8]));
    rig.whole(&mock, request).await;
    assert!(rig.settled().is_empty());
    assert!(mock.seen()[0].headers().get("tracestate").is_none());
}

#[tokio::test]
async fn parents_come_from_where_they_are_trusted() {
    let named = SpanContext::from_traceparent(TRACEPARENT, None).unwrap();
    let current = SpanContext {
        span_id: SpanId([7; 8]),
        ..named.clone()
    };
    for (trusts_trace_headers, is_stated, expected) in [
        (
            true,
            false,
            Some(SpanId::from_hex("b7ad6b7169203331").unwrap()),
        ),
        (false, false, Some(SpanId([7; 8]))),
        (false, true, Some(SpanId([9; 8]))),
        (true, true, Some(SpanId([9; 8]))),
    ] {
        let rig = Rig::with(
            RecorderOptions {
                trusts_trace_headers,
                copies_small_chunks: true,
                ..RecorderOptions::default()
            },
            true,
        );
        let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
        let mut request = ask_with(&[("traceparent", TRACEPARENT)]);
        if is_stated {
            request.extensions_mut().insert(SpanContext {
                span_id: SpanId([9; 8]),
                ..named.clone()
            });
        }
        let attached = rig.telemetry.scope_under(current.clone()).enter();
        rig.whole(&mock, request).await;
        drop(attached);
        assert_eq!(rig.span().parent.map(|parent| parent.span_id), expected);
    }
}

#[tokio::test]
async fn extensions_name_server_and_provider() {
    let rig = Rig::new();
    let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
    let mut request = ask();
    *request.uri_mut() = "http://127.0.0.1:9/v1/chat/completions".parse().unwrap();
    request
        .extensions_mut()
        .insert(Server::new("llm.example", Some(443)));
    request.extensions_mut().insert(Provider::new("example"));
    rig.whole(&mock, request).await;
    let span = rig.span();
    assert_eq!(text(&span, "server.address"), "\"llm.example\"");
    assert_eq!(text(&span, "gen_ai.provider.name"), "\"example\"");
}

#[tokio::test]
async fn bytes_beyond_the_bound_are_passed_over_and_said() {
    let rig = Rig::with(
        RecorderOptions {
            max_waiting_bytes: 0,
            ..RecorderOptions::default()
        },
        true,
    );
    let mock = Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))]);
    assert_eq!(rig.whole(&mock, ask()).await, CHUNKS.concat());
    let span = rig.span();
    assert!(crate::rig::diagnostics(&span).contains("bytes_skipped"));
    let sent = QUESTION.len() + CHUNKS.concat().len();
    assert_eq!(rig.recorder.skipped_bytes(), sent as u64);
}

#[tokio::test]
async fn traffic_of_another_program_at_a_path_of_ollamas_leaves_no_span() {
    for (answer, is_recorded) in [
        (
            r#"{"model":"m","message":{"content":"Hi"},"done":true}"#,
            true,
        ),
        (r#"{"reply":"Hi"}"#, false),
    ] {
        let rig = Rig::new();
        let mock = Mock::new([Reply::answer(
            200,
            &[("content-type", "application/json")],
            Script::chunks([answer]),
        )]);
        let request = Request::post("https://shop.example/api/chat")
            .body(Full::from(r#"{"messages":[]}"#))
            .unwrap();
        assert_eq!(rig.whole(&mock, request).await, answer);
        assert_eq!(rig.settled().len(), usize::from(is_recorded), "{answer}");
    }
}
