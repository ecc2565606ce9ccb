//! OTLP over HTTP.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceResponse, metrics::v1::ExportMetricsServiceResponse,
    trace::v1::ExportTraceServiceResponse,
};
use prost::Message;
use rustls::{ClientConfig, RootCertStore};

use super::{Outcome, chain};
use crate::{Encoding, HttpEndpoint, Signal, request::Request};

/// Bounds how much of an answer is read.
const MAX_ANSWER: usize = 64 * 1024;

const USER_AGENT: &str = concat!("genspan/", env!("CARGO_PKG_VERSION"));

/// Posts requests to a collector.
#[derive(Debug)]
pub(crate) struct HttpExporter {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoint: HttpEndpoint,
    headers: HeaderMap,
}

impl HttpExporter {
    pub(super) fn new(endpoint: &HttpEndpoint) -> io::Result<Self> {
        let needs_tls = Signal::ALL
            .iter()
            .filter_map(|signal| endpoint.of(*signal))
            .any(is_https);
        let content_type = match endpoint.encoding {
            Encoding::Protobuf => "application/x-protobuf",
            Encoding::Json => "application/json",
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::USER_AGENT,
            header::HeaderValue::from_static(USER_AGENT),
        );
        for (name, value) in endpoint.headers.iter() {
            headers.insert(name, value.clone());
        }
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static(content_type),
        );
        let client = Client::builder(TokioExecutor::new()).build(connector(needs_tls)?);
        Ok(Self {
            client,
            endpoint: endpoint.clone(),
            headers,
        })
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.endpoint.timeout
    }

    pub(super) const fn encoding(&self) -> Encoding {
        self.endpoint.encoding
    }

    pub(super) async fn export(&self, request: &Request) -> Outcome {
        let signal = request.signal();
        let Some(uri) = self.endpoint.of(signal) else {
            return Outcome::Refused {
                why: format!("no address for {}", signal.as_str()),
            };
        };
        let body = Full::new(Bytes::from(request.encode(self.endpoint.encoding)));
        let mut post = http::Request::new(body);
        *post.method_mut() = Method::POST;
        *post.uri_mut() = uri.clone();
        *post.headers_mut() = self.headers.clone();
        let response = match self.client.request(post).await {
            Ok(response) => response,
            Err(error) => {
                return Outcome::Away {
                    after: None,
                    why: chain(&error),
                };
            }
        };
        let (head, body) = response.into_parts();
        let answer = Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes);
        if head.status.is_success() {
            // The status alone says that the request was taken; an answer that broke off cannot unsay it.
            return Outcome::Delivered {
                rejected: rejected(signal, &head.headers, &answer.unwrap_or_default()),
            };
        }
        judge(head.status, &head.headers)
    }
}

fn is_https(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

/// Builds the way to connect; the system's certificates are read only where they are needed.
fn connector(needs_tls: bool) -> io::Result<HttpsConnector<HttpConnector>> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new();
    let builder = if needs_tls {
        builder.with_provider_and_native_roots(provider)?
    } else {
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        builder.with_tls_config(config)
    };
    Ok(builder
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .build())
}

fn judge(status: StatusCode, headers: &HeaderMap) -> Outcome {
    let why = format!("HTTP {status}");
    match status.as_u16() {
        408 | 429 | 502 | 503 | 504 => Outcome::Away {
            after: retry_after(headers),
            why,
        },
        413 => Outcome::TooLarge { why },
        _ => Outcome::Refused { why },
    }
}

/// Reads `Retry-After` in seconds; with a date, our own back-off decides.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// Counts what the receiver took the request without.
fn rejected(signal: Signal, headers: &HeaderMap, answer: &[u8]) -> u64 {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let rejected = if kind.starts_with("application/json") {
        rejected_in_json(signal, answer)
    } else {
        rejected_in_protobuf(signal, answer)
    };
    rejected
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or(0)
}

fn rejected_in_protobuf(signal: Signal, answer: &[u8]) -> Option<i64> {
    Some(match signal {
        Signal::Traces => {
            ExportTraceServiceResponse::decode(answer)
                .ok()?
                .partial_success?
                .rejected_spans
        }
        Signal::Logs => {
            ExportLogsServiceResponse::decode(answer)
                .ok()?
                .partial_success?
                .rejected_log_records
        }
        Signal::Metrics => {
            ExportMetricsServiceResponse::decode(answer)
                .ok()?
                .partial_success?
                .rejected_data_points
        }
    })
}

fn rejected_in_json(signal: Signal, answer: &[u8]) -> Option<i64> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let count = answer.get("partialSuccess")?.get(match signal {
        Signal::Traces => "rejectedSpans",
        Signal::Logs => "rejectedLogRecords",
        Signal::Metrics => "rejectedDataPoints",
    })?;
    count.as_i64().or_else(|| count.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_answers_state_numbers_either_way() {
        for text in [
            r#"{"partialSuccess":{"rejectedSpans":"3"}}"#,
            r#"{"partialSuccess":{"rejectedSpans":3}}"#,
        ] {
            assert_eq!(rejected_in_json(Signal::Traces, text.as_bytes()), Some(3));
        }
        assert_eq!(rejected_in_json(Signal::Traces, b"{}"), None);
        assert_eq!(rejected_in_json(Signal::Traces, b"<html>"), None);
    }

    #[test]
    fn statuses_are_judged_as_the_protocol_says() {
        let none = HeaderMap::new();
        for status in [408, 429, 502, 503, 504] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(
                matches!(judge(status, &none), Outcome::Away { after: None, .. }),
                "{status}"
            );
        }
        for status in [301, 400, 401, 403, 404, 500, 501] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(
                matches!(judge(status, &none), Outcome::Refused { .. }),
                "{status}"
            );
        }
        assert!(matches!(
            judge(StatusCode::PAYLOAD_TOO_LARGE, &none),
            Outcome::TooLarge { .. }
        ));
    }
}
