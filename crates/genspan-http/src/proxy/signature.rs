//! Requests that are signed for AWS (Signature Version 4), of which nothing that was signed may change.

use http::header::{self, HeaderName, HeaderValue};
use http::{Uri, request};

use super::refusal::Refusal;

/// What a request's signature covers, as the client sent it.
///
/// The method and the body are passed on as they are in any case.
#[derive(Debug)]
pub(super) struct Signature {
    /// The path with its query.
    path: String,
    host: Option<HeaderValue>,
    /// The other headers that are signed, with all their values.
    headers: Vec<(HeaderName, Vec<HeaderValue>)>,
}

impl Signature {
    /// Finds the signature of a request as it came, in `authorization` or in the query.
    pub(super) fn of(head: &request::Parts) -> Option<Self> {
        let names = signed_in_header(head).or_else(|| signed_in_query(&head.uri))?;
        let headers = names
            .split(';')
            .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
            .filter(|name| *name != header::HOST)
            .map(|name| {
                let values = head.headers.get_all(&name).iter().cloned().collect();
                (name, values)
            });
        // HTTP/2 has the host in the address.
        let authority = head.uri.authority();
        let host = head.headers.get(header::HOST).cloned();
        Some(Self {
            path: path_of(&head.uri).to_owned(),
            host: host.or_else(|| HeaderValue::from_str(authority?.as_str()).ok()),
            headers: headers.collect(),
        })
    }

    /// Tells whether a header is signed.
    pub(super) fn covers(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(signed, _)| signed == name)
    }

    /// Gives the request the host that was signed, and makes sure that all else is as it was signed.
    pub(super) fn keep(self, head: &mut request::Parts, target: &Uri) -> Result<(), Refusal> {
        let changed = |what: &str| Err(Refusal::Signature(what.to_owned()));
        if path_of(target) != self.path {
            return changed("the path");
        }
        for (name, values) in &self.headers {
            if !head.headers.get_all(name).iter().eq(values) {
                return changed(&format!("the header {name}"));
            }
        }
        match self.host {
            Some(host) => drop(head.headers.insert(header::HOST, host)),
            None => return changed("the host"),
        }
        Ok(())
    }
}

/// Gives the names that `authorization` lists, where it is a signature.
fn signed_in_header(head: &request::Parts) -> Option<String> {
    let values = head.headers.get_all(header::AUTHORIZATION).iter();
    let mut texts = values.filter_map(|value| value.to_str().ok());
    let (_, fields) = texts.find_map(|text| {
        let (scheme, fields) = text.trim_start().split_once(' ')?;
        scheme.starts_with("AWS4-").then_some((scheme, fields))
    })?;
    let names = fields
        .split(',')
        .find_map(|field| field.trim().strip_prefix("SignedHeaders="));
    Some(names.unwrap_or_default().to_owned())
}

/// Gives the names that the query lists, where it holds a signature.
fn signed_in_query(uri: &Uri) -> Option<String> {
    let parameter = |name: &str| {
        let mut pairs = uri
            .query()?
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    };
    parameter("X-Amz-Signature")?;
    let names = parameter("X-Amz-SignedHeaders").unwrap_or_default();
    Some(names.replace("%3B", ";").replace("%3b", ";"))
}

fn path_of(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=a/20260102/eu-west-1/bedrock/aws4_request, SignedHeaders=host;x-a;x-amz-date, Signature=00";

    fn head(uri: &str, headers: &[(&str, &str)]) -> request::Parts {
        let builder = headers
            .iter()
            .fold(Request::post(uri), |builder, (name, value)| {
                builder.header(*name, *value)
            });
        builder.body(()).unwrap().into_parts().0
    }

    fn kept(head: &request::Parts, changed: &request::Parts, target: &str) -> String {
        let signature = Signature::of(head).unwrap();
        let mut changed = changed.clone();
        match signature.keep(&mut changed, &target.parse().unwrap()) {
            Ok(()) => format!("{:?}", changed.headers.get(header::HOST)),
            Err(Refusal::Signature(what)) => what,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_signed_goes_on_or_nothing_does() {
        let sent = [
            ("host", "127.0.0.1:4000"),
            ("authorization", SIGNED),
            ("x-a", "1"),
            ("x-a", "2"),
        ];
        let signed = head("/model/a%3A0/converse?x", &sent);
        let forwarded = head("/", &sent[1..]);
        let target = "https://bedrock.example/model/a%3A0/converse?x";
        assert_eq!(
            kept(&signed, &forwarded, target),
            r#"Some("127.0.0.1:4000")"#
        );
        for target in [
            "https://bedrock.example/model/a:0/converse?x",
            "https://bedrock.example/model/a%3A0/converse",
            "https://bedrock.example/b/model/a%3A0/converse?x",
        ] {
            assert_eq!(kept(&signed, &forwarded, target), "the path");
        }
        let changed = head("/", &sent[..3]);
        assert_eq!(kept(&signed, &changed, target), "the header x-a");
        let more = head("/", &[("x-amz-date", "now"), ("x-a", "1"), ("x-a", "2")]);
        assert_eq!(kept(&signed, &more, target), "the header x-amz-date");
    }

    #[test]
    fn the_host_of_http2_is_in_its_address() {
        let signed = head("https://bedrock.example/p", &[("authorization", SIGNED)]);
        let forwarded = head("/", &[]);
        assert_eq!(
            kept(&signed, &forwarded, "https://127.0.0.1/p"),
            r#"Some("bedrock.example")"#
        );
        let signed = head("/p", &[("authorization", SIGNED)]);
        assert_eq!(kept(&signed, &forwarded, "https://127.0.0.1/p"), "the host");
    }

    #[test]
    fn a_signature_stands_in_the_header_or_in_the_query() {
        let is_signed = |uri: &str, authorization: &str| {
            Signature::of(&head(uri, &[("authorization", authorization)]))
        };
        assert!(is_signed("/p", "Bearer AWS4-HMAC-SHA256").is_none());
        assert!(is_signed("/p?X-Amz-Date=1", "Basic x").is_none());
        assert!(is_signed("/p", "AWS4-ECDSA-P256-SHA256 Credential=a").is_some());
        let query = "/p?X-Amz-SignedHeaders=host%3Bx-b&X-Amz-Signature=00";
        let signature = is_signed(query, "").unwrap();
        let covers = |name| signature.covers(&HeaderName::from_static(name));
        assert!(covers("x-b") && !covers("x-a") && !covers("host"));
    }
}
