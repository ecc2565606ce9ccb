use http::Request;

use super::*;

fn gate(own: &str, has_pages: bool) -> Gate {
    Gate {
        own: own.parse().unwrap(),
        hosts: vec!["genspan.internal".to_owned(), "localhost:9999".to_owned()],
        token: None,
        has_pages,
    }
}

fn head(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn status(gate: &Gate, method: &str, uri: &str, headers: &[(&str, &str)]) -> u16 {
    let admitted = gate.admit(&head(method, uri, headers));
    admitted.map_or_else(|refused| refused.status.as_u16(), |()| 200)
}

#[test]
fn hosts() {
    let local = gate("127.0.0.1:4319", true);
    for (host, want) in [
        ("127.0.0.1:4319", 200),
        ("[::1]:4319", 200),
        ("localhost:4319", 200),
        ("LocalHost.:4319", 200),
        ("127.9.9.9:4319", 200),
        ("localhost:9999", 200),
        ("Genspan.Internal", 200),
        ("genspan.internal:8080", 200),
        ("localhost", 403),
        ("localhost:4318", 403),
        ("127.0.0.1:80", 403),
        ("127.0.0.1:9999", 403),
        ("evil.example:4319", 403),
        ("localhost.evil.example:4319", 403),
        ("127.0.0.1.evil.example:4319", 403),
        ("genspan.internal.evil.example", 403),
        ("user@localhost:4319", 403),
        ("localhost:4319@evil.example", 403),
        ("192.168.1.4:4319", 403),
        ("0.0.0.0:4319", 403),
        ("0x7f000001:4319", 403),
        ("2130706433:4319", 403),
        ("a b", 403),
        ("", 403),
    ] {
        assert_eq!(
            status(&local, "GET", "/", &[("host", host)]),
            want,
            "{host}"
        );
    }
    assert_eq!(status(&local, "GET", "/", &[]), 400);
    let both = [("host", "localhost:4319"), ("host", "evil.example:4319")];
    assert_eq!(status(&local, "GET", "/", &both), 403);
    let own = [("host", "localhost:4319")];
    assert_eq!(
        status(&local, "GET", "http://evil.example:4319/", &own),
        403
    );
    assert_eq!(status(&local, "GET", "http://localhost:4319/", &[]), 200);
}

#[test]
fn hosts_of_other_addresses() {
    let lan = gate("192.168.1.4:4319", true);
    assert_eq!(
        status(&lan, "GET", "/", &[("host", "192.168.1.4:4319")]),
        200
    );
    assert_eq!(
        status(&lan, "GET", "/", &[("host", "192.168.1.5:4319")]),
        403
    );
    let every = gate("0.0.0.0:4319", true);
    assert_eq!(
        status(&every, "GET", "/", &[("host", "192.168.1.5:4319")]),
        200
    );
    assert_eq!(
        status(&every, "GET", "/", &[("host", "evil.example:4319")]),
        403
    );
}

#[test]
fn origins() {
    let host = ("host", "localhost:4319");
    for (origin, page, otlp) in [
        ("http://localhost:4319", 200, 403),
        ("https://localhost:4319", 200, 403),
        ("http://LOCALHOST:4319", 200, 403),
        ("http://127.0.0.1:4319", 403, 403),
        ("http://localhost:3000", 403, 403),
        ("http://localhost", 403, 403),
        ("http://localhost:43190", 403, 403),
        ("http://localhost:4319.evil.example", 403, 403),
        ("https://evil.example", 403, 403),
        ("chrome-extension://abc", 403, 403),
        ("null", 403, 403),
        ("", 403, 403),
    ] {
        let headers = [host, ("origin", origin), ("x-genspan", "1")];
        assert_eq!(
            status(
                &gate("127.0.0.1:4319", true),
                "DELETE",
                "/api/traces/a",
                &headers
            ),
            page,
            "{origin}"
        );
        assert_eq!(
            status(
                &gate("127.0.0.1:4319", false),
                "POST",
                "/v1/traces",
                &headers
            ),
            otlp,
            "{origin}"
        );
    }
}

#[test]
fn what_browsers_say_of_a_request() {
    let gate = gate("127.0.0.1:4319", true);
    let host = ("host", "localhost:4319");
    for (site, mode, path, want) in [
        ("same-origin", "cors", "/api/traces", 200),
        ("none", "navigate", "/api/traces", 200),
        ("cross-site", "navigate", "/traces/1", 200),
        ("same-site", "navigate", "/", 200),
        ("cross-site", "navigate", "/api/traces", 403),
        ("cross-site", "no-cors", "/", 403),
        ("same-site", "no-cors", "/api/traces", 403),
        ("cross-site", "cors", "/api/live", 403),
        ("new-word", "cors", "/api/live", 403),
    ] {
        let headers = [host, ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
        assert_eq!(
            status(&gate, "GET", path, &headers),
            want,
            "{site} {mode} {path}"
        );
    }
}

#[test]
fn changes_need_the_mark() {
    let gate = gate("127.0.0.1:4319", true);
    let host = ("host", "localhost:4319");
    for method in [
        "DELETE", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT",
    ] {
        assert_eq!(
            status(&gate, method, "/api/traces/a", &[host]),
            403,
            "{method}"
        );
        let other = [host, ("x-genspan", "yes")];
        assert_eq!(
            status(&gate, method, "/api/traces/a", &other),
            403,
            "{method}"
        );
        let marked = [host, ("x-genspan", "1")];
        assert_eq!(
            status(&gate, method, "/api/traces/a", &marked),
            200,
            "{method}"
        );
    }
    assert_eq!(status(&gate, "HEAD", "/", &[host]), 200);
}

const TOKEN: &str = "0123456789abcdef";

#[test]
fn tokens() {
    let with = |has_pages| Gate {
        token: Some(Token::new(TOKEN).unwrap()),
        ..gate("127.0.0.1:4319", has_pages)
    };
    let (page, otlp) = (with(true), with(false));
    let session = format!("a=b; genspan-4319={}", Token::new(TOKEN).unwrap().session());
    let host = ("host", "localhost:4319");
    let check = |path: &str, header: (&str, &str), want_page, want_otlp| {
        let headers = [host, header];
        assert_eq!(
            status(&page, "GET", path, &headers),
            want_page,
            "{path} {header:?}"
        );
        assert_eq!(
            status(&otlp, "GET", path, &headers),
            want_otlp,
            "{path} {header:?}"
        );
    };
    let right = format!("Bearer {TOKEN}");
    check("/", ("authorization", &right), 200, 200);
    check("/", ("authorization", &right.to_lowercase()), 200, 200);
    check("/", ("authorization", TOKEN), 401, 401);
    check("/", ("authorization", &format!("Basic {TOKEN}")), 401, 401);
    check("/", ("authorization", "Bearer "), 401, 401);
    check("/", ("authorization", "Bearer 0123456789abcdeg"), 401, 401);
    check("/", ("cookie", &session), 200, 401);
    check("/", ("cookie", &format!("genspan-4319={TOKEN}")), 401, 401);
    check("/", ("cookie", &session.replace("4319", "4320")), 401, 401);
    check("/", ("x-a", "b"), 401, 401);
    check(&format!("/?token={TOKEN}"), ("x-a", "b"), 200, 401);
    check(
        &format!("/api/traces?token={TOKEN}"),
        ("x-a", "b"),
        401,
        401,
    );
    check("/?token=wrong", ("x-a", "b"), 401, 401);
}

#[test]
fn a_visit_goes_on_without_the_token() {
    let gate = Gate {
        token: Some(Token::new(TOKEN).unwrap()),
        ..gate("127.0.0.1:4319", true)
    };
    let visit = |uri: &str| {
        gate.visit(&head("GET", uri, &[]))
            .map(|visit| visit.location)
    };
    let to = |path: &str| Some(path.to_owned());
    assert_eq!(visit(&format!("/?token={TOKEN}")), to("/"));
    assert_eq!(
        visit(&format!("/traces/a?span=b&token={TOKEN}&x=y")),
        to("/traces/a?span=b&x=y")
    );
    assert_eq!(
        visit(&format!("//evil.example/?token={TOKEN}")),
        to("/evil.example/")
    );
    assert_eq!(visit("/?token=wrong"), None);
    assert_eq!(visit("/"), None);
    let cookie = gate
        .visit(&head("GET", &format!("/?token={TOKEN}"), &[]))
        .unwrap()
        .cookie;
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains(TOKEN));
}

#[test]
fn refusals_say_what_would_do() {
    let gate = gate("127.0.0.1:4319", true);
    let said =
        |headers: &[(&str, &str)]| gate.admit(&head("POST", "/", headers)).unwrap_err().message;
    insta::assert_snapshot!(said(&[("host", "evil.example:4319")]), @r#"this server is not known as "evil.example:4319", and a page of another site might be behind that: call it by 127.0.0.1:4319 or localhost:4319, or start genspan with `--allow-host evil.example`"#);
    insta::assert_snapshot!(said(&[("host", "localhost:4319"), ("origin", "http://evil.example")]), @"pages of other sites may not speak to genspan: send telemetry of a page through a server of your own");
    insta::assert_snapshot!(said(&[("host", "localhost:4319")]), @"what changes something needs the header `x-genspan: 1`, which pages of other sites cannot send");
    insta::assert_snapshot!(Refused::unauthorized().message, @"this address needs the token that genspan printed at its start: send `authorization: Bearer TOKEN`, or open the page by its printed URL, which ends with ?token=TOKEN");
}
