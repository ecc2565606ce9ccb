//! The traffic is the program's own.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use genspan::{Provider, semconv::attribute};
use genspan_http::reqwest_0_13::Recorded;
use reqwest_0_13::{Body, Client, Request, Response};
use testkit::provider::{Answer, Script};
use tower_service::Service;

use crate::{
    fronts::{Front, Read, ask},
    rig::{Ask, Rig, Told, error_type},
};

#[tokio::test]
async fn responses_are_as_they_would_be_without() {
    for scenario in [
        "text",
        "tools",
        "one-byte",
        "huge:2",
        "error-429",
        "cut-midstream",
    ] {
        for it in [Ask::chat(scenario), Ask::streamed(scenario)] {
            let rig = Rig::scenarios();
            let mut plain = ask(Front::Plain, &rig, &it, Read::All).await.unwrap();
            assert_eq!(plain.remote.take(), Some(rig.provider.addr()));
            for front in Front::RECORDED {
                let told = ask(front, &rig, &it, Read::All).await.unwrap();
                assert_eq!(told.remote, Some(rig.provider.addr()), "{front:?}");
                let told = Told {
                    remote: None,
                    ..told
                };
                assert_eq!(told, plain, "{front:?} {scenario}");
            }
            let asked = rig.provider.requests();
            for other in &asked[1..] {
                assert_eq!(
                    (&other.body, &other.headers),
                    (&asked[0].body, &asked[0].headers)
                );
            }
            assert!(!rig.spans().is_empty());
        }
    }
}

#[tokio::test]
async fn errors_and_time_outs_are_the_clients_own() {
    for (scenario, timeout, word) in [
        ("cut-before-headers", None, "connection_lost"),
        ("hang", Some(Duration::from_millis(1)), "timeout"),
    ] {
        let it = Ask {
            timeout,
            ..Ask::chat(scenario)
        };
        for front in Front::RECORDED {
            let rig = Rig::scenarios();
            let plain = ask(Front::Plain, &rig, &it, Read::All).await.unwrap_err();
            let told = ask(front, &rig, &it, Read::All).await.unwrap_err();
            assert_eq!(told, plain, "{front:?}");
            assert_eq!(error_type(&rig.span()).as_deref(), Some(word), "{front:?}");
        }
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/v1/chat/completions",
        closed.local_addr().unwrap()
    );
    drop(closed);
    let rig = Rig::scenarios();
    let client = Recorded::new(Client::new(), rig.recorder.clone());
    let request = client.inner().post(url).build().unwrap();
    assert!(client.execute(request).await.unwrap_err().is_connect());
    assert_eq!(error_type(&rig.span()).as_deref(), Some("connectivity"));
}

#[tokio::test]
async fn redirects_are_followed_with_the_body() {
    let elsewhere = [("location", "/v1/chat/completions?there")];
    for front in Front::RECORDED {
        let script = Script::new().answer(Answer::whole(307, &elsewhere, ""));
        let rig = Rig::new(script.then_scenarios());
        let it = Ask::chat("text");
        let told = ask(front, &rig, &it, Read::All).await.unwrap();
        assert!(told.url.ends_with("?there"), "{}", told.url);
        assert_eq!(rig.provider.requests()[1].body, it.body);
        assert_eq!(error_type(&rig.span()), None);
    }
}

/// A client that keeps what it is asked and answers nothing.
#[derive(Clone, Default)]
struct Probe(Arc<Mutex<Vec<Request>>>);

impl Service<Request> for Probe {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.0.lock().unwrap().push(request);
        ready(Ok(http::Response::new("{}").into()))
    }
}

fn post(body: impl Into<Body>) -> Request {
    let url = "https://user:pass@api.openai.com/v1/chat/completions?a=%20#f";
    let mut request = Request::new(http::Method::POST, url.parse().unwrap());
    *request.body_mut() = Some(body.into());
    *request.timeout_mut() = Some(Duration::from_secs(7));
    *request.version_mut() = http::Version::HTTP_2;
    request
}

#[tokio::test]
async fn requests_reach_the_client_as_they_were_and_uncopied() {
    let rig = Rig::scenarios();
    let probe = Probe::default();
    let mut client = Recorded::new(probe.clone(), rig.recorder.clone());
    let body = Bytes::from(Ask::chat("text").body);
    client.call(post(body.clone())).await.unwrap();
    let seen = probe.0.lock().unwrap().remove(0);
    assert_eq!(
        seen.body().unwrap().as_bytes().unwrap().as_ptr(),
        body.as_ptr()
    );
    assert_eq!(seen.url(), post("").url());
    assert_eq!(
        (seen.timeout(), seen.version()),
        (post("").timeout(), http::Version::HTTP_2)
    );
    assert_eq!(seen.headers().len(), 0);
    let span = rig.span();
    assert!(
        format!("{:?}", span.signals.get(attribute::GEN_AI_INPUT_MESSAGES))
            .contains("How are you?")
    );
}

#[tokio::test]
async fn streamed_requests_are_read_on_their_way() {
    let rig = Rig::scenarios();
    let client = Recorded::new(Client::new(), rig.recorder.clone());
    let body = Ask::chat("text").body;
    let (one, other) = body.split_at(20);
    let pieces = [one.to_owned(), other.to_owned()].map(Ok::<_, Infallible>);
    let url = format!("{}/v1/chat/completions", rig.provider.url());
    let request = client
        .inner()
        .post(url)
        .body(Body::wrap_stream(stream::iter(pieces)));
    client
        .execute(request.build().unwrap())
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(rig.provider.requests()[0].body, body);
    assert_eq!(rig.span().signals.name, "chat gpt-test");
}

#[tokio::test]
async fn extensions_say_more() {
    let rig = Rig::scenarios();
    let mut client = Recorded::new(Probe::default(), rig.recorder.clone());
    let named = http::Request::post("https://h.example/v1/chat/completions")
        .extension(Provider::new("in-house"))
        .body("{}")
        .unwrap();
    client.call(named.try_into().unwrap()).await.unwrap();
    let span = rig.span();
    assert_eq!(
        span.signals
            .get(attribute::GEN_AI_PROVIDER_NAME)
            .and_then(genspan::Value::as_str),
        Some("in-house")
    );
}

#[tokio::test]
async fn a_marker_is_taken_off_and_obeyed() {
    let rig = Rig::scenarios();
    let probe = Probe::default();
    let mut client = Recorded::new(probe.clone(), rig.recorder.clone());
    let mut request = post("{}");
    let span = genspan::SpanId::from_hex("00f067aa0ba902b7").unwrap();
    genspan_http::set_marker(request.headers_mut(), span);
    client.call(request).await.unwrap();
    assert_eq!(probe.0.lock().unwrap()[0].headers().len(), 0);
    assert_eq!(rig.spans().len(), 0);
}
