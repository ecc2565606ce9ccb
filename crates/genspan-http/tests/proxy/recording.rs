//! What is recorded of what goes through.

use genspan::Provider as Name;
use genspan::semconv::attribute;
use genspan_http::proxy::{Proxy, Route};
use testkit::provider::{Answer, Script};

use crate::rig::{Rig, Way, chat};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Asks for scenarios one after the other on one connection.
async fn ask(rig: &Rig, scenarios: &[&str], more: &str) {
    let (mut wire, base) = rig.open(Way::Proxied).await;
    for scenario in scenarios {
        wire.send(chat(base, &format!("X-Scripted: {scenario}\r\n{more}")))
            .await;
        assert!(wire.answer("POST").await.is_whole);
    }
}

#[tokio::test]
async fn a_call_is_a_span_below_the_clients() {
    let rig = Rig::start(Script::scenarios()).await;
    ask(&rig, &["text"], &format!("traceparent: {PARENT}\r\n")).await;
    assert_eq!(
        rig.provider.requests()[0].header("traceparent"),
        Some(PARENT),
        "it is the client's to send"
    );
    let port = rig.provider.addr().port();
    let span = rig.proxy.spans().await.remove(0);
    assert_eq!(span.parent.unwrap().to_traceparent(), PARENT);
    assert_eq!(span.signals.name, "chat gpt-test");
    let text = |key| format!("{:?}", span.signals.get(key));
    assert!(text(attribute::SERVER_ADDRESS).contains("127.0.0.1"));
    assert!(text(attribute::SERVER_PORT).contains(&port.to_string()));
    assert!(text(attribute::GEN_AI_PROVIDER_NAME).contains("openai"));
    assert_ne!(text(attribute::GEN_AI_USAGE_OUTPUT_TOKENS), "None");
}

#[tokio::test]
async fn a_call_that_is_recorded_already_is_not_recorded_again() {
    let rig = Rig::start(Script::scenarios()).await;
    ask(
        &rig,
        &["text"],
        &format!("traceparent: {PARENT}\r\ntracestate: genspan=b7ad6b7169203331\r\n"),
    )
    .await;
    assert_eq!(rig.provider.requests()[0].header("tracestate"), None);
    assert_eq!(rig.proxy.spans().await.len(), 0);
}

#[tokio::test]
async fn attempts_of_a_call_are_one_span() {
    let rig = Rig::start(Script::scenarios()).await;
    ask(&rig, &["retry-529:2"; 3], "").await;
    assert_eq!(rig.provider.requests().len(), 3);
    assert_eq!(rig.proxy.endings().await, ["ok"]);
}

#[tokio::test]
async fn what_calls_no_model_is_passed_on_and_not_recorded() {
    let rig = Rig::start(Script::new().then_always(Answer::whole(200, &[], "ok"))).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    for request in [
        "GET BASE/models",
        "HEAD BASE/api/hello",
        "POST BASE/messages/count_tokens?beta=true",
        "POST BASE/files",
    ] {
        let line = request.replace("BASE", base);
        wire.send(format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        assert_eq!(
            wire.answer(request.split(' ').next().unwrap()).await.status,
            "HTTP/1.1 200 OK"
        );
    }
    assert_eq!(rig.provider.requests().len(), 4);
    assert_eq!(rig.proxy.spans().await.len(), 0);
}

#[tokio::test]
async fn a_route_may_name_its_provider() {
    let provider = testkit::provider::Provider::start(Script::scenarios()).unwrap();
    let upstream = format!("{}/v1", provider.url()).parse().unwrap();
    let route = Route::new("/named", upstream)
        .unwrap()
        .with_provider(Name::new("in-house"));
    let proxy = crate::rig::Listening::with("http://127.0.0.1:9".parse().unwrap(), |builder| {
        builder.with_route(route)
    })
    .await;
    let mut wire = crate::wire::Wire::open(proxy.addr).await;
    wire.send(chat("/named", "")).await;
    assert!(wire.answer("POST").await.is_whole);
    let span = proxy.spans().await.remove(0);
    assert!(
        format!("{:?}", span.signals.get(attribute::GEN_AI_PROVIDER_NAME)).contains("in-house")
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let rig = Rig::start(Script::new()).await;
    let recorder = rig.proxy.recorder();
    let error = Proxy::builder(recorder)
        .bind(rig.proxy.addr)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
