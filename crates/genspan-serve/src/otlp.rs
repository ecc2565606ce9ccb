//! The receiver: OTLP over HTTP and gRPC, both on each of its ports.

mod decode;
mod grpc;
mod http;
mod json;
mod signal;
mod status;
mod text;

use std::sync::Arc;

use ::http::{Request, header};
use hyper::body::Incoming;
use prost::bytes::Bytes;

use self::decode::Encoding;
use self::signal::Signal;
pub use self::text::{BadJson, read_json};
use crate::answer::Answer;
use crate::backend::Ingested;
use crate::gate::Gate;
use crate::receive::{self, Compression, Received};
use crate::refused::Refused;
use crate::shared::Shared;

/// Answers a request to one of the receiver's ports.
pub(crate) async fn answer(
    gate: &Gate,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Answer {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if is_grpc {
        grpc::answer(gate, shared, request).await
    } else {
        http::answer(gate, shared, request).await
    }
}

/// Reads a request's body where the request is welcome.
async fn body(
    is_welcome: Result<(), Refused>,
    shared: &Shared,
    headers: &::http::HeaderMap,
    body: Incoming,
) -> Result<Received, Refused> {
    match is_welcome {
        Ok(()) => receive::whole(headers, body, &shared.limits, &shared.budget).await,
        Err(refused) => {
            receive::discard(headers, body).await;
            Err(refused)
        }
    }
}

/// Takes a message: returns once it is kept.
async fn take(
    shared: &Arc<Shared>,
    signal: Signal,
    encoding: Encoding,
    compression: Compression,
    message: Received,
) -> Result<Ingested, Refused> {
    let limit = shared.limits.message_bytes;
    let Received { bytes, mut share } = message;
    shared
        .ingest(move |backend| {
            let bytes = compression.undo(bytes, limit, &mut share)?;
            let export = decode::export(signal, encoding, Bytes::from(bytes))?;
            let ingested = backend.ingest(export)?;
            drop(share);
            Ok(ingested)
        })
        .await
}
