//! Usage that the proxy asks for and keeps from the client.

use bytes::Bytes;
use genspan::Value;
use genspan::semconv::attribute;
use genspan_http::proxy::Upstream;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use testkit::CapturedSpan;
use testkit::provider::{Answer, Provider, RecordedRequest, Script, Step};
use tokio::net::TcpStream;

use crate::rig::{Listening, PREFIX, Rig, Way};
use crate::wire::{Seen, Wire};

const QUESTION: &str =
    r#"{"model":"gpt-test", "stream": true, "messages":[{"role":"user","content":"hello"}]}"#;
const STREAM: (&str, &str) = ("content-type", "text/event-stream");
const CHUNK: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
const USAGE: &str = "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn request(base: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {base}/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\n{more}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Asks through the proxy, and gives what came back and what the provider saw last.
async fn ask(rig: &Rig, more: &str, body: &str) -> (Seen, RecordedRequest) {
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(request(base, more, body)).await;
    let seen = wire.answer("POST").await;
    (seen, rig.provider.requests().pop().unwrap())
}

fn tokens(span: &CapturedSpan) -> [Option<i64>; 2] {
    let keys = [
        attribute::GEN_AI_USAGE_INPUT_TOKENS,
        attribute::GEN_AI_USAGE_OUTPUT_TOKENS,
    ];
    keys.map(|key| match span.signals.get(key) {
        Some(Value::Int(count)) => Some(*count),
        other => {
            assert_eq!(other, None);
            None
        }
    })
}

#[tokio::test]
async fn the_client_sees_what_it_would_have_seen_and_the_span_has_the_usage() {
    for scenario in ["text", "one-byte", "tools", "reasoning", "pings", "no-done"] {
        let rig = Rig::asking(Script::scenarios()).await;
        let more = format!("X-Scripted: {scenario}\r\nAccept-Encoding: gzip\r\n");
        let (mut direct, base) = rig.open(Way::Direct).await;
        direct.send(request(base, &more, QUESTION)).await;
        let mut expected = direct.answer("POST").await;
        let (mut seen, asked) = ask(&rig, &more, QUESTION).await;
        if scenario == "pings" {
            // There is one behind each chunk that the provider sends.
            for answer in [&mut expected, &mut seen] {
                answer.body = answer.text().replace(": keep-alive\n\n", "").into();
            }
        }
        assert_eq!(seen, expected, "{scenario}");
        assert!(
            seen.is_whole && !seen.text().contains("usage"),
            "{scenario}"
        );
        assert_eq!(
            String::from_utf8_lossy(&asked.body),
            QUESTION.replace("true,", r#"true,"stream_options":{"include_usage":true},"#)
        );
        assert_eq!(
            asked.header("content-length"),
            Some(asked.body.len().to_string().as_str())
        );
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
        let span = rig.proxy.spans().await.remove(0);
        assert!(!span.signals.is_error, "{scenario}");
        assert!(
            tokens(&span).iter().all(Option::is_some),
            "{scenario}: {span:?}"
        );
    }
}

#[tokio::test]
async fn whoever_says_whether_it_wants_usage_is_left_alone() {
    for (options, is_stated) in [
        (r#""stream_options":{"include_usage":true}"#, true),
        (r#""stream_options":{"include_usage":false}"#, false),
    ] {
        let rig = Rig::asking(Script::scenarios()).await;
        let body = QUESTION.replace("\"messages\"", &format!("{options}, \"messages\""));
        let (seen, asked) = ask(&rig, "Accept-Encoding: gzip\r\n", &body).await;
        assert_eq!(asked.body, body);
        assert_eq!(asked.header("accept-encoding"), Some("gzip"));
        assert_eq!(seen.text().contains("usage"), is_stated);
        let span = rig.proxy.spans().await.remove(0);
        assert_eq!(tokens(&span)[0].is_some(), is_stated);
    }
}

#[tokio::test]
async fn requests_that_cannot_be_changed_safely_are_not() {
    let whole = QUESTION.replace("true", "false");
    for (more, body) in [
        ("", whole.as_str()),
        ("Content-Encoding: gzip\r\n", QUESTION),
        ("Content-Digest: sha-256=:x:\r\n", QUESTION),
        ("Signature: sig=:x:\r\n", QUESTION),
        ("Accept-Encoding: gzip, identity;q=0\r\n", QUESTION),
        (
            "tracestate: genspan=b7ad6b7169203331\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
            QUESTION,
        ),
        ("", "{\"stream\": true"),
    ] {
        let answer = Answer::streamed(
            200,
            &[STREAM],
            vec![Step::bytes([CHUNK, USAGE, DONE].concat())],
        );
        let rig = Rig::asking(Script::new().answer(answer)).await;
        let (seen, asked) = ask(&rig, more, body).await;
        assert_eq!(asked.body, body, "{more}");
        assert_eq!(seen.text(), [CHUNK, USAGE, DONE].concat(), "{more}");
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_goes_on_as_it_comes() {
    let rig = Rig::asking(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(format!(
        "POST {base}/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{QUESTION}\r\n0\r\n\r\n",
        QUESTION.len()
    ))
    .await;
    assert!(wire.answer("POST").await.is_whole);
    assert_eq!(rig.provider.requests()[0].body, QUESTION);
}

#[tokio::test]
async fn a_body_that_is_expected_still_waits_for_the_provider() {
    let rig = Rig::asking(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    let all = request(base, "Expect: 100-continue\r\n", QUESTION);
    let (head, body) = all.split_at(all.len() - QUESTION.len());
    wire.send(head).await;
    assert_eq!(wire.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send(body).await;
    assert!(wire.answer("POST").await.is_whole);
    assert_eq!(rig.provider.requests()[0].body, QUESTION);
}

#[tokio::test]
async fn a_provider_that_refuses_the_question_gets_the_clients_own_request() {
    let json = [("content-type", "application/json")];
    let refusal = |status| {
        Answer::whole(
            status,
            &json,
            r#"{"error":{"message":"Unknown parameter: 'stream_options'."}}"#,
        )
    };
    let stream = || Answer::streamed(200, &[STREAM], vec![Step::bytes([CHUNK, DONE].concat())]);
    for status in [400, 422] {
        let script = Script::new()
            .answer(refusal(status))
            .answer(stream())
            .answer(stream());
        let rig = Rig::asking(script).await;
        for _ in 0..2 {
            let (seen, asked) = ask(&rig, "Accept-Encoding: br\r\n", QUESTION).await;
            assert_eq!(
                seen.text(),
                [CHUNK, DONE].concat(),
                "what was not asked for stays"
            );
            assert_eq!(asked.body, QUESTION);
            assert_eq!(asked.header("accept-encoding"), Some("br"));
        }
        assert_eq!(rig.provider.requests().len(), 3, "it is not asked again");
        assert_eq!(rig.proxy.endings().await, ["ok", "ok"]);
    }
}

#[tokio::test]
async fn a_request_that_is_wrong_by_itself_gets_its_own_answer() {
    let rig = Rig::asking(Script::scenarios()).await;
    for _ in 0..2 {
        let (seen, asked) = ask(&rig, "X-Scripted: error-400\r\n", QUESTION).await;
        assert!(seen.status.contains("400"));
        assert_eq!(asked.body, QUESTION);
    }
    assert_eq!(
        rig.provider.requests().len(),
        4,
        "the question was not at fault"
    );
    assert_eq!(rig.proxy.endings().await, ["invalid_request"; 2]);
}

#[tokio::test]
async fn what_cannot_be_read_on_its_way_stays_as_it_is() {
    let all = [CHUNK, USAGE, DONE].concat();
    for header in [
        ("content-encoding", "gzip"),
        ("content-type", "application/json"),
        ("repr-digest", "sha-256=:x:"),
    ] {
        let headers: Vec<_> = [STREAM, header]
            .into_iter()
            .skip(usize::from(header.0 == STREAM.0))
            .collect();
        let answer = Answer::streamed(200, &headers, vec![Step::bytes(all.clone())]);
        let rig = Rig::asking(Script::new().answer(answer)).await;
        let (seen, asked) = ask(&rig, "", QUESTION).await;
        assert_ne!(asked.body, QUESTION);
        assert_eq!(seen.text(), all, "{header:?}");
    }
}

#[tokio::test]
async fn a_length_that_is_stated_for_the_stream_is_not_claimed() {
    let own = CHUNK.replace(",\"usage\":null", "");
    let body = [CHUNK, USAGE, DONE].concat();
    let answer = Answer::whole(200, &[STREAM], body);
    let rig = Rig::asking(Script::new().answer(answer)).await;
    let (seen, _) = ask(&rig, "", QUESTION).await;
    assert!(seen.is_whole);
    assert_eq!(seen.text(), [own.as_str(), DONE].concat());
}

#[tokio::test]
async fn each_frame_arrives_before_the_next_is_sent_and_what_breaks_off_is_delivered() {
    let (begun, rest) = CHUNK.split_at(40);
    let steps = vec![
        Step::bytes(begun),
        Step::gate("amid a frame"),
        Step::bytes(rest),
        Step::gate("behind a frame"),
        Step::bytes(": still there"),
        Step::gate("amid a comment"),
        Step::bytes(format!("\n\n{USAGE}data: {{\"never")),
        Step::Flush,
        Step::Cut,
    ];
    let rig = Rig::asking(Script::new().answer(Answer::streamed(200, &[STREAM], steps))).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(request(base, "", QUESTION)).await;
    wire.head().await;
    assert!(rig.provider.reached("amid a frame").await);
    rig.provider.release("amid a frame");
    wire.until("\"finish_reason\":\"stop\"}]}\n\n").await;
    rig.provider.release("behind a frame");
    wire.until(": still there").await;
    rig.provider.release("amid a comment");
    let rest = String::from_utf8(wire.rest().await).unwrap();
    assert!(
        rest.contains("data: {\"never") && !rest.contains("usage"),
        "{rest}"
    );
    let span = rig.proxy.spans().await.remove(0);
    assert_eq!(tokens(&span), [Some(3), Some(4)]);
}

#[tokio::test]
async fn a_client_that_breaks_off_its_request_breaks_nothing_else() {
    let rig = Rig::asking(Script::scenarios()).await;
    let (mut wire, base) = rig.open(Way::Proxied).await;
    let all = request(base, "", QUESTION);
    wire.send(&all.as_bytes()[..all.len() - 9]).await;
    wire.half_close().await;
    assert_eq!(wire.rest().await, b"");
    let mut other = Wire::open(rig.proxy.addr).await;
    other.send(all).await;
    assert!(other.answer("POST").await.is_whole);
    assert_eq!(rig.provider.requests().len(), 1);
    assert_eq!(rig.proxy.endings().await, ["cancelled", "ok"]);
}

#[tokio::test]
async fn http2_is_asked_as_well_and_trailers_stay() {
    let trailers =
        HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("6"))]);
    let held_back = "data: {\"never";
    let steps = vec![
        Step::bytes([CHUNK, USAGE, DONE, held_back].concat()),
        Step::Trailers(trailers.clone()),
    ];
    let answer = Answer::streamed(200, &[STREAM, ("trailer", "x-sum")], steps);
    let provider = Provider::start(Script::new().answer(answer)).unwrap();
    let upstream: Upstream = format!("{}/v1", provider.url()).parse().unwrap();
    let upstream = upstream.with_prior_knowledge();
    let proxy = Listening::with(upstream, |builder| builder.with_usage_asked(true)).await;
    let stream = TcpStream::connect(proxy.addr).await.unwrap();
    let (mut client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::post(format!("http://{}{PREFIX}/chat/completions", proxy.addr))
        .header("content-type", "application/json")
        .header("te", "trailers")
        .body(Full::new(Bytes::from(QUESTION)))
        .unwrap();
    let answer = client.send_request(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap();
    assert_eq!(body.trailers(), Some(&trailers));
    let own = CHUNK.replace(",\"usage\":null", "");
    assert_eq!(body.to_bytes(), [own.as_str(), DONE, held_back].concat());
    assert!(provider.requests()[0].json()["stream_options"]["include_usage"] == true);
    drop(client);
    connection.await.unwrap().unwrap();
    assert_eq!(tokens(&proxy.spans().await[0]), [Some(3), Some(4)]);
}
