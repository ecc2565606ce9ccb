//! Who is let in, on every port, and what every answer says to browsers.

use std::net::SocketAddr;

use genspan_serve::{BindError, Door, Server, Token};

use crate::call::{Answered, get, send};
use crate::keeper::Keeper;
use crate::running::{Running, options};

const TRACE: &str = "/api/traces/0af7651916cd43dd8448eb211c80319c";

/// A port, a request line with headers, and the answer's status.
type Case<'a> = (SocketAddr, &'a str, Vec<(&'a str, &'a str)>, u16);

/// Fails where an answer lacks what every answer says.
fn guarded(answer: &Answered, what: &str) {
    let policy = answer
        .header("content-security-policy")
        .unwrap_or_else(|| panic!("{what}"));
    for word in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "connect-src 'self';",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(word), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    for (name, want) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(want), "{what}: {name}");
    }
    assert!(answer.header("cache-control").is_some(), "{what}");
    for name in [
        "access-control-allow-origin",
        "access-control-allow-headers",
    ] {
        assert_eq!(answer.header(name), None, "{what}");
    }
}

#[tokio::test]
async fn every_answer_of_every_port_says_what_browsers_must_know() {
    let running = Running::new(Keeper::new()).await;
    let (http, grpc, ui) = (running.at.http, running.at.grpc, running.at.ui);
    let evil = ("host", "evil.example");
    let json = ("content-type", "application/json");
    let delete = format!("DELETE {TRACE}");
    let mark = ("x-genspan", "1");
    let cases: [Case<'_>; 20] = [
        (ui, "GET /", vec![], 200),
        (ui, "HEAD /", vec![], 200),
        (ui, "GET /traces/abc", vec![], 200),
        (ui, "GET /none.js", vec![], 404),
        (ui, "GET /api/traces", vec![], 200),
        (ui, "GET /api/traces?x=y", vec![], 400),
        (ui, "GET /api/none", vec![], 404),
        (ui, "GET /", vec![evil], 403),
        (ui, "POST /", vec![mark], 405),
        (ui, "POST /api/traces", vec![mark], 405),
        (ui, "OPTIONS /api/traces", vec![], 403),
        (ui, &delete, vec![], 403),
        (ui, &delete, vec![mark], 204),
        (http, "GET /", vec![], 404),
        (http, "GET /v1/traces", vec![], 405),
        (http, "POST /v1/traces", vec![json], 400),
        (http, "POST /v1/traces", vec![], 415),
        (http, "POST /v1/traces", vec![evil, json], 403),
        (
            grpc,
            "POST /v1/traces",
            vec![("content-type", "application/grpc")],
            415,
        ),
        (grpc, "GET /", vec![], 404),
    ];
    for (address, line, headers, want) in cases {
        let answer = send(address, line, &headers, b"").await;
        assert_eq!(answer.status, want, "{line} {headers:?}: {}", answer.text());
        guarded(&answer, line);
    }
    running.stop().await;
}

#[tokio::test]
async fn no_port_answers_to_a_name_or_a_page_that_is_not_its_own() {
    let mut options = options();
    options.hosts = vec!["genspan.internal".to_owned()];
    let keeper = Keeper::new();
    let running = Running::with(keeper.clone(), options).await;
    let at = running.at;
    let body = br#"{"resourceSpans":[]}"#;
    for (address, line, is_page) in [
        (at.http, "POST /v1/traces", false),
        (at.grpc, "POST /v1/traces", false),
        (at.ui, "GET /api/traces", true),
        (at.ui, "GET /", true),
    ] {
        let body: &[u8] = if is_page { b"" } else { body };
        let port = address.port();
        let own = format!("localhost:{port}");
        for (host, want) in [
            (format!("127.0.0.1:{port}"), 200),
            (own.clone(), 200),
            (format!("[::1]:{port}"), 200),
            ("genspan.internal".to_owned(), 200),
            ("localhost".to_owned(), 403),
            (format!("evil.example:{port}"), 403),
            (format!("localhost.evil.example:{port}"), 403),
            (format!("127.0.0.1.evil.example:{port}"), 403),
            (format!("127.0.0.1:{}", port ^ 1), 403),
        ] {
            let headers = [
                ("host", host.as_str()),
                ("content-type", "application/json"),
            ];
            let answer = send(address, line, &headers, body).await;
            assert_eq!(answer.status, want, "{line} by {host}: {}", answer.text());
        }
        for (origin, is_own) in [
            (format!("http://{own}"), true),
            (format!("http://localhost:{}", at.ui.port() ^ 1), false),
            ("https://evil.example".to_owned(), false),
            ("null".to_owned(), false),
        ] {
            let want = if is_own && is_page { 200 } else { 403 };
            let headers = [
                ("host", own.as_str()),
                ("origin", origin.as_str()),
                ("content-type", "application/json"),
            ];
            let answer = send(address, line, &headers, body).await;
            assert_eq!(
                answer.status,
                want,
                "{line} from {origin}: {}",
                answer.text()
            );
        }
        let foreign = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors"),
            ("content-type", "application/json"),
        ];
        assert_eq!(
            send(address, line, &foreign, body).await.status,
            403,
            "{line}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn forms_and_scripts_of_other_sites_cannot_change_anything() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let own = format!("http://{}", running.at.ui);
    let line = format!("DELETE {TRACE}");
    for (headers, want) in [
        (vec![], 403),
        (vec![("origin", own.as_str())], 403),
        (
            vec![("x-genspan", "1"), ("origin", "http://evil.example")],
            403,
        ),
        (vec![("x-genspan", "1"), ("origin", "null")], 403),
        (
            vec![("x-genspan", "1"), ("sec-fetch-site", "same-site")],
            403,
        ),
        (vec![("x-genspan", "0")], 403),
    ] {
        assert_eq!(
            send(running.at.ui, &line, &headers, b"").await.status,
            want,
            "{headers:?}"
        );
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        // No page can leave out its origin; what comes without is refused by its type.
        let answer = send(
            running.at.http,
            "POST /v1/traces",
            &[("content-type", kind)],
            b"{}",
        )
        .await;
        assert_eq!(answer.status, 415, "{kind}");
    }
    assert!(keeper.kept().is_empty() && keeper.asked().is_empty());
    let marked = [("x-genspan", "1"), ("origin", own.as_str())];
    assert_eq!(send(running.at.ui, &line, &marked, b"").await.status, 204);
    assert_eq!(keeper.asked().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_token_opens_every_port_and_a_page_once_for_all() {
    let mut options = options();
    let token = Token::generate().unwrap();
    options.token = Some(token.clone());
    let running = Running::with(Keeper::new(), options).await;
    let ui = running.at.ui;
    let json = ("content-type", "application/json");
    let bearer = format!("Bearer {}", token.reveal());
    for (address, line) in [
        (ui, "GET /"),
        (ui, "GET /api/traces"),
        (running.at.http, "POST /v1/traces"),
        (running.at.grpc, "POST /v1/traces"),
    ] {
        let body: &[u8] = if line.starts_with("POST") { b"{}" } else { b"" };
        let refused = send(address, line, &[json], body).await;
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, Some("Bearer")),
            "{line}"
        );
        guarded(&refused, line);
        let wrong = [
            json,
            ("authorization", "Bearer 0123456789abcdef0123456789abcdef"),
        ];
        assert_eq!(
            send(address, line, &wrong, body).await.status,
            401,
            "{line}"
        );
        let right = [json, ("authorization", bearer.as_str())];
        assert_eq!(
            send(address, line, &right, body).await.status,
            200,
            "{line}"
        );
    }
    let page = get(ui, &format!("/traces/abc?span=1&token={}", token.reveal())).await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, Some("/traces/abc?span=1"))
    );
    guarded(&page, "visit");
    let cookie = page
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    for path in ["/", "/api/traces"] {
        let answer = send(ui, &format!("GET {path}"), &[("cookie", &cookie)], b"").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let refused = send(ui, "GET /", &[("accept", "text/html,*/*")], b"").await;
    assert_eq!(
        refused.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    running.stop().await;
}

#[tokio::test]
async fn nobody_is_open_to_other_machines_without_a_token() {
    let mut open = options();
    open.ui = "0.0.0.0:0".parse().unwrap();
    let error = Server::bind(Keeper::new(), open.clone()).await.unwrap_err();
    insta::assert_snapshot!(error, @"0.0.0.0:0 for the web UI can be reached from other machines: give a token that requests must show, or listen on 127.0.0.1");
    open.token = Some(Token::generate().unwrap());
    let running = Running::with(Keeper::new(), open).await;
    let local = SocketAddr::from(([127, 0, 0, 1], running.at.ui.port()));
    assert_eq!(get(local, "/").await.status, 401);
    running.stop().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options();
    options.http = taken.local_addr().unwrap();
    let error = Server::bind(Keeper::new(), options).await.unwrap_err();
    let port = taken.local_addr().unwrap().port().to_string();
    insta::assert_snapshot!(error.to_string().replace(&port, "PORT"), @"nobody can listen on 127.0.0.1:PORT for OTLP over HTTP");
    assert!(
        matches!(error, BindError::Listen { door: Door::Http, source, .. } if source.kind() == std::io::ErrorKind::AddrInUse)
    );
}

#[tokio::test]
async fn localhost_is_served_whichever_address_the_machine_takes_it_for() {
    let local = std::net::Ipv6Addr::LOCALHOST;
    if let Err(error) = tokio::net::TcpListener::bind((local, 0)).await {
        println!("skipped: this machine has no [::1]: {error}");
        return;
    }
    let running = Running::new(Keeper::new()).await;
    let port = running.at.ui.port();
    let twin = SocketAddr::from((local, port));
    let named = format!("localhost:{port}");
    for (host, status) in [
        (twin.to_string(), 200),
        (named, 200),
        ("elsewhere.example".to_owned(), 403),
    ] {
        let answer = send(twin, "GET /api/facets", &[("host", &host)], b"").await;
        assert_eq!(answer.status, status, "{host}: {}", answer.text());
    }
    let answer = send(running.at.ui, "GET /api/facets", &[], b"").await;
    assert_eq!(answer.status, 200);
    assert!(running.stop().await);
    assert!(tokio::net::TcpStream::connect(twin).await.is_err());
}
