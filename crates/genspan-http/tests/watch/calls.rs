//! A client that repeats by itself what fails, and a call that is opened round it.

use genspan::{ErrorType, SpanId};
use genspan_http::{LogicalCall, Recorded, RecorderOptions, set_marker};
use http::request::Parts;

use crate::{
    mock::{Mock, Reply, Script},
    rig::{CHUNKS, Rig, STREAM, ask, attempts, error_type},
};

fn head() -> Parts {
    ask().into_parts().0
}

fn call(rig: &Rig) -> LogicalCall {
    rig.recorder.call(&head()).unwrap()
}

fn good() -> Mock {
    Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))])
}

fn bad(status: u16) -> Mock {
    let said = Script::chunks([r#"{"error":{"message":"no","type":"x"}}"#]);
    Mock::new([Reply::answer(status, &[], said)])
}

#[tokio::test]
async fn a_refused_answer_that_is_kept_is_an_attempt_all_the_same() {
    for is_inline in [true, false] {
        let rig = Rig::with(RecorderOptions::default(), is_inline);
        let call = call(&rig);
        let scope = call.scope();
        // The client keeps it for the case that it gives up.
        let kept = scope.within(rig.call(&bad(500), ask())).await.unwrap();
        scope.within(rig.whole(&good(), ask())).await;
        call.answered();
        drop(kept);
        let span = rig.span();
        assert_eq!(error_type(&span), None);
        assert_eq!(attempts(&span), [r#"1 500 "server_error""#]);
    }
}

#[tokio::test]
async fn a_refused_answer_of_another_call_is_read_on() {
    let rig = Rig::new();
    let (one, other) = (call(&rig), call(&rig));
    let refused = one.scope().within(rig.call(&bad(500), ask())).await;
    other.scope().within(rig.whole(&good(), ask())).await;
    other.answered();
    let body = refused.unwrap().into_body();
    http_body_util::BodyExt::collect(body).await.unwrap();
    one.failed(ErrorType::Unknown);
    let spans = rig.settled();
    let messages: Vec<_> = spans
        .iter()
        .map(|span| span.signals.status_message.clone())
        .collect();
    assert_eq!(spans.len(), 2);
    assert!(messages.contains(&"no".to_owned()), "{messages:?}");
}

#[tokio::test]
async fn the_last_attempt_tells_what_a_failure_leaves_open() {
    for (said, expected) in [
        (ErrorType::Unknown, "rate_limited"),
        (ErrorType::Timeout, "timeout"),
    ] {
        let rig = Rig::new();
        let call = call(&rig);
        call.scope().within(rig.whole(&bad(429), ask())).await;
        call.failed(said);
        assert_eq!(error_type(&rig.span()).as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn a_failed_call_whose_body_asks_no_model_is_none() {
    // A server of somebody's own that has such a path for something else.
    let other = || {
        Mock::new([Reply::answer(
            404,
            &[("content-type", "application/json")],
            Script::chunks([r#"{"oops":1}"#]),
        )])
    };
    let asked = || {
        let (mut parts, _) = ask().into_parts();
        parts.uri = "https://shop.example/api/chat".parse().unwrap();
        http::Request::from_parts(parts, r#"{"rows":[1,2]}"#.into())
    };
    let rig = Rig::new();
    rig.whole(&other(), asked()).await;
    assert_eq!(rig.settled().len(), 0, "it asks no model");
    let rig = Rig::new();
    let call = rig.recorder.call(&asked().into_parts().0).unwrap();
    call.scope().within(rig.whole(&other(), asked())).await;
    call.failed(ErrorType::Unknown);
    assert_eq!(rig.settled().len(), 0);
}

#[tokio::test]
async fn what_says_itself_where_it_belongs_is_no_call() {
    let rig = Rig::new();
    let mut recorded = head();
    recorded.extensions.insert(Recorded);
    let mut scoped = head();
    scoped.extensions.insert(rig.telemetry.scope());
    let mut marked = head();
    set_marker(&mut marked.headers, SpanId([1; 8]));
    let mut elsewhere = head();
    elsewhere.uri = "http://api.openai.com/v1/models".parse().unwrap();
    for parts in [recorded, scoped, marked, elsewhere] {
        assert!(rig.recorder.call(&parts).is_none(), "{parts:?}");
    }
    let trusting = RecorderOptions {
        trusts_trace_headers: true,
        ..RecorderOptions::default()
    };
    let trusting = Rig::with(trusting, true);
    assert!(trusting.recorder.call(&head()).is_none());
    assert_eq!(rig.settled().len(), 0);
}
