//! What the proxy answers itself.

use testkit::provider::{Answer, Provider, Script};

use crate::rig::{Listening, PREFIX};
use crate::wire::{Seen, Wire};

/// Sends a head to a proxy that allows a host and an origin; whatever reaches its provider is answered with 200.
async fn answer(head: &str) -> Seen {
    let provider =
        Provider::start(Script::new().then_always(Answer::whole(200, &[], "provider"))).unwrap();
    let upstream = format!("{}/v1", provider.url()).parse().unwrap();
    let proxy = Listening::with(upstream, |builder| {
        builder
            .with_allowed_host("genspan.internal")
            .with_allowed_origin("https://app.example")
    })
    .await;
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(
        head.replace("BASE", PREFIX)
            .replace("ADDR", &proxy.addr.to_string()),
    )
    .await;
    let seen = wire.answer(head.split(' ').next().unwrap()).await;
    assert_eq!(provider.requests().is_empty(), seen.text() != "provider");
    seen
}

async fn refused(head: &str) -> String {
    let seen = answer(head).await;
    assert!(
        seen.headers
            .contains(&"content-type: application/json".to_owned())
    );
    let word = seen
        .headers
        .iter()
        .find_map(|line| line.strip_prefix("x-genspan-error: "))
        .unwrap();
    assert!(seen.text().contains(&format!(r#""code":"{word}""#)));
    assert!(!seen.text().contains("s3cr3t"), "the prefix is a secret");
    format!("{}\n{}", seen.status, seen.text())
}

#[tokio::test]
async fn unknown_paths_are_told_what_to_do() {
    let text =
        refused("POST /v1/chat/completions HTTP/1.1\r\nHost: ADDR\r\nContent-Length: 2\r\n\r\n{}")
            .await;
    insta::assert_snapshot!(text, @r#"
    HTTP/1.1 404 Not Found
    {"type":"error","error":{"type":"route_not_found","message":"genspan has no route for this path: set the client's base URL to the whole address that genspan printed, its path included; it may change with every start","param":null,"code":"route_not_found"}}
    "#);
    for path in [
        "/",
        "/s3cr3t",
        "/s3cr3t/openaix/v1",
        "/s3cr3t/OPENAI",
        "//s3cr3t/openai",
        "/s3cr3t/%6fpenai",
        "/x/../s3cr3t/openai",
    ] {
        let text = refused(&format!("GET {path} HTTP/1.1\r\nHost: ADDR\r\n\r\n")).await;
        assert!(text.starts_with("HTTP/1.1 404"), "{path}");
    }
    assert!(
        refused("OPTIONS * HTTP/1.1\r\nHost: ADDR\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 404")
    );
}

#[tokio::test]
async fn only_known_hosts_are_answered_for() {
    for host in ["ADDR", "localhost:80", "GENSPAN.internal:4000", "[::1]:80"] {
        assert_eq!(
            answer(&format!("GET BASE/x HTTP/1.1\r\nHost: {host}\r\n\r\n"))
                .await
                .text(),
            "provider",
            "{host}"
        );
    }
    assert_eq!(
        answer("GET http://ADDRBASE/x HTTP/1.1\r\nHost: ADDR\r\n\r\n")
            .await
            .text(),
        "provider"
    );
    let text = refused("GET BASE/x HTTP/1.1\r\nHost: rebound.example\r\n\r\n").await;
    insta::assert_snapshot!(text, @r#"
    HTTP/1.1 403 Forbidden
    {"type":"error","error":{"type":"host_not_allowed","message":"genspan was asked for a host that is not its own: set the client's base URL to the address that genspan printed, or allow this host name when genspan is started","param":null,"code":"host_not_allowed"}}
    "#);
    for head in [
        "GET http://api.openai.com/v1/models HTTP/1.1\r\nHost: api.openai.com\r\n\r\n",
        "GET http://other.exampleBASE/x HTTP/1.1\r\nHost: ADDR\r\n\r\n",
    ] {
        assert!(refused(head).await.starts_with("HTTP/1.1 403"), "{head}");
    }
}

#[tokio::test]
async fn browsers_need_leave() {
    let from = |origin| {
        format!(
            "POST BASE/x HTTP/1.1\r\nHost: ADDR\r\nOrigin: {origin}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    assert_eq!(
        answer(&from("https://app.example")).await.text(),
        "provider"
    );
    insta::assert_snapshot!(refused(&from("https://evil.example")).await, @r#"
    HTTP/1.1 403 Forbidden
    {"type":"error","error":{"type":"origin_not_allowed","message":"genspan does not serve pages in a browser: allow this origin when genspan is started, if the page is yours","param":null,"code":"origin_not_allowed"}}
    "#);
    assert!(refused(&from("null")).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn it_is_no_proxy_for_connections() {
    insta::assert_snapshot!(refused("CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n").await, @r#"
    HTTP/1.1 405 Method Not Allowed
    {"type":"error","error":{"type":"method_not_allowed","message":"genspan passes on requests to the providers it was started with and is no proxy for CONNECT: set the client's base URL to the address that genspan printed, and unset HTTP_PROXY and HTTPS_PROXY","param":null,"code":"method_not_allowed"}}
    "#);
}
