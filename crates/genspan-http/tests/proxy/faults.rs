//! Whoever breaks off, the other side sees what it would see without the proxy, and one span says so.

use std::net::TcpListener;

use testkit::provider::{Ending, Script};

use crate::rig::{Listening, PREFIX, Rig, Way, chat};
use crate::wire::{RawProvider, Seen, Wire};

/// Asks for a scenario, without the proxy and with it, and gives what was seen both times, and how the call was recorded.
async fn cut(scenario: &str) -> (Seen, Vec<String>) {
    let rig = Rig::start(Script::scenarios()).await;
    let mut seen = Vec::new();
    for way in Way::BOTH {
        let (mut wire, base) = rig.open(way).await;
        wire.send(chat(base, &format!("X-Scripted: {scenario}\r\n")))
            .await;
        seen.push(wire.answer("POST").await);
    }
    assert_eq!(seen[0], seen[1], "{scenario}");
    assert_eq!(rig.provider.requests().len(), 2, "nothing was asked twice");
    (seen.remove(1), rig.proxy.endings().await)
}

#[tokio::test]
async fn a_provider_that_closes_before_its_headers() {
    let (seen, endings) = cut("cut-before-headers").await;
    assert_eq!(seen, Seen::default());
    assert_eq!(endings, ["connection_lost"]);
}

#[tokio::test]
async fn a_provider_that_closes_at_any_chunk() {
    for chunk in 0..6 {
        let (seen, endings) = cut(&format!("cut-midstream:{chunk}")).await;
        assert!(!seen.is_whole);
        assert_eq!(seen.text().matches("data: ").count(), chunk, "{seen:?}");
        assert_eq!(endings.len(), 1);
        // The fourth chunk states the finish reason, and with it the answer is complete.
        assert_eq!(endings == ["ok"], chunk > 3, "{chunk} {endings:?}");
    }
}

#[tokio::test]
async fn a_provider_that_closes_before_the_last_chunk() {
    let (seen, endings) = cut("cut-before-last").await;
    assert!(!seen.is_whole && !seen.text().contains("[DONE]"));
    assert_eq!(endings.len(), 1);
}

#[tokio::test]
async fn a_provider_that_fails_in_its_stream() {
    let (seen, endings) = cut("error-midstream").await;
    assert!(seen.is_whole);
    assert_eq!(endings.len(), 1);
    assert_ne!(endings, ["ok"]);
}

#[tokio::test]
async fn a_stream_that_ends_well() {
    for scenario in ["text", "one-byte", "pings", "huge:1"] {
        let (seen, endings) = cut(scenario).await;
        assert!(seen.is_whole && seen.text().contains("data: [DONE]\n\n"));
        assert_eq!(endings, ["ok"]);
    }
}

/// Lets a provider read the head of a chat request, send these bytes and close.
async fn sends(bytes: &[u8]) -> ([Seen; 2], Vec<String>) {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut seen = Vec::new();
    for (addr, base) in [(provider.addr, "/v1"), (proxy.addr, PREFIX)] {
        let mut client = Wire::open(addr).await;
        client.send(chat(base, "TE: trailers\r\n")).await;
        let mut asked = provider.accept().await;
        asked.until("]}").await;
        asked.send(bytes).await;
        drop(asked);
        seen.push(client.answer("POST").await);
    }
    (seen.try_into().unwrap(), proxy.endings().await)
}

#[tokio::test]
async fn a_provider_that_closes_in_its_trailers() {
    let head = "HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = format!("{head}4\r\nabcd\r\n0\r\nx-sum: 1");
    let ([direct, proxied], endings) = sends(answer.as_bytes()).await;
    assert_eq!(direct, proxied);
    assert_eq!((proxied.text().as_str(), proxied.is_whole), ("abcd", false));
    assert_eq!(endings.len(), 1);
}

#[tokio::test]
async fn a_provider_that_closes_in_its_head_or_after_it() {
    let ([direct, proxied], endings) = sends(b"HTTP/1.1 200 OK\r\nContent-").await;
    assert_eq!((direct, proxied), (Seen::default(), Seen::default()));
    assert_eq!(endings, ["connection_lost"]);

    let ([direct, proxied], endings) = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").await;
    assert_eq!(direct, proxied);
    assert!(!proxied.is_whole && proxied.status == "HTTP/1.1 200 OK");
    assert_eq!(endings.len(), 1);
}

#[tokio::test]
async fn answers_that_hyper_would_change() {
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let unchanged = "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: x\r\n\r\n";
    let [direct, proxied] = sends(unchanged.as_bytes()).await.0;
    assert_eq!(direct, proxied);
    assert_eq!(proxied.headers, ["Content-Length: 9", "ETag: x"]);

    let whole = "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nX-Latin: \u{e9}\r\n\r\nok";
    let [direct, _] = sends(whole.as_bytes()).await.0;
    let [_, proxied] = sends(format!("{hints}{whole}").as_bytes()).await.0;
    assert_eq!(direct, proxied);

    let open = "HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nuntil the end";
    let [direct, proxied] = sends(open.as_bytes()).await.0;
    assert_eq!(
        (direct.body, direct.is_whole),
        (proxied.body, proxied.is_whole)
    );

    let both = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let [direct, proxied] = sends(both.as_bytes()).await.0;
    assert_eq!(
        (direct.body, direct.is_whole),
        (proxied.body, proxied.is_whole)
    );
}

#[tokio::test]
async fn a_provider_that_says_no_http() {
    let ([_, proxied], endings) = sends(b"SSH-2.0-OpenSSH\r\n\r\n").await;
    assert_eq!(proxied, Seen::default());
    assert_eq!(endings, ["connection_lost"]);
}

#[tokio::test]
async fn a_provider_that_closes_amid_the_request() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    let head = format!(
        "POST {PREFIX}/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{\"model\""
    );
    client.send(head).await;
    let mut asked = provider.accept().await;
    asked.until("{\"model\"").await;
    drop(asked);
    assert_eq!(client.answer("POST").await, Seen::default());
    assert_eq!(proxy.endings().await, ["connection_lost"]);
}

#[tokio::test]
async fn a_provider_that_is_not_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = port.local_addr().unwrap();
    drop(port);
    let proxy = Listening::before(format!("http://{addr}/v1").parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    client.send(chat(PREFIX, "")).await;
    let seen = client.answer("POST").await;
    let text = seen.text().replace(&addr.to_string(), "ADDR");
    // The number is the operating system's.
    let text = text.replace(" (os error 111)", "");
    insta::assert_snapshot!(text, @r#"{"type":"error","error":{"type":"upstream_unreachable","message":"genspan cannot reach ADDR: tcp connect error: Connection refused","param":null,"code":"upstream_unreachable"}}"#);
    assert_eq!(seen.status, "HTTP/1.1 502 Bad Gateway");
    assert!(
        seen.headers
            .contains(&"x-genspan-error: upstream_unreachable".to_owned())
    );
    drop(client);
    assert_eq!(proxy.endings().await, ["connectivity"]);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_headers() {
    let rig = Rig::start(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "X-Scripted: hang\r\n")).await;
    assert!(rig.provider.reached("hang").await);
    drop(wire);
    assert!(rig.provider.disconnected(0).await);
    assert_eq!(rig.proxy.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn a_client_that_leaves_amid_the_stream() {
    use testkit::provider::{Answer, Step};
    let steps = vec![
        Step::bytes("data: {\"choices\":[]}\n\n"),
        Step::gate("never"),
    ];
    let rig = Rig::start(Script::new().answer(Answer::stream(steps))).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "")).await;
    wire.until("data: {").await;
    drop(wire);
    assert!(rig.provider.disconnected(0).await);
    assert_eq!(rig.provider.ending(0).await, Some(Ending::PeerGone));
    assert_eq!(rig.proxy.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn a_client_that_leaves_amid_its_request() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    let head = format!(
        "POST {PREFIX}/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    );
    client.send(head).await;
    let mut asked = provider.accept().await;
    asked.until("abc\r\n").await;
    client.send("2\r\nde\r\n").await;
    drop(client);
    let rest = asked.rest().await;
    assert!(
        !rest.ends_with(b"0\r\n\r\n"),
        "a request that broke off must not look whole"
    );
    drop(asked);
    assert_eq!(proxy.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn a_connection_that_went_stale_is_made_anew() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    for _ in 0..3 {
        client
            .send(format!(
                "GET {PREFIX}/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
            ))
            .await;
        let mut asked = provider.accept().await;
        asked.head().await;
        asked
            .send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            .await;
        drop(asked);
        assert_eq!(client.answer("GET").await.text(), "ok");
    }
    drop(client);
    assert_eq!(proxy.endings().await, [""; 0]);
}

#[tokio::test]
async fn a_proxy_that_is_dropped_takes_its_exchanges_with_it() {
    let rig = Rig::start(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "X-Scripted: hang\r\n")).await;
    assert!(rig.provider.reached("hang").await);
    let endings = rig.proxy.cut().await;
    assert_eq!(wire.answer("POST").await, Seen::default());
    assert!(rig.provider.disconnected(0).await);
    assert_eq!(endings, ["cancelled"]);
}

#[tokio::test]
async fn an_exchange_that_goes_on_may_end_before_the_proxy_does() {
    let rig = Rig::start(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "X-Scripted: hang\r\n")).await;
    assert!(rig.provider.reached("hang").await);
    let provider = rig.provider;
    let ends = tokio::spawn(rig.proxy.endings());
    provider.release("hang");
    assert!(wire.answer("POST").await.is_whole);
    assert_eq!(ends.await.unwrap(), ["ok"]);
}
