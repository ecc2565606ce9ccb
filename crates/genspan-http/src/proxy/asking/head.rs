//! Which requests may be asked with the question, and what their head says then.

use genspan::Provider;
use genspan_wire::ask;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, request};
use http_body::Body;

use crate::Recorded;
use crate::proxy::dial::Manner;
use crate::target::Target;

/// The bytes of a request's body that are held to put the question into it; a longer one goes on as it is.
const MAX_BODY: u64 = 8 * 1024 * 1024;

/// Changes what the head says of the body, and asks for an answer that can be read on its way.
pub(super) fn with_question(mut head: request::Parts, length: usize) -> request::Parts {
    if let Some(stated) = head.headers.get_mut(header::CONTENT_LENGTH) {
        *stated = HeaderValue::from(length);
    }
    if head.headers.contains_key(header::ACCEPT_ENCODING) {
        let plain = HeaderValue::from_static("identity");
        head.headers.insert(header::ACCEPT_ENCODING, plain);
    }
    head
}

/// Tells whether the question may be put into a request, as far as its head says.
pub(super) fn may_ask<B: Body>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let extensions = request.extensions();
    let is_short = |length| (1..=MAX_BODY).contains(&length);
    // Where nobody records the call, nobody would read the answer.
    extensions.get::<Recorded>().is_some()
        && extensions.get::<Manner>() != Some(&Manner::Http1)
        && request.body().size_hint().exact().is_some_and(is_short)
        && is_json(headers)
        && is_plain(headers)
        && !is_sealed(headers)
        && !is_signed(request)
        && !headers.contains_key(header::EXPECT)
        && takes_plain_answers(headers)
        && ask::is_understood(
            &Target::of_request(request).head(),
            extensions.get::<Provider>(),
        )
}

fn is_json(headers: &HeaderMap) -> bool {
    let stated = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let name = stated.and_then(|it| it.split(';').next());
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

/// Tells whether a body is not compressed.
pub(in crate::proxy) fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Tells whether headers vouch for the bytes of a body.
pub(in crate::proxy) fn is_sealed(headers: &HeaderMap) -> bool {
    const SEALS: [HeaderName; 8] = [
        HeaderName::from_static("content-digest"),
        HeaderName::from_static("content-md5"),
        HeaderName::from_static("digest"),
        HeaderName::from_static("repr-digest"),
        HeaderName::from_static("signature"),
        HeaderName::from_static("signature-input"),
        HeaderName::from_static("x-amz-content-sha256"),
        HeaderName::from_static("x-content-sha256"),
    ];
    SEALS.iter().any(|name| headers.contains_key(name))
}

/// Tells whether a request is signed in one of the ways in which clouds have their requests signed.
fn is_signed<B>(request: &Request<B>) -> bool {
    let scheme = |value: &HeaderValue| {
        let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
        scheme.is_some_and(|scheme| {
            scheme.starts_with(b"AWS4-") || scheme.eq_ignore_ascii_case(b"signature")
        })
    };
    request
        .headers()
        .get_all(header::AUTHORIZATION)
        .iter()
        .any(scheme)
        || request
            .uri()
            .query()
            .is_some_and(|query| query.contains("X-Amz-Signature="))
}

/// Tells whether a client takes answers that are not compressed, which hardly any refuses.
fn takes_plain_answers(headers: &HeaderMap) -> bool {
    let refuses = |member: &str| {
        let weight = member
            .split(';')
            .skip(1)
            .find_map(|it| it.trim().strip_prefix("q="));
        weight.is_some_and(|weight| weight.bytes().all(|byte| matches!(byte, b'0' | b'.')))
    };
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .all(|value| {
            value
                .to_str()
                .is_ok_and(|list| !list.split(',').any(refuses))
        })
}
