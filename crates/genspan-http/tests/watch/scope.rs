//! Calls within scopes, and the client's work within the call.

use std::{
    future::{Ready, ready},
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use genspan::{Provider, Scope, SpanContext, semconv::attribute};
use genspan_http::{RecordLayer, WatchedBody};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    mock::{Mock, Reply, Script},
    rig::{CHUNKS, Rig, STREAM, ask, attempts, error_type, text},
};

fn answered() -> Mock {
    Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))])
}

#[tokio::test]
async fn the_span_that_is_current_where_call_is_called_is_the_parent() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("a");
    let mut client = rig.client(&answered());
    let calling = agent.scope().run(|| client.call(ask()));
    calling.await.unwrap().into_body().collect().await.unwrap();
    let parent = agent.context().clone();
    agent.finish();
    let spans = rig.settled();
    assert_eq!(spans[0].parent, Some(parent));
}

#[tokio::test]
async fn a_scope_that_a_request_carries_is_told_what_is_seen() {
    let rig = Rig::new();
    let call = rig.telemetry.chat(Provider::OPENAI, "my-model");
    let mut request = ask();
    request.extensions_mut().insert(call.scope());
    rig.whole(&answered(), request).await;
    call.finish();
    let span = rig.span();
    assert_eq!(span.signals.name, "chat my-model");
    assert_eq!(text(&span, attribute::GEN_AI_RESPONSE_ID), "\"c1\"");
}

#[tokio::test]
async fn equal_calls_in_different_traces_are_no_retries_of_each_other() {
    for is_one_trace in [true, false] {
        let rig = Rig::new();
        let mock = Mock::new([
            Reply::answer(429, &[], Script::default()),
            Reply::answer(200, &STREAM, Script::chunks(CHUNKS)),
        ]);
        let first = rig.telemetry.invoke_agent("first");
        let second = first.scope().run(|| rig.telemetry.invoke_agent("second"));
        let third = rig.telemetry.invoke_agent("third");
        let later = if is_one_trace { &second } else { &third };
        for agent in [&first, later] {
            agent.scope().within(rig.whole(&mock, ask())).await;
        }
        drop((first, second, third));
        let mut calls = rig.settled();
        calls.retain(|span| span.signals.name.starts_with("chat"));
        let seen: Vec<_> = calls
            .iter()
            .map(|span| (error_type(span), attempts(span).len()))
            .collect();
        let limited = Some("rate_limited".to_owned());
        let expected = if is_one_trace {
            vec![(None, 1)]
        } else {
            vec![(None, 0), (limited, 0)]
        };
        assert_eq!(seen, expected);
    }
}

/// A client that notes what is current when it works.
#[derive(Clone, Default)]
struct Probe(Arc<Mutex<Vec<Option<SpanContext>>>>);

impl Probe {
    fn note(&self) {
        let current = Scope::current().and_then(|scope| scope.context().cloned());
        self.0.lock().unwrap().push(current);
    }
}

impl Service<Request<WatchedBody<Full<Bytes>>>> for Probe {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Noting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<WatchedBody<Full<Bytes>>>) -> Noting {
        self.note();
        Noting(self.clone(), ready(Ok(Response::new(Full::from("{}")))))
    }
}

struct Noting(Probe, Ready<Result<Response<Full<Bytes>>, io::Error>>);

impl Future for Noting {
    type Output = Result<Response<Full<Bytes>>, io::Error>;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.note();
        std::pin::Pin::new(&mut self.1).poll(cx)
    }
}

#[tokio::test]
async fn the_clients_work_is_done_within_the_call() {
    let rig = Rig::new();
    let probe = Probe::default();
    let mut client = RecordLayer::new(rig.recorder.clone()).layer(probe.clone());
    let response = client.call(ask()).await.unwrap();
    assert!(Scope::current().is_none());
    response.into_body().collect().await.unwrap();
    let call = Some(rig.span().context);
    assert_eq!(*probe.0.lock().unwrap(), [call.clone(), call]);
    let elsewhere = Request::get("http://h.example/").body(Full::default());
    client.call(elsewhere.unwrap()).await.unwrap();
    assert_eq!(probe.0.lock().unwrap()[2..], [None, None]);
}
