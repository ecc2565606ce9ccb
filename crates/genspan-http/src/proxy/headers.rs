//! Which headers belong to one connection and which go from end to end.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, StatusCode, Version, request, response};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// The protocol that a request wants to change to.
///
/// `h2c` is left out: some clients offer it on every plain connection, and what is behind the proxy is another connection.
pub(super) fn wanted_upgrade<B>(request: &Request<B>) -> Option<HeaderValue> {
    let wanted = request.version() == Version::HTTP_11
        && listed(request.headers(), &header::CONNECTION).any(|it| it == "upgrade");
    let protocol = request.headers().get(header::UPGRADE)?;
    (wanted && !protocol.as_bytes().eq_ignore_ascii_case(b"h2c")).then(|| protocol.clone())
}

/// Leaves in a request what goes to the provider. `host` is made anew from the request's address.
pub(super) fn forward(head: &mut request::Parts, upgrade: Option<HeaderValue>) {
    let takes_trailers = listed(&head.headers, &header::TE).any(|it| it == "trailers");
    let is_http2 = head.version == Version::HTTP_2;
    keep_end_to_end(&mut head.headers, &[header::HOST]);
    if takes_trailers {
        head.headers
            .insert(header::TE, HeaderValue::from_static("trailers"));
    }
    if let Some(protocol) = upgrade {
        insert_upgrade(&mut head.headers, protocol);
    }
    if is_http2 {
        join_cookies(&mut head.headers);
    }
}

/// Leaves in a response what goes to the client.
pub(super) fn backward(head: &mut response::Parts) {
    let protocol = head.headers.get(header::UPGRADE).cloned();
    // The transfer coding decides where a length is given too; to write both would be an error.
    let is_chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
    let replaced: &[HeaderName] = if is_chunked {
        &[header::CONTENT_LENGTH]
    } else {
        &[]
    };
    keep_end_to_end(&mut head.headers, replaced);
    let names_protocol = matches!(
        head.status,
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::UPGRADE_REQUIRED
    );
    if let Some(protocol) = protocol
        && names_protocol
    {
        insert_upgrade(&mut head.headers, protocol);
    }
}

fn insert_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

/// Removes what belongs to the connection, and what is `replaced`; the order of the rest stays, and framing is hyper's to keep or change.
fn keep_end_to_end(headers: &mut HeaderMap, replaced: &[HeaderName]) {
    let named: Vec<String> = listed(headers, &header::CONNECTION).collect();
    let mut kept = HeaderMap::with_capacity(headers.len());
    let mut current = None;
    for (name, value) in headers.drain() {
        if let Some(name) = name {
            current =
                (!replaced.contains(&name) && !is_of_connection(&name, &named)).then_some(name);
        }
        if let Some(name) = &current {
            kept.append(name.clone(), value);
        }
    }
    *headers = kept;
}

fn is_of_connection(name: &HeaderName, named: &[String]) -> bool {
    let frames = [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::HOST,
    ];
    let own = [
        header::CONNECTION,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::UPGRADE,
        KEEP_ALIVE,
        PROXY_CONNECTION,
    ];
    own.contains(name) || (named.iter().any(|it| it == name.as_str()) && !frames.contains(name))
}

/// HTTP/2 clients may send each cookie apart; HTTP/1.1 knows one line only.
fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if crumbs.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// The members of a comma-separated header, in lower case.
fn listed(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|member| member.trim().to_ascii_lowercase())
        .filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(version: Version, headers: &[(&str, &str)]) -> Request<()> {
        let builder = Request::builder().version(version);
        headers
            .iter()
            .fold(builder, |builder, (name, value)| {
                builder.header(*name, *value)
            })
            .body(())
            .unwrap()
    }

    fn forwarded(version: Version, headers: &[(&str, &str)]) -> Vec<String> {
        let request = request(version, headers);
        let upgrade = wanted_upgrade(&request);
        let mut head = request.into_parts().0;
        forward(&mut head, upgrade);
        head.headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    }

    #[test]
    fn only_what_belongs_to_the_connection_is_removed() {
        let sent = [
            ("host", "127.0.0.1"),
            ("connection", "keep-alive, X-Hop, content-length"),
            ("x-a", "1"),
            ("x-hop", "1"),
            ("x-a", "2"),
            ("keep-alive", "timeout=5"),
            ("te", "gzip, Trailers"),
            ("proxy-connection", "keep-alive"),
            ("proxy-authorization", "Basic x"),
            ("content-length", "3"),
            ("accept-encoding", "gzip"),
            ("x-b", "3"),
        ];
        let kept = [
            "x-a: 1",
            "x-a: 2",
            "content-length: 3",
            "accept-encoding: gzip",
            "x-b: 3",
            "te: trailers",
        ];
        assert_eq!(forwarded(Version::HTTP_11, &sent), kept);
    }

    #[test]
    fn upgrades_are_passed_on_but_not_to_h2c() {
        let upgrade = |to| {
            forwarded(
                Version::HTTP_11,
                &[
                    ("connection", "Upgrade, HTTP2-Settings"),
                    ("upgrade", to),
                    ("http2-settings", "x"),
                ],
            )
        };
        assert_eq!(
            upgrade("websocket"),
            ["connection: upgrade", "upgrade: websocket"]
        );
        assert_eq!(upgrade("h2c"), [""; 0]);
        assert_eq!(
            forwarded(Version::HTTP_11, &[("upgrade", "websocket")]),
            [""; 0]
        );
    }

    #[test]
    fn cookies_of_http2_become_one_line() {
        assert_eq!(
            forwarded(Version::HTTP_2, &[("cookie", "a=1"), ("cookie", "b=2")]),
            ["cookie: a=1; b=2"]
        );
        assert_eq!(
            forwarded(Version::HTTP_11, &[("cookie", "a=1"), ("cookie", "b=2")]),
            ["cookie: a=1", "cookie: b=2"]
        );
    }
}
