//! What of a request tells whose attempt it is.

use genspan::TraceId;
use http::{HeaderName, request::Parts};

use super::{Digest, kin::Kind};
use crate::target::Target;

/// Tells the clients of a proxy apart, as an extension of a request.
///
/// Whoever accepts connections makes it of what stays the same for one client, such as the peer's
/// address without its port. Only requests of one client are taken for attempts of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(pub u64);

const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

/// Claude Code repeats calls above the library that counts, so that each of its attempts says 0.
const COUNTED_ANEW: HeaderName = HeaderName::from_static("x-claude-code-session-id");

/// Headers by which clients name a conversation; an id that stands in one as well names no single call.
const CONVERSATION_IDS: [HeaderName; 2] = [
    HeaderName::from_static("session-id"),
    HeaderName::from_static("thread-id"),
];

/// Headers by which clients name a call over its attempts.
const CALL_IDS: [HeaderName; 3] = [
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-idempotency-key"),
    HeaderName::from_static("x-client-request-id"),
];

/// Holds what a request's head says of the call it belongs to; values are fingerprints, never texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    client: Option<ClientId>,
    /// The trace of the span that the request happens within; none where it begins one.
    trace: Option<TraceId>,
    route: u64,
    retry_count: Option<u32>,
    call_id: Option<u64>,
}

impl Key {
    pub(crate) fn of(request: &Parts, target: &Target<'_>, trace: Option<TraceId>) -> Self {
        let headers = &request.headers;
        let port = target.port.unwrap_or_default().to_le_bytes();
        Self {
            client: request.extensions.get::<ClientId>().copied(),
            trace,
            route: Digest::of(&[
                target.method.as_bytes(),
                target.host.as_bytes(),
                &port,
                target.path.as_bytes(),
            ]),
            retry_count: headers
                .get(RETRY_COUNT)
                .filter(|_| !headers.contains_key(COUNTED_ANEW))
                .and_then(|count| count.to_str().ok()?.trim().parse().ok()),
            call_id: CALL_IDS.iter().enumerate().find_map(|(which, name)| {
                let id = headers.get(name)?;
                let is_all = |name| headers.get(name) == Some(id);
                if CONVERSATION_IDS.iter().any(is_all) {
                    return None;
                }
                Some(Digest::of(&[&[u8::try_from(which).ok()?], id.as_bytes()]))
            }),
        }
    }

    /// Says what this has in common with the keys of its retries.
    pub(super) const fn kind(&self) -> Kind {
        (self.client, self.trace, self.route)
    }

    /// Tells whether the client counts its attempts.
    pub(crate) const fn is_numbered(&self) -> bool {
        self.retry_count.is_some()
    }

    /// Decides whether this is the key of a later attempt of the same call.
    ///
    /// `is_equal` tells whether the bodies are known to be equal, `is_after` whether the earlier attempt
    /// had ended when this one began.
    pub(super) fn repeats(&self, earlier: &Self, is_equal: bool, is_after: bool) -> bool {
        if self.route != earlier.route {
            return false;
        }
        if self.call_id.is_some() && self.call_id == earlier.call_id {
            return true;
        }
        let is_same_request =
            is_equal && self.client == earlier.client && self.trace == earlier.trace;
        match (self.retry_count, earlier.retry_count) {
            (Some(count), Some(before)) => is_same_request && count > before,
            (None, None) => is_same_request && is_after,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn key(client: u64, headers: &[(&str, &str)]) -> Key {
        key_in(None, client, headers)
    }

    fn key_in(trace: Option<TraceId>, client: u64, headers: &[(&str, &str)]) -> Key {
        let mut request = Request::builder()
            .method("POST")
            .uri("http://h/v1")
            .extension(ClientId(client));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let target = Target::of(&parts);
        Key::of(&parts, &target, trace)
    }

    fn counted(count: &str) -> Key {
        key(1, &[("x-stainless-retry-count", count)])
    }

    #[test]
    fn counts_above_the_earlier_one_repeat_an_equal_request() {
        assert!(counted("1").repeats(&counted("0"), true, true));
        assert!(counted("2").repeats(&counted("0"), true, false));
        assert!(!counted("1").repeats(&counted("0"), false, true));
        assert!(!counted("1").repeats(&counted("1"), true, true));
        assert!(!counted("0").repeats(&counted("0"), true, true));
        assert!(!counted("0").repeats(&key(1, &[]), true, true));
    }

    #[test]
    fn uncounted_requests_repeat_what_failed_before_them() {
        assert!(key(1, &[]).repeats(&key(1, &[]), true, true));
        assert!(!key(1, &[]).repeats(&key(1, &[]), true, false));
        assert!(!key(1, &[]).repeats(&key(2, &[]), true, true));
        let in_trace = |id: u8| key_in(Some(TraceId([id; 16])), 1, &[]);
        assert!(in_trace(1).repeats(&in_trace(1), true, true));
        assert!(!in_trace(1).repeats(&in_trace(2), true, true));
        assert!(!key(1, &[]).repeats(&in_trace(1), true, true));
        assert!(!key(1, &[]).repeats(&key(1, &[]), false, true));
    }

    #[test]
    fn counts_that_begin_anew_with_each_attempt_say_nothing() {
        let anew = |count| {
            let counted = ("x-stainless-retry-count", count);
            key(1, &[counted, ("x-claude-code-session-id", "s")])
        };
        assert!(anew("0").repeats(&anew("0"), true, true));
        assert!(!anew("0").repeats(&anew("0"), true, false));
        assert!(!anew("0").repeats(&anew("0"), false, true));
    }

    #[test]
    fn an_id_of_the_whole_conversation_is_none_of_a_call() {
        let named = [("x-client-request-id", "a"), ("thread-id", "a")];
        assert!(!key(1, &named).repeats(&key(1, &named), false, true));
        assert!(key(1, &named).repeats(&key(1, &named), true, true));
        let apart = [("x-client-request-id", "a"), ("thread-id", "b")];
        assert!(key(1, &apart).repeats(&key(1, &apart), false, true));
    }

    #[test]
    fn equal_ids_repeat_whatever_the_body() {
        let named = |id| key(1, &[("idempotency-key", id)]);
        assert!(named("a").repeats(&named("a"), false, false));
        assert!(!named("a").repeats(&named("b"), false, true));
        assert!(!key(1, &[("x-client-request-id", "a")]).repeats(&named("a"), false, false));
    }
}
