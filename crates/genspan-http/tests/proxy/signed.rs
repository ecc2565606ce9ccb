//! Requests that are signed for AWS: what was signed goes on unchanged, or nothing does.

use genspan::semconv::attribute;
use genspan_http::proxy::Route;
use testkit::provider::{Provider, Script};
use testkit::sigv4::{Place, Signable, TEST_CREDENTIALS, authorization};

use crate::rig::{Listening, PREFIX};
use crate::tls;
use crate::wire::{Seen, Wire};

const PLACE: Place<'_> = Place {
    time: "20260102T030405Z",
    region: "eu-west-1",
    service: "bedrock",
};
const CONVERSE: &str = r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#;
const MESSAGES: &str = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hello"}]}"#;
const MODEL: &str = "/model/eu.anthropic.claude-sonnet-4-v1%3A0";

/// A scripted Bedrock, and a proxy that leads to it by all paths, and by those below a prefix.
struct Signed {
    provider: Provider,
    proxy: Listening,
}

impl Signed {
    async fn start() -> Self {
        let provider = Provider::start(Script::scenarios()).unwrap();
        let upstream = || provider.url().parse().unwrap();
        let proxy = Listening::with(upstream(), |builder| {
            builder
                .with_route(Route::new("", upstream()).unwrap())
                .with_allowed_host("bedrock-runtime.eu-west-1.amazonaws.com")
        })
        .await;
        Self { provider, proxy }
    }

    async fn ask(&self, request: &[u8]) -> Seen {
        let mut wire = Wire::open(self.proxy.addr).await;
        wire.send(request).await;
        wire.answer("POST").await
    }

    /// The host that the provider saw at its last request.
    fn host(&self) -> String {
        let requests = self.provider.requests();
        requests.last().unwrap().header("host").unwrap().to_owned()
    }
}

/// Signs a request with these headers beside `host`, and writes it.
fn signed(path: &str, host: &str, more: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut headers = vec![("Host", host), ("X-Amz-Date", PLACE.time)];
    headers.extend_from_slice(more);
    let request = Signable {
        method: "POST",
        path,
        body: body.as_bytes(),
    };
    let authorization = authorization(TEST_CREDENTIALS, PLACE, request, &headers);
    let mut text = format!("POST {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    text.push_str(&format!(
        "Authorization: {authorization}\r\nContent-Length: {length}\r\n\r\n{body}"
    ));
    text.into_bytes()
}

fn refusal(seen: &Seen) -> (&str, bool) {
    let is_ours = seen
        .headers
        .contains(&"x-genspan-error: signature_not_kept".to_owned());
    (&seen.status, is_ours)
}

#[tokio::test]
async fn signed_calls_are_accepted_byte_for_byte_and_each_is_one_span() {
    let rig = Signed::start().await;
    let host = rig.proxy.addr.to_string();
    let mut wire = Wire::open(rig.proxy.addr).await;
    for (operation, body) in [
        ("converse", CONVERSE),
        ("converse-stream", CONVERSE),
        ("invoke", MESSAGES),
        ("invoke-with-response-stream", MESSAGES),
    ] {
        let request = signed(&format!("{MODEL}/{operation}"), &host, &[], body);
        wire.send(&request).await;
        let proxied = wire.answer("POST").await;
        assert_eq!(rig.host(), host);
        let mut direct = Wire::open(rig.provider.addr()).await;
        direct.send(&request).await;
        assert_eq!(proxied, direct.answer("POST").await, "{operation}");
        assert_eq!(proxied.status, "HTTP/1.1 200 OK");
    }
    let spans = rig.proxy.spans().await;
    assert_eq!(spans.len(), 4);
    for span in &spans {
        assert_eq!(span.signals.name, "chat eu.anthropic.claude-sonnet-4-v1:0");
        let text = |key| format!("{:?}", span.signals.get(key));
        assert!(text(attribute::GEN_AI_PROVIDER_NAME).contains("aws.bedrock"));
        assert_eq!(
            text(attribute::GEN_AI_USAGE_OUTPUT_TOKENS),
            format!(
                "{:?}",
                spans[0].signals.get(attribute::GEN_AI_USAGE_OUTPUT_TOKENS)
            )
        );
        assert_ne!(text(attribute::GEN_AI_USAGE_OUTPUT_TOKENS), "None");
        assert!(text(attribute::GEN_AI_RESPONSE_FINISH_REASONS).contains("end_turn"));
        assert!(!span.signals.is_error);
    }
}

#[tokio::test]
async fn a_call_that_was_tampered_with_is_the_providers_to_refuse() {
    let rig = Signed::start().await;
    let host = rig.proxy.addr.to_string();
    let request = signed(&format!("{MODEL}/converse"), &host, &[], CONVERSE);
    let tampered = String::from_utf8(request)
        .unwrap()
        .replace("hello", "hallo");
    let seen = rig.ask(tampered.as_bytes()).await;
    assert_eq!(refusal(&seen), ("HTTP/1.1 403 Forbidden", false));
    let class = "x-amzn-errortype: InvalidSignatureException".to_owned();
    assert!(seen.headers.contains(&class), "{seen:?}");
    assert_eq!(rig.proxy.endings().await, ["authentication"]);
}

#[tokio::test]
async fn a_path_that_would_change_is_refused_with_the_reason() {
    let rig = Signed::start().await;
    let host = rig.proxy.addr.to_string();
    let path = format!("{PREFIX}{MODEL}/converse");
    let seen = rig.ask(&signed(&path, &host, &[], CONVERSE)).await;
    assert_eq!(refusal(&seen), ("HTTP/1.1 400 Bad Request", true));
    let class = "x-amzn-errortype: signature_not_kept".to_owned();
    assert!(seen.headers.contains(&class), "{seen:?}");
    insta::assert_snapshot!(seen.text(), @r#"{"type":"error","message":"genspan cannot pass on this request as it was signed (AWS Signature Version 4): the path would change on the way, and the provider would refuse the signature; lead signed requests by a route without a path, or use a bearer token (AWS_BEARER_TOKEN_BEDROCK), which signs nothing","error":{"type":"signature_not_kept","message":"genspan cannot pass on this request as it was signed (AWS Signature Version 4): the path would change on the way, and the provider would refuse the signature; lead signed requests by a route without a path, or use a bearer token (AWS_BEARER_TOKEN_BEDROCK), which signs nothing","param":null,"code":"signature_not_kept"}}"#);
    let query = format!("{path}?X-Amz-SignedHeaders=host&X-Amz-Signature=00");
    let request = format!("POST {query} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
    let seen = rig.ask(request.as_bytes()).await;
    assert_eq!(refusal(&seen), ("HTTP/1.1 400 Bad Request", true));
    assert!(rig.provider.requests().is_empty());
    assert_eq!(rig.proxy.spans().await.len(), 0);
}

#[tokio::test]
async fn a_header_of_the_connection_cannot_be_signed() {
    let rig = Signed::start().await;
    let host = rig.proxy.addr.to_string();
    let more = [("Connection", "x-hop"), ("X-Hop", "1")];
    let request = signed(&format!("{MODEL}/converse"), &host, &more, CONVERSE);
    let seen = rig.ask(&request).await;
    assert_eq!(refusal(&seen), ("HTTP/1.1 400 Bad Request", true));
    assert!(
        seen.text().contains("the header connection"),
        "{}",
        seen.text()
    );
    assert!(rig.provider.requests().is_empty());
}

#[tokio::test]
async fn the_providers_own_name_may_be_signed() {
    let rig = Signed::start().await;
    let host = "bedrock-runtime.eu-west-1.amazonaws.com";
    let request = signed(&format!("{MODEL}/converse"), host, &[], CONVERSE);
    assert_eq!(rig.ask(&request).await.status, "HTTP/1.1 200 OK");
    assert_eq!(rig.host(), host);
}

#[tokio::test]
async fn signed_trace_headers_stay_as_they_are() {
    let rig = Signed::start().await;
    let host = rig.proxy.addr.to_string();
    let state = "genspan=b7ad6b7169203331,other=1";
    let trace = [
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("tracestate", state),
    ];
    let request = signed(&format!("{MODEL}/converse"), &host, &trace, CONVERSE);
    assert_eq!(rig.ask(&request).await.status, "HTTP/1.1 200 OK");
    let seen = rig.provider.requests();
    assert_eq!(seen[0].header("tracestate"), Some(state));
    assert_eq!(rig.proxy.spans().await.len(), 0, "it is recorded already");
}

#[tokio::test]
async fn a_key_signs_nothing_and_goes_below_any_prefix() {
    let rig = Signed::start().await;
    let length = CONVERSE.len();
    let request = format!(
        "POST {PREFIX}{MODEL}/converse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer key\r\nContent-Length: {length}\r\n\r\n{CONVERSE}"
    );
    assert_eq!(rig.ask(request.as_bytes()).await.status, "HTTP/1.1 200 OK");
    assert_eq!(rig.host(), rig.provider.addr().to_string());
    assert_eq!(rig.proxy.endings().await, ["ok"]);
}

#[tokio::test]
async fn a_provider_behind_tls_is_reached_by_its_name_and_told_the_signed_one() {
    let (addr, told) = tls::provider(
        &["h2", "http/1.1"],
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    );
    let upstream = format!("https://localhost:{}{PREFIX}", addr.port());
    let proxy = Listening::with(upstream.parse().unwrap(), |builder| {
        builder.with_tls(tls::trusting(&[tls::CERTIFICATE]))
    })
    .await;
    let host = proxy.addr.to_string();
    let mut wire = Wire::open(proxy.addr).await;
    let path = format!("{PREFIX}{MODEL}/converse");
    wire.send(signed(&path, &host, &[], CONVERSE)).await;
    assert!(wire.answer("POST").await.is_whole);
    let told = tokio::task::spawn_blocking(|| told.join().unwrap()).await;
    let (protocol, head) = told.unwrap();
    assert_ne!(protocol.as_deref(), Some(&b"h2"[..]));
    assert!(head.contains(&format!("{host}\r\n")), "{head}");
    assert!(head.starts_with(&format!("POST {path} HTTP/1.1")), "{head}");
}
