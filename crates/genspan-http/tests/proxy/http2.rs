//! HTTP/2 on either side.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use testkit::provider::{Answer, Provider, Script, Step};
use tokio::net::TcpStream;

use crate::rig::{Listening, PREFIX, QUESTION, Rig, Way, chat};

/// A body of frames that are all there.
struct Frames(VecDeque<Frame<Bytes>>);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

fn whole(text: &'static str) -> Frames {
    Frames([Frame::data(Bytes::from(text))].into())
}

fn header_map(list: &[(&'static str, &'static str)]) -> HeaderMap {
    list.iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}

async fn client(proxy: &Listening) -> SendRequest<Frames> {
    let stream = TcpStream::connect(proxy.addr).await.unwrap();
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

fn ask(proxy: &Listening, path: &str, body: Frames) -> Request<Frames> {
    Request::post(format!("http://{}{PREFIX}{path}", proxy.addr))
        .body(body)
        .unwrap()
}

async fn prior_knowledge(script: Script) -> Rig {
    let provider = Provider::start(script).unwrap();
    let upstream = format!("{}/v1", provider.url())
        .parse::<genspan_http::proxy::Upstream>()
        .unwrap();
    Rig {
        provider,
        proxy: Listening::before(upstream.with_prior_knowledge()).await,
    }
}

/// Asks over HTTP/2, and sends and expects trailers.
async fn speaks(rig: Rig, version: Version) {
    let mut client = client(&rig.proxy).await;
    let frames = [
        Frame::data(Bytes::from("abc")),
        Frame::trailers(header_map(&[("x-sum", "6")])),
    ];
    let mut request = ask(&rig.proxy, "/f?x", Frames(frames.into()));
    *request.headers_mut() = header_map(&[
        ("te", "trailers"),
        ("trailer", "x-sum"),
        ("x-a", "1"),
        ("x-a", "2"),
    ]);
    let response = client.send_request(request).await.unwrap();
    assert_eq!(
        response.headers(),
        &header_map(&[("trailer", "x-cost"), ("x-b", "3"), ("x-b", "4")])
    );
    let answer = response.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers(), Some(&header_map(&[("x-cost", "3")])));
    assert_eq!(answer.to_bytes(), "answer");
    let asked = rig.provider.requests().remove(0);
    assert_eq!(
        (asked.version, asked.path.as_str(), &asked.body[..]),
        (version, "/v1/f?x", &b"abc"[..])
    );
    assert_eq!(asked.trailers, [("x-sum".to_owned(), Bytes::from("6"))]);
    drop(client);
    drop(rig.proxy.spans().await);
}

fn with_trailers() -> Script {
    let headers = [("trailer", "x-cost"), ("x-b", "3"), ("x-b", "4")];
    Script::new().answer(Answer::streamed(
        200,
        &headers,
        vec![Step::bytes("answer"), Step::trailers(&[("x-cost", "3")])],
    ))
}

#[tokio::test]
async fn clients_may_speak_it() {
    speaks(Rig::start(with_trailers()).await, Version::HTTP_11).await;
}

#[tokio::test]
async fn providers_may_speak_it() {
    speaks(prior_knowledge(with_trailers()).await, Version::HTTP_2).await;
}

#[tokio::test]
async fn either_side_may_speak_it_alone() {
    let rig = prior_knowledge(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "Connection: keep-alive\r\n")).await;
    let seen = wire.answer("POST").await;
    assert_eq!(seen.status, "HTTP/1.1 200 OK");
    assert!(seen.is_whole && seen.text().ends_with("data: [DONE]\n\n"));
    wire.send(chat(base, "X-Scripted: cut-midstream:2\r\n"))
        .await;
    let seen = wire.answer("POST").await;
    assert_eq!(
        (seen.is_whole, seen.text().matches("data: ").count()),
        (false, 2)
    );
    drop(wire);
    let endings = rig.proxy.endings().await;
    assert_eq!((endings.len(), endings[0].as_str()), (2, "ok"));
    assert_ne!(endings[1], "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_cut_is_reset_after_what_came() {
    let rig = Rig::start(Script::scenarios()).await;
    let mut client = client(&rig.proxy).await;
    for chunks in 0..4 {
        let mut request = ask(&rig.proxy, "/chat/completions", whole(QUESTION));
        request.headers_mut().insert(
            "x-scripted",
            format!("cut-midstream:{chunks}").parse().unwrap(),
        );
        let mut body = client.send_request(request).await.unwrap().into_body();
        let mut text = String::new();
        let error = loop {
            match body
                .frame()
                .await
                .expect("a cut stream must not look whole")
            {
                Ok(frame) => text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap()),
                Err(error) => break error,
            }
        };
        assert!(!error.is_closed(), "the connection goes on");
        assert_eq!(text.matches("data: ").count(), chunks);
    }
    let mut request = ask(&rig.proxy, "/chat/completions", whole(QUESTION));
    request
        .headers_mut()
        .insert("x-scripted", "cut-before-headers".parse().unwrap());
    client.send_request(request).await.unwrap_err();
    drop(client);
    assert_eq!(rig.proxy.spans().await.len(), 5);
}

#[tokio::test]
async fn a_stream_that_the_client_resets_is_cancelled() {
    let rig = Rig::start(Script::scenarios()).await;
    let mut client = client(&rig.proxy).await;
    let mut request = ask(&rig.proxy, "/chat/completions", whole(QUESTION));
    request
        .headers_mut()
        .insert("x-scripted", "hang".parse().unwrap());
    let waiting = tokio::spawn(client.send_request(request));
    assert!(rig.provider.reached("hang").await);
    waiting.abort();
    assert!(rig.provider.disconnected(0).await);
    drop(client);
    assert_eq!(rig.proxy.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn a_thousand_streams_flow_at_once() {
    const STREAMS: usize = 1_000;
    let rig =
        Rig::start(Script::new().then_always(Answer::whole(200, &[], "{}").after("all"))).await;
    let client = client(&rig.proxy).await;
    let mut tasks = Vec::new();
    for _ in 0..STREAMS {
        let request = ask(&rig.proxy, "/chat/completions", whole(QUESTION));
        let mut client = client.clone();
        tasks.push(tokio::spawn(async move {
            let response = client.send_request(request).await.unwrap();
            (
                response.status(),
                response.into_body().collect().await.unwrap().to_bytes(),
            )
        }));
    }
    assert!(
        rig.provider.asked(STREAMS).await,
        "a stream waited for another"
    );
    rig.provider.release("all");
    for task in tasks {
        assert_eq!(task.await.unwrap(), (StatusCode::OK, Bytes::from("{}")));
    }
    drop(client);
    assert_eq!(rig.proxy.spans().await.len(), STREAMS);
}
