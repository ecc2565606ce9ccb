//! What a client sends and sees is the same with and without the proxy.

use testkit::provider::{Answer, RecordedRequest, Script, Step};

use crate::rig::{PREFIX, Rig, Way};
use crate::wire::Seen;

/// Sends a request to the provider and through the proxy; `BASE` in it becomes the path below which the provider's resources are.
async fn both(answer: Answer, request: &str) -> [(Seen, RecordedRequest, String); 2] {
    let script = Script::new()
        .title_case_headers()
        .answer(answer.clone())
        .answer(answer);
    let rig = Rig::start(script).await;
    let mut all = Vec::new();
    for way in Way::BOTH {
        let (mut wire, base) = rig.open(way).await;
        wire.send(request.replace("BASE", base)).await;
        let method = request.split(' ').next().unwrap();
        let seen = wire.answer(method).await;
        let asked = rig.provider.requests().pop().unwrap();
        let received = rig.provider.received(asked.connection);
        let head = String::from_utf8_lossy(&received).into_owned();
        all.push((
            seen,
            asked,
            head.split("\r\n\r\n").next().unwrap().to_owned(),
        ));
    }
    assert_eq!(rig.provider.requests().len(), 2);
    drop(rig.proxy.spans().await);
    all.try_into().unwrap()
}

/// The header lines of a request's head but those that belong to the connection, sorted.
fn lines(head: &str) -> Vec<String> {
    let own = |line: &&str| {
        let line = line.to_ascii_lowercase();
        ![
            "host:",
            "connection:",
            "keep-alive:",
            "proxy-connection:",
            "upgrade:",
        ]
        .iter()
        .any(|it| line.starts_with(it))
    };
    let mut lines: Vec<String> = head
        .split("\r\n")
        .skip(1)
        .filter(own)
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

async fn same(answer: Answer, request: &str) -> (Seen, RecordedRequest) {
    let [(direct, asked, head), (proxied, passed, passed_head)] = both(answer, request).await;
    assert_eq!(direct, proxied, "{request}");
    assert_eq!(lines(&head), lines(&passed_head), "{request}");
    assert_eq!(head.lines().next(), passed_head.lines().next(), "{request}");
    assert_eq!((&asked.method, &asked.path), (&passed.method, &passed.path));
    assert_eq!(asked.body, passed.body, "{request}");
    assert_eq!(asked.trailers, passed.trailers, "{request}");
    (proxied, passed)
}

#[tokio::test]
async fn a_whole_answer() {
    let headers = [
        ("content-type", "application/json"),
        ("x-many", "1"),
        ("x-many", "2, 3"),
        ("set-cookie", "a=1; Path=/"),
        ("set-cookie", "b=2"),
        ("openai-processing-ms", "12"),
        ("server", "scripted"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("vary", ""),
    ];
    let request = "POST BASE/chat/completions HTTP/1.1\r\nHost: x.localhost\r\nConnection: keep-alive\r\nAuthorization: Bearer k\r\nX-ODD-case: a\r\n\
        X-odd-Case: b\r\nuser-agent: raw/1\r\nAccept-Encoding: gzip, br, zstd\r\nanthropic-beta: a,b\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
        tracestate: vendor=1\r\nContent-Length: 5\r\n\r\n{\"a\":";
    let (seen, asked) = same(Answer::whole(200, &headers, "{}"), request).await;
    assert_eq!(seen.text(), "{}");
    assert!(seen.is_whole);
    assert_eq!(seen.headers.len(), headers.len() + 1, "{:?}", seen.headers);
    assert_eq!(asked.header("tracestate"), Some("vendor=1"));
}

#[tokio::test]
async fn the_host_is_the_providers() {
    let rig = Rig::start(Script::new().answer(Answer::echo())).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(format!("GET {base}/x HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .await;
    wire.answer("GET").await;
    let host = rig.provider.addr().to_string();
    assert_eq!(
        rig.provider.requests()[0].header("host"),
        Some(host.as_str())
    );
    let names: Vec<_> = rig.provider.requests()[0]
        .headers
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(names, ["host"], "nothing was added");
}

#[tokio::test]
async fn the_marker_of_recorded_calls_stays_here() {
    let rig = Rig::start(Script::new().answer(Answer::echo())).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(format!("GET {base}/x HTTP/1.1\r\nHost: localhost\r\ntracestate: a=1,genspan=00f067aa0ba902b7,b=2\r\n\r\n")).await;
    wire.answer("GET").await;
    let asked = rig.provider.requests().remove(0);
    assert_eq!(
        asked.header("tracestate").unwrap().replace(' ', ""),
        "a=1,b=2"
    );
}

#[tokio::test]
async fn bodies_of_any_size_and_framing() {
    let large = "0123456789abcdef".repeat(200_000);
    let whole = |body: String| Answer::whole(200, &[], body);
    let (seen, asked) = same(
        whole(large.clone()),
        &format!(
            "POST BASE/f HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{large}",
            large.len()
        ),
    )
    .await;
    assert_eq!(
        (seen.body.len(), asked.body.len()),
        (large.len(), large.len())
    );
    for request in [
        "POST BASE/f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "POST BASE/f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET BASE/f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "DELETE BASE/f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "BREW BASE/f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
        "POST BASE/f HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n",
        "GET BASE/f HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ] {
        let (seen, _) = same(whole("answer".to_owned()), request).await;
        assert_eq!(seen.text(), "answer");
        same(whole(String::new()), request).await;
        let steps = vec![
            Step::bytes("data: 1\n\n"),
            Step::Flush,
            Step::bytes("data: 2\n\n"),
        ];
        let (seen, _) = same(Answer::stream(steps), request).await;
        assert_eq!(seen.text(), "data: 1\n\ndata: 2\n\n");
        same(Answer::stream(Vec::new()), request).await;
    }
}

#[tokio::test]
async fn trailers_both_ways() {
    let request = "POST BASE/f HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n";
    let answer = Answer::streamed(
        200,
        &[("trailer", "x-cost, x-id")],
        vec![
            Step::bytes("body"),
            Step::trailers(&[("x-cost", "3"), ("x-id", "9")]),
        ],
    );
    let (seen, asked) = same(answer, request).await;
    assert_eq!(seen.trailers.len(), 2, "{seen:?}");
    assert_eq!(asked.trailers, [("x-sum".to_owned(), "6".into())]);
}

#[tokio::test]
async fn answers_without_a_body() {
    let get = "GET BASE/f HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let head = "HEAD BASE/api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (seen, _) = same(
        Answer::streamed(
            200,
            &[("content-length", "42"), ("etag", "\"x\"")],
            Vec::new(),
        ),
        head,
    )
    .await;
    assert!(
        seen.headers.iter().any(|line| line == "Content-Length: 42"),
        "{seen:?}"
    );
    same(Answer::whole(200, &[], ""), head).await;
    same(Answer::whole(204, &[("x-a", "1")], ""), get).await;
    same(Answer::whole(304, &[("etag", "\"x\"")], ""), get).await;
    same(Answer::whole(302, &[("location", "/elsewhere?x")], ""), get).await;
}

#[tokio::test]
async fn errors_are_the_providers_own() {
    let request =
        "POST BASE/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    for status in [400, 401, 403, 404, 413, 429, 500, 502, 503, 529, 599] {
        let headers = [
            ("retry-after", "2"),
            ("x-should-retry", "true"),
            ("content-type", "application/json"),
        ];
        let body = format!("{{\"error\": {{\"message\":  \"it is {status}\"}} }}\n");
        let (seen, _) = same(Answer::whole(status, &headers, body.clone()), request).await;
        assert_eq!(seen.text(), body);
    }
}

#[tokio::test]
async fn encoded_bodies_stay_encoded() {
    let gzip: &[u8] = &[
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10,
        0x36, 5, 0, 0, 0,
    ];
    let headers = [
        ("content-encoding", "gzip"),
        ("content-type", "application/json"),
    ];
    let request = "POST BASE/chat/completions HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}";
    let (seen, _) = same(Answer::whole(200, &headers, gzip), request).await;
    assert_eq!(seen.body, gzip);
    let (seen, _) = same(Answer::whole(200, &headers, "not gzip at all"), request).await;
    assert_eq!(seen.text(), "not gzip at all");
}

#[tokio::test]
async fn paths_keep_their_bytes() {
    let paths = [
        "/a/../b",
        "/a/./b",
        "//",
        "/a//b/",
        "/a%2Fb%2f%41",
        "/a?",
        "/a?x=1&&y",
        "/a?x=a?b/c",
        "/a?next=http://h/",
        "/~a!$&'()*+,;=:@",
        "/ü",
        "",
        "/",
        "?q=1",
        "/a?x=[1]|{2}",
    ];
    let script = paths.iter().fold(Script::new(), |script, _| {
        script.answer(Answer::whole(200, &[], ""))
    });
    let rig = Rig::start(script).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    for path in paths {
        wire.send(format!(
            "GET {base}{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ))
        .await;
        assert_eq!(wire.answer("GET").await.status, "HTTP/1.1 200 OK", "{path}");
    }
    let asked: Vec<String> = rig
        .provider
        .requests()
        .into_iter()
        .map(|it| it.path)
        .collect();
    assert_eq!(asked, paths.map(|path| format!("/v1{path}")));
    assert_eq!(
        rig.provider.connections(),
        1,
        "one connection of a client is one at the provider"
    );
}

#[tokio::test]
async fn large_headers_pass() {
    let value = "v".repeat(200_000);
    let rig =
        Rig::start(Script::new().answer(Answer::whole(200, &[("x-large", &value)], ""))).await;
    let (mut wire, _) = rig.open(Way::Proxied).await;
    let many: String = (0..300).map(|n| format!("x-{n}: {n}\r\n")).collect();
    wire.send(format!(
        "GET {PREFIX}/x HTTP/1.1\r\nHost: localhost\r\nx-large: {value}\r\n\r\n"
    ))
    .await;
    let seen = wire.answer("GET").await;
    assert_eq!(seen.status, "HTTP/1.1 200 OK");
    assert!(seen.headers.iter().any(|line| line.len() > 200_000));
    assert_eq!(
        rig.provider.requests()[0].header("x-large"),
        Some(value.as_str())
    );
    let mut raw = crate::wire::RawProvider::start().await;
    let proxy =
        crate::rig::Listening::before(format!("http://{}", raw.addr).parse().unwrap()).await;
    let mut wire = crate::wire::Wire::open(proxy.addr).await;
    wire.send(format!(
        "GET {PREFIX}/x HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"
    ))
    .await;
    let mut provider = raw.accept().await;
    assert_eq!(provider.head().await.matches("\r\nx-").count(), 300);
    provider
        .send(format!(
            "HTTP/1.1 200 Fine By Me\r\nContent-Length: 0\r\n{many}\r\n"
        ))
        .await;
    let seen = wire.answer("GET").await;
    assert_eq!(seen.status, "HTTP/1.1 200 Fine By Me");
    assert_eq!(seen.headers.len(), 301);
}
