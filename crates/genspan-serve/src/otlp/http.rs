//! OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`.

use std::sync::Arc;

use http::request::Parts;
use http::{Method, Request, StatusCode, header};
use hyper::body::Incoming;

use super::decode::Encoding;
use super::{Signal, status};
use crate::answer::{Answer, whole, with};
use crate::gate::Gate;
use crate::receive::Compression;
use crate::refused::Refused;
use crate::shared::Shared;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

pub(super) async fn answer(
    gate: &Gate,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    let encoding = encoding(&head);
    let asked = gate.admit(&head).and_then(|()| asked(&head));
    let welcome = asked.as_ref().map(|_| ()).map_err(Refused::clone);
    let taken = match (
        super::body(welcome, shared, &head.headers, body).await,
        asked,
    ) {
        (Ok(received), Ok((signal, encoding, compression))) => {
            super::take(shared, signal, encoding, compression, received)
                .await
                .map(|ingested| (signal, ingested))
        }
        (Err(refused), _) | (_, Err(refused)) => Err(refused),
    };
    match (taken, encoding) {
        (Ok((_, ingested)), Some(Encoding::Protobuf)) => {
            whole(StatusCode::OK, PROTOBUF, status::response(&ingested))
        }
        (Ok((signal, ingested)), _) => whole(
            StatusCode::OK,
            JSON,
            status::response_json(signal, &ingested),
        ),
        (Err(refused), encoding) => error(&refused, encoding),
    }
}

/// Tells what is sent, or why it cannot be taken, as far as the head says.
fn asked(head: &Parts) -> Result<(Signal, Encoding, Compression), Refused> {
    let signal = Signal::of_http(head.uri.path()).ok_or_else(|| {
        Refused::not_found(
            "nothing is here: OTLP goes to /v1/traces, /v1/logs or /v1/metrics, as clients do by themselves that are \
             told this address without a path; the pages are on another port, which genspan printed at its start",
        )
    })?;
    if head.method != Method::POST {
        return Err(Refused::method(format!(
            "{} takes telemetry by POST, not {}",
            signal.http_path(),
            head.method
        )));
    }
    let encoding = encoding(head).ok_or_else(|| {
        let kind = head.headers.get(header::CONTENT_TYPE);
        let kind = kind.map_or_else(
            || "none".to_owned(),
            |kind| {
                String::from_utf8_lossy(kind.as_bytes())
                    .chars()
                    .take(60)
                    .collect()
            },
        );
        Refused::media_type(format!(
            "the content-type is {kind:?}: send {PROTOBUF} or {JSON}, in UTF-8"
        ))
    })?;
    let mut compressions = head.headers.get_all(header::CONTENT_ENCODING).iter();
    let compression = compressions.next().map_or(Ok(Compression::None), |name| {
        Compression::named(name.as_bytes())
    })?;
    if compressions.next().is_some() {
        return Err(Refused::media_type(
            "the body has more than one content-encoding: compress it once",
        ));
    }
    Ok((signal, encoding, compression))
}

fn encoding(head: &Parts) -> Option<Encoding> {
    let mut kinds = head.headers.get_all(header::CONTENT_TYPE).iter();
    let kind = kinds.next()?.to_str().ok()?;
    if kinds.next().is_some() {
        return None;
    }
    let kind = kind.split(';').next()?.trim().to_ascii_lowercase();
    match kind.as_str() {
        PROTOBUF | "application/protobuf" => Some(Encoding::Protobuf),
        JSON => Some(Encoding::Json),
        _ => None,
    }
}

fn error(refused: &Refused, encoding: Option<Encoding>) -> Answer {
    let mut answer = match encoding {
        Some(Encoding::Protobuf) => whole(refused.status, PROTOBUF, status::error(refused)),
        Some(Encoding::Json) | None => whole(refused.status, JSON, status::error_json(refused)),
    };
    if let Some(seconds) = refused.retry_seconds() {
        answer = with(answer, header::RETRY_AFTER, seconds.to_string());
    }
    match refused.status {
        StatusCode::METHOD_NOT_ALLOWED => with(answer, header::ALLOW, "POST"),
        StatusCode::UNAUTHORIZED => with(answer, header::WWW_AUTHENTICATE, "Bearer"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            with(answer, header::ACCEPT_ENCODING, Compression::ACCEPTED)
        }
        _ => answer,
    }
}
