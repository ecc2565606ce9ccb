//! Answers that a test lists itself.

use std::io::{Read, Write};

use testkit::provider::{Answer, Ending, Provider, Script, Step};

use crate::raw::{connect, exchange, post, read_until, rest};

fn start(script: Script) -> Provider {
    Provider::start(script).unwrap()
}

#[test]
fn answers_come_in_order_then_the_script_is_exhausted() {
    let headers = [("x-twice", "1"), ("x-twice", "2")];
    let provider = start(
        Script::new()
            .answer(Answer::whole(201, &headers, "one"))
            .answer(Answer::whole(204, &[], "")),
    );
    let first = exchange(&provider, &post("/a?b=c", "X-Odd:  spaced \r\n", "body"));
    assert_eq!(
        first.head,
        "HTTP/1.1 201 Created\r\nx-twice: 1\r\nx-twice: 2\r\nconnection: close\r\ncontent-length: 3"
    );
    assert_eq!(first.text(), "one");
    assert_eq!(exchange(&provider, &post("/", "", "")).status(), 204);
    assert_eq!(
        exchange(&provider, &post("/", "", "")).text(),
        "the script has no more answers"
    );

    let requests = provider.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", "/a?b=c")
    );
    assert_eq!(requests[0].body, "body");
    let names: Vec<&str> = requests[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["host", "connection", "x-odd", "content-length"]);
    assert_eq!(requests[0].header("X-Odd"), Some("spaced"));
    assert_eq!((requests[0].connection, requests[2].connection), (0, 2));
    assert_eq!(
        provider.received(0),
        post("/a?b=c", "X-Odd:  spaced \r\n", "body")
    );
    assert_eq!(
        provider.block_on(provider.ending(2)),
        Some(Some(Ending::Complete))
    );
}

#[test]
fn one_connection_carries_several_requests() {
    let provider = start(Script::new().then_always(Answer::whole(200, &[], "ok")));
    let mut stream = connect(&provider);
    for _ in 0..3 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        read_until(&mut stream, "ok");
    }
    assert_eq!(provider.requests().len(), 3);
    assert_eq!(provider.connections(), 1);
}

#[test]
fn a_gate_holds_the_body_and_what_came_before_has_left() {
    let steps = vec![
        Step::bytes("before"),
        Step::gate("middle"),
        Step::bytes("after"),
    ];
    let provider = start(Script::new().answer(Answer::stream(steps)));
    let mut stream = connect(&provider);
    stream.write_all(post("/", "", "").as_bytes()).unwrap();
    let head = read_until(&mut stream, "\r\n\r\n6\r\nbefore\r\n");
    assert!(head.contains("text/event-stream"), "{head}");
    assert_eq!(provider.block_on(provider.reached("middle")), Some(true));
    provider.release("middle");
    assert_eq!(
        read_until(&mut stream, "0\r\n\r\n"),
        "5\r\nafter\r\n0\r\n\r\n"
    );
}

#[test]
fn a_gate_at_the_start_lets_the_headers_out() {
    let provider =
        start(Script::new().answer(Answer::stream(vec![Step::gate("first"), Step::bytes("x")])));
    let mut stream = connect(&provider);
    stream.write_all(post("/", "", "").as_bytes()).unwrap();
    read_until(&mut stream, "\r\n\r\n");
    provider.release("first");
    assert!(read_until(&mut stream, "0\r\n\r\n").starts_with("1\r\nx"));
}

#[test]
fn a_cut_comes_after_all_that_was_said() {
    let long = "x".repeat(3 << 20);
    let steps = vec![Step::bytes(long.clone()), Step::Cut, Step::bytes("never")];
    let provider = start(Script::new().answer(Answer::stream(steps)));
    let got = exchange(&provider, &post("/", "", ""));
    assert!(!got.whole);
    assert_eq!(got.body.len(), long.len());
    assert_eq!(
        provider.block_on(provider.ending(0)),
        Some(Some(Ending::Cut))
    );
}

#[test]
fn closes_before_headers_and_amid_the_request() {
    let provider = start(
        Script::new()
            .answer(Answer::close())
            .answer(Answer::close_mid_request()),
    );
    assert_eq!(exchange(&provider, &post("/", "", "body")).head, "");
    let mut stream = connect(&provider);
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"");
    assert_eq!(provider.requests()[1].body, "half");
}

#[test]
fn sees_the_peer_leave_before_headers_and_amid_the_body() {
    let amid = Answer::stream(vec![
        Step::bytes("some"),
        Step::gate("rest"),
        Step::bytes("more"),
    ]);
    let provider = start(
        Script::new()
            .answer(Answer::hang_before_headers("never"))
            .answer(amid),
    );
    for n in 0..2 {
        let mut stream = connect(&provider);
        stream.write_all(post("/", "", "").as_bytes()).unwrap();
        let gate = ["never", "rest"][n];
        assert_eq!(provider.block_on(provider.reached(gate)), Some(true));
        drop(stream);
        assert_eq!(provider.block_on(provider.disconnected(n)), Some(true));
        assert_eq!(
            provider.block_on(provider.ending(n)),
            Some(Some(Ending::PeerGone))
        );
    }
}

#[test]
fn a_held_answer_comes_once_its_gate_opens() {
    let provider = start(Script::new().answer(Answer::whole(200, &[], "late").after("go")));
    let mut stream = connect(&provider);
    stream.write_all(post("/", "", "").as_bytes()).unwrap();
    assert_eq!(provider.block_on(provider.asked(1)), Some(true));
    provider.release("go");
    assert_eq!(rest(&mut stream).text(), "late");
}

#[test]
fn sends_trailers_and_title_case() {
    let answer = Answer::streamed(
        200,
        &[("trailer", "x-sum")],
        vec![Step::bytes("body"), Step::trailers(&[("x-sum", "7")])],
    );
    let provider = start(Script::new().title_case_headers().answer(answer));
    let got = exchange(&provider, &post("/", "TE: trailers\r\n", ""));
    assert!(got.head.contains("\r\nTrailer: x-sum"), "{}", got.head);
    assert!(got.text().ends_with("X-Sum: 7\r\n\r\n"), "{}", got.text());
}

#[test]
fn echoes_the_request() {
    let provider = start(Script::new().then_always(Answer::echo()));
    let got = exchange(
        &provider,
        &post("/p?q", "Content-Type: x/y\r\nA: 1\r\nA: 2\r\n", "\u{e9}"),
    );
    assert_eq!(got.text(), "\u{e9}");
    assert_eq!(got.header("content-type"), Some("x/y"));
    assert_eq!(got.header("echo-path"), Some("/p?q"));
    assert!(
        got.head.contains("\r\necho-a: 1\r\necho-a: 2\r\n"),
        "{}",
        got.head
    );
}

#[test]
fn switches_protocols_and_echoes() {
    let provider = start(Script::new().answer(Answer::upgrade()));
    let mut stream = connect(&provider);
    stream
        .write_all(
            b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        )
        .unwrap();
    let head = read_until(&mut stream, "\r\n\r\n");
    assert!(
        head.starts_with("HTTP/1.1 101 ") && head.contains("upgrade: websocket"),
        "{head}"
    );
    stream.write_all(b"\x81\x00ping").unwrap();
    let mut back = [0; 6];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"\x81\x00ping");
}

#[test]
fn stops_when_dropped_with_connections_open() {
    let provider = start(Script::new().answer(Answer::hang_before_headers("never")));
    let mut stream = connect(&provider);
    stream.write_all(post("/", "", "").as_bytes()).unwrap();
    assert_eq!(provider.block_on(provider.reached("never")), Some(true));
    drop(provider);
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok();
    assert_eq!(bytes, b"");
}

#[test]
fn records_no_more_than_it_was_told() {
    let provider = start(
        Script::new()
            .then_always(Answer::whole(200, &[], "ok"))
            .keep(1),
    );
    for _ in 0..3 {
        assert_eq!(exchange(&provider, &post("/", "", "")).text(), "ok");
    }
    assert_eq!(provider.requests().len(), 1);
}
