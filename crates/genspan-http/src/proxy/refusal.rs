//! The answers that are the proxy's own.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

/// Marks an answer that did not come from a provider.
const MARK: HeaderName = HeaderName::from_static("x-genspan-error");

/// Names the error for the clients of AWS.
const AMAZON_ERROR: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Why a request was not passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `CONNECT`: this is no proxy for whole connections.
    Tunnel,
    /// The request is meant for a host that is not this one.
    Host,
    /// The request comes from a page in a browser.
    Origin,
    /// No route leads the path.
    Route,
    /// The path cannot be put below the upstream's.
    Path,
    /// The request is signed, and this of it cannot go on as it was signed.
    Signature(String),
    /// The provider could not be reached.
    Unreachable {
        /// The upstream's host and port.
        authority: String,
        /// The chain of causes.
        why: String,
    },
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Tunnel => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host | Self::Origin => StatusCode::FORBIDDEN,
            Self::Route => StatusCode::NOT_FOUND,
            Self::Path | Self::Signature(_) => StatusCode::BAD_REQUEST,
            // The official clients retry it, as they retry a connection that fails.
            Self::Unreachable { .. } => StatusCode::BAD_GATEWAY,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Tunnel => "method_not_allowed",
            Self::Host => "host_not_allowed",
            Self::Origin => "origin_not_allowed",
            Self::Route => "route_not_found",
            Self::Path => "path_not_usable",
            Self::Signature(_) => "signature_not_kept",
            Self::Unreachable { .. } => "upstream_unreachable",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Tunnel => "genspan passes on requests to the providers it was started with and is no proxy for CONNECT: set the client's base URL \
                to the address that genspan printed, and unset HTTP_PROXY and HTTPS_PROXY"
                .to_owned(),
            Self::Host => "genspan was asked for a host that is not its own: set the client's base URL to the address that genspan printed, or allow \
                this host name when genspan is started"
                .to_owned(),
            Self::Origin => {
                "genspan does not serve pages in a browser: allow this origin when genspan is started, if the page is yours".to_owned()
            }
            Self::Route => "genspan has no route for this path: set the client's base URL to the whole address that genspan printed, its path \
                included; it may change with every start"
                .to_owned(),
            Self::Path => "genspan cannot pass this path on: it holds a character that no URL can hold".to_owned(),
            Self::Signature(what) => format!(
                "genspan cannot pass on this request as it was signed (AWS Signature Version 4): {what} would change on the way, and the provider would \
                refuse the signature; lead signed requests by a route without a path, or use a bearer token (AWS_BEARER_TOKEN_BEDROCK), which signs nothing"
            ),
            Self::Unreachable { authority, why } => format!("genspan cannot reach {authority}: {why}"),
        }
    }

    /// An error that both the OpenAI and the Anthropic clients can read.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        let word = self.word();
        let message = quoted(&self.message());
        // Clients of AWS look for the text and the word elsewhere.
        let is_for_aws = matches!(self, Self::Signature(_));
        let beside = if is_for_aws {
            format!(r#""message":{message},"#)
        } else {
            String::new()
        };
        let text = format!(
            r#"{{"type":"error",{beside}"error":{{"type":"{word}","message":{message},"param":null,"code":"{word}"}}}}"#
        );
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(MARK, HeaderValue::from_static(word));
        if is_for_aws {
            headers.insert(AMAZON_ERROR, HeaderValue::from_static(word));
        }
        response
    }
}

/// Writes a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            char if char.is_control() => json.push(' '),
            char => json.push(char),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_json_whatever_the_cause_says() {
        assert_eq!(quoted("a \"b\" \\ \n é"), r#""a \"b\" \\   é""#);
    }
}
