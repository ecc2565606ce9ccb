//! The layer round a real client, against the scripted provider.

use bytes::Bytes;
use genspan::semconv::attribute;
use genspan_http::{RecordLayer, RecordService, RecorderOptions, WatchedBody};
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use testkit::provider::{Provider, Script};
use tower_layer::Layer;
use tower_service::Service;

use crate::rig::{LIMIT, Rig, attempts, error_type, text};

type Real = RecordService<Client<HttpConnector, WatchedBody<Full<Bytes>>>>;

/// Watches on the worker's thread, as applications do.
fn rig() -> Rig {
    Rig::with(RecorderOptions::default(), false)
}

fn client(rig: &Rig, is_h2: bool) -> Real {
    let client = Client::builder(TokioExecutor::new())
        .http2_only(is_h2)
        .build_http();
    RecordLayer::new(rig.recorder.clone()).layer(client)
}

fn request(provider: &Provider, path: &str, scenario: &str, count: u32) -> Request<Full<Bytes>> {
    let body = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"How are you?"}]}"#;
    Request::post(format!("{}{path}", provider.url()))
        .header("content-type", "application/json")
        .header("x-scripted", scenario)
        .header("x-stainless-retry-count", count)
        .body(Full::from(body))
        .unwrap()
}

#[tokio::test]
async fn scenarios_end_as_they_should() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    for path in ["/v1/chat/completions", "/v1/messages"] {
        for is_h2 in [false, true] {
            for (scenario, expected) in [
                ("text", None),
                ("one-byte", None),
                ("pings", None),
                ("reasoning", None),
                ("error-400", Some("invalid_request")),
                ("error-401", Some("authentication")),
                ("error-429", Some("rate_limited")),
                ("error-midstream", Some("server_error")),
                ("cut-midstream", Some("connection_lost")),
                ("cut-before-headers", Some("connection_lost")),
            ] {
                let rig = rig();
                let mut client = client(&rig, is_h2);
                if let Ok(response) = client.call(request(&provider, path, scenario, 0)).await {
                    assert_eq!(
                        response.version(),
                        if is_h2 {
                            Version::HTTP_2
                        } else {
                            Version::HTTP_11
                        }
                    );
                    drop(response.into_body().collect().await);
                }
                let span = rig.span();
                assert_eq!(
                    error_type(&span).as_deref(),
                    expected,
                    "{path} {scenario}, HTTP/2: {is_h2}"
                );
                if expected.is_none() {
                    assert_ne!(
                        text(&span, attribute::GEN_AI_USAGE_OUTPUT_TOKENS),
                        "",
                        "{path} {scenario}"
                    );
                    assert!(
                        text(&span, attribute::GEN_AI_OUTPUT_MESSAGES).contains("How are you?")
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn bytes_are_the_same_as_without_the_layer() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    for scenario in ["text", "tools", "one-byte", "huge:2", "error-529"] {
        let rig = rig();
        let mut with = client(&rig, false);
        let without = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let watched = with
            .call(request(&provider, "/v1/messages", scenario, 0))
            .await
            .unwrap();
        let plain = without
            .request(request(&provider, "/v1/messages", scenario, 0))
            .await
            .unwrap();
        assert_eq!(watched.status(), plain.status());
        let names =
            |headers: &http::HeaderMap| headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(watched.headers()), names(plain.headers()));
        let watched = watched.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            watched,
            plain.into_body().collect().await.unwrap().to_bytes(),
            "{scenario}"
        );
        rig.span();
        let asked = provider.requests();
        let [.., one, other] = asked.as_slice() else {
            panic!("two requests")
        };
        assert_eq!(
            (&one.body, one.headers.len()),
            (&other.body, other.headers.len())
        );
    }
}

#[tokio::test]
async fn retries_over_the_wire_are_one_span() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let rig = rig();
    let mut client = client(&rig, false);
    for count in 0..2 {
        let response = client
            .call(request(&provider, "/v1/messages", "retry-529", count))
            .await
            .unwrap();
        response.into_body().collect().await.unwrap();
    }
    let span = rig.span();
    assert_eq!(
        (error_type(&span), attempts(&span)),
        (None, vec!["1 529 \"server_error\"".to_owned()])
    );
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let rig = rig();
    let request = Request::post(format!("http://{closed}/v1/chat/completions"))
        .body(Full::from(Bytes::from("{}")))
        .unwrap();
    client(&rig, false).call(request).await.unwrap_err();
    assert_eq!(error_type(&rig.span()).as_deref(), Some("connectivity"));
}

#[tokio::test]
async fn a_client_that_leaves_cancels() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let rig = rig();
    let mut client = client(&rig, false);
    let call = tokio::spawn(client.call(request(&provider, "/v1/messages", "hang", 0)));
    assert!(provider.reached("hang").await);
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    provider.release("hang");
    assert!(rig.recorder.settle(LIMIT));
    assert_eq!(error_type(&rig.span()).as_deref(), Some("cancelled"));
}
