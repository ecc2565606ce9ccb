//! HTTP/2 with prior knowledge.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use testkit::provider::{Answer, Ending, Provider, Script, Step};

async fn client(provider: &Provider) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(provider.addr())
        .await
        .unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(body: &'static str) -> Request<Full<Bytes>> {
    Request::post("http://x/v1/chat/completions")
        .body(Full::from(body))
        .unwrap()
}

#[tokio::test]
async fn carries_scenarios() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let response = client(&provider)
        .await
        .send_request(request("{\"messages\":[]}"))
        .await
        .unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{"), "{body:?}");
    assert_eq!(provider.requests()[0].version, Version::HTTP_2);
}

#[tokio::test]
async fn carries_gates_and_trailers() {
    let steps = vec![
        Step::bytes("a"),
        Step::gate("g"),
        Step::bytes("b"),
        Step::trailers(&[("x-end", "1")]),
    ];
    let provider = Provider::start(Script::new().answer(Answer::stream(steps))).unwrap();
    let mut body = client(&provider)
        .await
        .send_request(request(""))
        .await
        .unwrap()
        .into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "a"
    );
    assert!(provider.reached("g").await);
    provider.release("g");
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "b"
    );
    let trailers = body
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_trailers()
        .unwrap();
    assert_eq!(trailers["x-end"], "1");
}

#[tokio::test]
async fn cuts_after_what_was_said() {
    let steps = vec![Step::bytes("a"), Step::Cut];
    let provider = Provider::start(
        Script::new()
            .answer(Answer::stream(steps))
            .answer(Answer::close()),
    )
    .unwrap();
    let mut sender = client(&provider).await;
    let mut body = sender.send_request(request("")).await.unwrap().into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "a"
    );
    assert!(body.frame().await.unwrap().is_err());
    assert_eq!(provider.ending(0).await, Some(Ending::Cut));
    assert!(sender.send_request(request("")).await.is_err());
}

#[tokio::test]
async fn sees_a_stream_reset_while_the_connection_stays() {
    let steps = vec![Step::bytes("a"), Step::gate("never"), Step::bytes("b")];
    let provider =
        Provider::start(Script::new().answer(Answer::stream(steps)).then_scenarios()).unwrap();
    let mut sender = client(&provider).await;
    let response = sender.send_request(request("")).await.unwrap();
    assert!(provider.reached("never").await);
    drop(response);
    assert!(provider.disconnected(0).await);
    assert_eq!(provider.ending(0).await, Some(Ending::PeerGone));
    assert!(
        sender
            .send_request(request("{}"))
            .await
            .unwrap()
            .status()
            .is_success()
    );
}
