//! Both directions flow at once, chunk by chunk, at the pace of the slower side.

use testkit::provider::{Answer, Ending, Script, Step};

use crate::rig::{Listening, PREFIX, Rig, Way, chat};
use crate::wire::{RawProvider, Wire};

#[tokio::test]
async fn each_chunk_arrives_before_the_next_is_sent() {
    let steps = (0..5)
        .flat_map(|n| {
            [
                Step::bytes(format!("data: {n}\n\n")),
                Step::gate(&format!("gate {n}")),
            ]
        })
        .collect();
    let rig = Rig::start(Script::new().answer(Answer::stream(steps))).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "")).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200 OK"));
    for n in 0..5 {
        wire.until(&format!("data: {n}\n\n")).await;
        rig.provider.release(&format!("gate {n}"));
    }
    wire.until("0\r\n\r\n").await;
}

#[tokio::test]
async fn the_head_arrives_before_the_body() {
    let rig = Rig::start(Script::new().answer(Answer::stream(vec![
        Step::gate("body"),
        Step::bytes("late"),
    ])))
    .await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "")).await;
    assert!(wire.head().await.contains("text/event-stream"));
    rig.provider.release("body");
    wire.until("late").await;
}

#[tokio::test]
async fn a_request_is_streamed_while_it_is_answered() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    client
        .send(format!(
            "POST {PREFIX}/talk HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        ))
        .await;
    let mut asked = provider.accept().await;
    asked.head().await;
    asked
        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.head().await;
    for n in 0..4 {
        client.send(format!("4\r\nask{n}\r\n")).await;
        asked.until(&format!("4\r\nask{n}\r\n")).await;
        asked.send(format!("4\r\nsay{n}\r\n")).await;
        client.until(&format!("4\r\nsay{n}\r\n")).await;
    }
    client.send("0\r\n\r\n").await;
    asked.until("0\r\n\r\n").await;
    asked.send("0\r\n\r\n").await;
    client.until("0\r\n\r\n").await;
}

#[tokio::test]
async fn an_early_answer_does_not_end_the_request() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    client
        .send(format!(
            "POST {PREFIX}/f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nabcd"
        ))
        .await;
    let mut asked = provider.accept().await;
    asked.until("abcd").await;
    asked
        .send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge")
        .await;
    let seen = client.answer("POST").await;
    assert_eq!(
        (seen.status.as_str(), seen.text().as_str()),
        ("HTTP/1.1 413 Content Too Large", "large")
    );
    client.send("efgh").await;
    asked.until("efgh").await;
}

#[tokio::test]
async fn an_early_answer_that_closes_is_still_an_answer() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    client
        .send(format!(
            "POST {PREFIX}/f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nabcd"
        ))
        .await;
    let mut asked = provider.accept().await;
    asked.until("abcd").await;
    asked
        .send("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        .await;
    drop(asked);
    assert_eq!(client.answer("POST").await.text(), "no");
}

#[tokio::test]
async fn a_body_that_is_expected_waits_for_the_provider() {
    let mut provider = RawProvider::start().await;
    let proxy = Listening::before(format!("http://{}/v1", provider.addr).parse().unwrap()).await;
    let mut client = Wire::open(proxy.addr).await;
    let head = format!(
        "POST {PREFIX}/f HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    );
    client.send(&head).await;
    let mut asked = provider.accept().await;
    assert!(asked.head().await.contains("100-continue"));
    asked.send("HTTP/1.1 100 Continue\r\n\r\n").await;
    assert_eq!(client.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await;
    asked.until("body").await;
    asked
        .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await;
    assert_eq!(client.answer("POST").await.text(), "ok");

    client.send(&head).await;
    asked.head().await;
    asked
        .send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
        .await;
    let seen = client.answer("POST").await;
    assert_eq!(
        (seen.status.as_str(), seen.text().as_str()),
        ("HTTP/1.1 417 Expectation Failed", "no")
    );
    drop(client);
    assert_eq!(asked.rest().await, b"");
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_provider_back() {
    const MEGABYTES: usize = 32;
    let piece = "m".repeat(1 << 20);
    let answer = |gate| {
        let pieces = (0..MEGABYTES).map(|_| Step::bytes(piece.clone()));
        let headers = [("content-length", "33554433")];
        Answer::streamed(
            200,
            &headers,
            pieces.chain([Step::gate(gate), Step::bytes("!")]).collect(),
        )
    };
    let rig = Rig::start(Script::new().answer(answer("slow")).answer(answer("fast"))).await;
    let (mut slow, base) = rig.open(Way::Proxied).await;
    slow.send(chat(base, "")).await;
    slow.head().await;
    let mut slow_is_sent = tokio::spawn(rig.provider.reached("slow"));
    // As much goes to another client meanwhile; what one does not read must wait at its provider.
    let (mut fast, base) = rig.open(Way::Proxied).await;
    fast.send(chat(base, "")).await;
    fast.head().await;
    for _ in 0..MEGABYTES {
        fast.bytes(1 << 20).await;
    }
    assert!(rig.provider.reached("fast").await);
    assert!(!slow_is_sent.is_finished());
    for _ in 0..MEGABYTES {
        slow.bytes(1 << 20).await;
    }
    assert!((&mut slow_is_sent).await.unwrap());
}

#[tokio::test]
async fn a_client_that_reads_late_misses_nothing_of_what_was_cut() {
    const BYTES: usize = 3 << 20;
    let steps = vec![Step::bytes("m".repeat(BYTES)), Step::Flush, Step::Cut];
    let answer = Answer::streamed(200, &[("content-length", "99999999")], steps);
    let rig = Rig::start(Script::new().answer(answer)).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(chat(base, "")).await;
    assert_eq!(rig.provider.ending(0).await, Some(Ending::Cut));
    wire.head().await;
    assert_eq!(wire.rest().await.len(), BYTES);
}

#[tokio::test]
async fn an_upgraded_connection_is_copied_both_ways() {
    for way in Way::BOTH {
        let rig = Rig::start(Script::new().answer(Answer::upgrade())).await;
        let (mut wire, base) = rig.open(way).await;
        wire.send(format!(
            "GET {base}/realtime?model=x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n\u{1}early"
        ))
        .await;
        let head = wire.head().await.to_ascii_lowercase();
        assert!(
            head.starts_with("http/1.1 101 switching protocols\r\n"),
            "{head}"
        );
        assert!(
            head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"),
            "{head}"
        );
        assert_eq!(wire.bytes(6).await, b"\x01early");
        for n in 0..3 {
            wire.send([0, n, 255]).await;
            assert_eq!(wire.bytes(3).await, [0, n, 255]);
        }
        wire.half_close().await;
        assert_eq!(wire.rest().await, b"");
        let asked = rig.provider.requests().remove(0);
        assert_eq!(asked.header("sec-websocket-key"), Some("k"));
        assert_eq!(asked.path, "/v1/realtime?model=x");
        drop(rig.proxy.spans().await);
    }
}

#[tokio::test]
async fn an_upgrade_that_is_refused_is_an_answer() {
    let answer = Answer::whole(426, &[("upgrade", "websocket"), ("x-why", "version")], "no");
    let rig = Rig::start(Script::new().answer(answer)).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(format!("GET {base}/r HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")).await;
    let seen = wire.answer("GET").await;
    assert_eq!(
        (seen.status.as_str(), seen.text().as_str()),
        ("HTTP/1.1 426 Upgrade Required", "no")
    );
    assert!(seen.headers.contains(&"upgrade: websocket".to_owned()));
}
