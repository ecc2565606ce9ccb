//! What the worker needs of a response's head.

use std::time::Duration;

use genspan_wire::COUNT_HEADERS;
use http::{HeaderMap, HeaderName, HeaderValue, header, response::Parts};

/// Holds a response's status and the headers that decide how its body is read; no others are kept.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) encodings: Vec<HeaderValue>,
    content_type: Option<HeaderValue>,
    retry_after: Option<HeaderValue>,
    retry_after_ms: Option<HeaderValue>,
    should_retry: Option<HeaderValue>,
    counts: Vec<(&'static str, HeaderValue)>,
}

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

impl Head {
    pub(crate) fn of(response: &Parts) -> Self {
        let headers = &response.headers;
        Self {
            status: response.status.as_u16(),
            encodings: encodings(headers),
            content_type: headers.get(header::CONTENT_TYPE).cloned(),
            retry_after: headers.get(header::RETRY_AFTER).cloned(),
            retry_after_ms: headers.get(RETRY_AFTER_MS).cloned(),
            should_retry: headers.get(SHOULD_RETRY).cloned(),
            counts: counts(headers),
        }
    }

    /// Gives the headers that count tokens.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let counts = self.counts.iter();
        counts.filter_map(|(name, value)| Some((*name, value.to_str().ok()?)))
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.content_type.as_ref()?.to_str().ok()
    }

    /// Tells whether the provider has turned the call down.
    pub(crate) const fn is_refusal(&self) -> bool {
        self.status >= 400
    }

    /// Tells whether clients repeat a call that was answered so.
    ///
    /// The statuses are those that the providers' own clients repeat; `x-should-retry` overrules them.
    pub(crate) fn is_retryable(&self) -> bool {
        match self.should_retry.as_ref().map(HeaderValue::as_bytes) {
            Some(b"true") => self.status >= 400,
            Some(b"false") => false,
            _ => matches!(self.status, 408 | 409 | 429 | 500..),
        }
    }

    /// Gives how long the provider asks to wait, where it says so in seconds or milliseconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let millis = number(self.retry_after_ms.as_ref()).map(|millis| millis / 1000.0);
        Duration::try_from_secs_f64(millis.or_else(|| number(self.retry_after.as_ref()))?).ok()
    }
}

fn number(value: Option<&HeaderValue>) -> Option<f64> {
    value?.to_str().ok()?.trim().parse().ok()
}

fn counts(headers: &HeaderMap) -> Vec<(&'static str, HeaderValue)> {
    let stated = COUNT_HEADERS.iter().map(|name| (*name, headers.get(*name)));
    stated
        .filter_map(|(name, value)| Some((name, value?.clone())))
        .collect()
}

/// Gives the values of `content-encoding`.
pub(crate) fn encodings(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    fn head(status: u16, headers: &[(&str, &str)]) -> Head {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Head::of(&response.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn retryable_statuses_are_those_that_clients_repeat() {
        let retryable: Vec<u16> = [200, 400, 401, 404, 408, 409, 422, 429, 500, 503, 529]
            .into_iter()
            .filter(|status| head(*status, &[]).is_retryable())
            .collect();
        assert_eq!(retryable, [408, 409, 429, 500, 503, 529]);
        assert!(!head(429, &[("x-should-retry", "false")]).is_retryable());
        assert!(head(400, &[("x-should-retry", "true")]).is_retryable());
        assert!(!head(200, &[("x-should-retry", "true")]).is_retryable());
    }

    #[test]
    fn of_all_headers_those_that_count_tokens_are_kept() {
        let headers = [
            ("x-amzn-bedrock-output-token-count", "9"),
            ("x-other-count", "1"),
        ];
        let head = head(200, &headers);
        assert_eq!(head.counts().collect::<Vec<_>>(), headers[..1]);
    }

    #[test]
    fn retry_after_is_read_in_both_units() {
        let after = |headers: &[(&str, &str)]| head(429, headers).retry_after();
        assert_eq!(after(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(
            after(&[("retry-after", "2"), ("retry-after-ms", "15")]),
            Some(Duration::from_millis(15))
        );
        assert_eq!(
            after(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]),
            None
        );
        assert_eq!(after(&[("retry-after", "-1")]), None);
        assert_eq!(after(&[("retry-after", "inf")]), None);
    }
}
