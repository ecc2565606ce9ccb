//! Each fault at each endpoint gets its status, and the next good request works.

use std::time::Duration;

use bytes::Bytes;
use genspan_serve::Limits;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::call::{send, send_raw};
use crate::keeper::Keeper;
use crate::payload::{Bombs, SIGNALS, Signal, deep_json, deep_protobuf, gzip, no_utf8_protobuf};
use crate::running::{Running, options};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// A fault: what is sent, as what, and the answer's status.
type Fault = (&'static str, &'static str, &'static str, Vec<u8>, u16);

fn faults(signal: Signal, bombs: &Bombs) -> Vec<Fault> {
    let good = (signal.protobuf)();
    let json = signal.json.as_bytes();
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec();
    let wrong_list = signal
        .json
        .replacen('[', "{\"a\":", 1)
        .replacen("]}", "}}", 1);
    let list = signal.json.split('"').nth(1).unwrap();
    let head = format!(r#"{{"{list}":[{{"schemaUrl":""#);
    let no_utf8 = [head.as_bytes(), b"\xff\"}]}"].concat();
    vec![
        ("garbage", PROTOBUF, "", b"\xff\xff\xff\xff".to_vec(), 400),
        ("cut", PROTOBUF, "", cut(&good), 400),
        ("JSON as protobuf", PROTOBUF, "", json.to_vec(), 400),
        (
            "a text that is no UTF-8",
            PROTOBUF,
            "",
            no_utf8_protobuf(),
            400,
        ),
        ("10,000 deep", PROTOBUF, "", deep_protobuf(10_000), 400),
        ("garbage", JSON, "", b"{{{".to_vec(), 400),
        ("nothing", JSON, "", Vec::new(), 400),
        ("cut", JSON, "", cut(json), 400),
        ("protobuf as JSON", JSON, "", good.clone(), 400),
        ("another type", JSON, "", b"[1, 2]".to_vec(), 400),
        (
            "another type within",
            JSON,
            "",
            wrong_list.into_bytes(),
            400,
        ),
        ("no UTF-8", JSON, "", no_utf8, 400),
        ("10,000 deep", JSON, "", deep_json(signal, 10_000), 400),
        (
            "10,000 deep elsewhere",
            JSON,
            "",
            [b"{\"x\":".as_slice(), &b"[".repeat(10_000)].concat(),
            400,
        ),
        ("no gzip", PROTOBUF, "gzip", good.clone(), 400),
        ("cut gzip", PROTOBUF, "gzip", cut(&gzip(&good)), 400),
        ("a gzip bomb", PROTOBUF, "gzip", bombs.gzip.clone(), 413),
        ("a gzip bomb of JSON", JSON, "gzip", bombs.gzip.clone(), 413),
        ("no zstd", PROTOBUF, "zstd", good.clone(), 400),
        ("a zstd bomb", PROTOBUF, "zstd", bombs.zstd.clone(), 413),
        ("another compression", PROTOBUF, "br", good.clone(), 415),
        (
            "two compressions",
            PROTOBUF,
            "gzip, gzip",
            gzip(&gzip(&good)),
            415,
        ),
        (
            "another type of content",
            "text/plain",
            "",
            good.clone(),
            415,
        ),
        (
            "a form",
            "application/x-www-form-urlencoded",
            "",
            good.clone(),
            415,
        ),
        ("no type of content", "", "", good, 415),
        ("100 MB", PROTOBUF, "", vec![0x0a; 100 << 20], 413),
        ("100 MB of JSON", JSON, "", vec![b' '; 100 << 20], 413),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http() {
    let bombs = Bombs::new();
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let mut good = 0;
    for signal in SIGNALS {
        for (what, kind, encoding, body, want) in faults(signal, &bombs) {
            let what = format!("{what} as {kind:?} at {}", signal.path);
            let mut headers = Vec::new();
            headers.extend((!kind.is_empty()).then_some(("content-type", kind)));
            headers.extend((!encoding.is_empty()).then_some(("content-encoding", encoding)));
            let line = format!("POST {}", signal.path);
            let answer = send(running.at.http, &line, &headers, &body).await;
            assert_eq!(answer.status, want, "{what}: {}", answer.text());
            // OTLP's own shape, in the form that was sent.
            let is_protobuf = answer.header("content-type") == Some(PROTOBUF);
            assert_eq!(is_protobuf, kind == PROTOBUF, "{what}");
            if is_protobuf {
                assert!(answer.body.starts_with(&[0x08]), "{what}");
            } else {
                let status: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
                assert!(
                    status["code"].is_number() && status["message"].is_string(),
                    "{what}"
                );
            }
            assert_eq!(keeper.kept().len(), good, "{what}");

            let kept = send(
                running.at.http,
                &line,
                &[("content-type", JSON)],
                signal.json.as_bytes(),
            )
            .await;
            assert_eq!(
                (kept.status, kept.text().as_str()),
                (200, "{}"),
                "after {what}"
            );
            good += 1;
            assert_eq!(keeper.kept().len(), good, "after {what}");
        }
    }
    assert!(running.stop().await);
}

#[tokio::test]
async fn both_encodings_read_the_same() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    for signal in SIGNALS {
        let line = format!("POST {}", signal.path);
        let before = keeper.kept().len();
        let protobuf = (signal.protobuf)();
        let json = signal.json.as_bytes();
        let zstd = zstd::encode_all(protobuf.as_slice(), 1).unwrap();
        for (kind, encoding, body) in [
            (PROTOBUF, "identity", protobuf.clone()),
            ("application/X-Protobuf; charset=x", "gzip", gzip(&protobuf)),
            (PROTOBUF, "zstd", zstd),
            ("application/json; charset=utf-8", "identity", json.to_vec()),
            (JSON, "gzip", gzip(json)),
        ] {
            let headers = [("content-type", kind), ("content-encoding", encoding)];
            // On either port.
            for address in [running.at.http, running.at.grpc] {
                let answer = send(address, &line, &headers, &body).await;
                assert_eq!(
                    answer.status,
                    200,
                    "{line} {kind} {encoding}: {}",
                    answer.text()
                );
            }
        }
        let kept = keeper.kept().split_off(before);
        assert_eq!(kept.len(), 10);
        assert!(kept.iter().all(|export| export == &kept[0]), "{kept:?}");
        assert!(format!("{kept:?}").contains("chat"));
        let empty = send(running.at.http, &line, &[("content-type", PROTOBUF)], b"").await;
        assert_eq!((empty.status, empty.body), (200, Vec::new()));
    }
    running.stop().await;
}

/// Calls a method over gRPC and gives the answer's status and message.
async fn call(
    address: std::net::SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (Option<String>, String) {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let mut request = Request::post(format!("http://{address}{path}")).header("te", "trailers");
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/grpc");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let response = client.request(request).await.unwrap();
    let (head, body) = response.into_parts();
    let trailers = body
        .collect()
        .await
        .unwrap()
        .trailers()
        .cloned()
        .unwrap_or_default();
    let of = |name| {
        head.headers
            .get(name)
            .or_else(|| trailers.get(name))
            .map(|it| it.to_str().unwrap().to_owned())
    };
    (
        of("grpc-status"),
        of("grpc-message").unwrap_or_else(|| head.status.to_string()),
    )
}

fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], length.as_slice(), message].concat()
}

/// A fault over gRPC: what is sent, with a header, and the answer's code.
type GrpcFault = (
    &'static str,
    Option<(&'static str, &'static str)>,
    Vec<u8>,
    &'static str,
);

const GZIPPED: (&str, &str) = ("grpc-encoding", "gzip");

fn grpc_faults(signal: Signal, bombs: &Bombs) -> Vec<GrpcFault> {
    let message = (signal.protobuf)();
    vec![
        ("garbage", None, frame(0, b"\xff\xff\xff"), "3"),
        (
            "a cut message",
            None,
            frame(0, &message[..message.len() - 1]),
            "3",
        ),
        (
            "a cut frame",
            None,
            frame(0, &message)[..message.len()].to_vec(),
            "3",
        ),
        ("nothing", None, Vec::new(), "3"),
        (
            "two messages",
            None,
            [frame(0, &message), frame(0, &message)].concat(),
            "3",
        ),
        ("10,000 deep", None, frame(0, &deep_protobuf(10_000)), "3"),
        ("no gzip", Some(GZIPPED), frame(1, &message), "3"),
        (
            "a gzip bomb",
            Some(GZIPPED),
            frame(1, &bombs.gzip.clone()),
            "8",
        ),
        (
            "compressed, unsaid how",
            None,
            frame(1, &gzip(&message)),
            "13",
        ),
        (
            "another compression",
            Some(("grpc-encoding", "snappy")),
            frame(1, &message),
            "12",
        ),
        ("100 MB", None, frame(0, &vec![0; 100 << 20]), "8"),
        (
            "JSON",
            Some(("content-type", "application/grpc+json")),
            frame(0, signal.json.as_bytes()),
            "12",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grpc() {
    let bombs = Bombs::new();
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let mut good = 0;
    for signal in SIGNALS {
        let message = (signal.protobuf)();
        for (what, header, body, want) in grpc_faults(signal, &bombs) {
            let headers: Vec<_> = header.into_iter().collect();
            let (status, said) = call(running.at.grpc, signal.method, &headers, body).await;
            assert_eq!(
                status.as_deref(),
                Some(want),
                "{what} at {}: {said}",
                signal.method
            );
            assert_eq!(keeper.kept().len(), good, "{what}");
            for (flag, headers, body) in [
                (0, vec![], message.clone()),
                (1, vec![GZIPPED], gzip(&message)),
            ] {
                let (status, said) =
                    call(running.at.grpc, signal.method, &headers, frame(flag, &body)).await;
                assert_eq!(status.as_deref(), Some("0"), "after {what}: {said}");
                good += 1;
            }
            assert_eq!(keeper.kept().len(), good, "after {what}");
        }
    }
    let (status, said) = call(
        running.at.grpc,
        "/grpc.health.v1.Health/Check",
        &[],
        frame(0, b""),
    )
    .await;
    assert_eq!(status.as_deref(), Some("12"), "{said}");
    assert!(running.stop().await);
}

#[tokio::test]
async fn other_methods_and_paths_say_where_to_go() {
    let running = Running::new(Keeper::new()).await;
    let answer = send(running.at.http, "GET /v1/traces", &[], b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let options = send(
        running.at.http,
        "OPTIONS /v1/traces",
        &[("access-control-request-method", "POST")],
        b"",
    )
    .await;
    assert_eq!(options.status, 405);
    assert_eq!(options.header("access-control-allow-origin"), None);
    for path in ["/", "/v1/spans", "/v1/traces/x", "/api/traces"] {
        let answer = send(running.at.http, &format!("GET {path}"), &[], b"").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("/v1/traces"), "{}", answer.text());
    }
    running.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_even_sent_by_those_who_ask() {
    let running = Running::new(Keeper::new()).await;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {}\r\ncontent-type: {PROTOBUF}\r\ncontent-length: 100000000\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        running.at.http
    );
    let answer = send_raw(running.at.http, head.as_bytes(), b"").await;
    assert_eq!(answer.status, 413);
    running.stop().await;
}

#[tokio::test]
async fn a_body_that_never_comes_is_waited_for_no_longer_than_it_should() {
    let mut options = options();
    options.limits = Limits::default();
    options.limits.silence = Duration::from_millis(50);
    let running = Running::with(Keeper::new(), options).await;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {}\r\ncontent-type: {JSON}\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{{",
        running.at.http
    );
    let answer = send_raw(running.at.http, head.as_bytes(), b"").await;
    assert_eq!(answer.status, 408, "{}", answer.text());
    running.stop().await;
}
