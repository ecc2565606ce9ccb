//! A request's body, from the socket to an export, within bounds.

mod inflate;

use std::pin::pin;
use std::time::Duration;

use http::{HeaderMap, header};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;

pub(crate) use self::inflate::Compression;
use crate::limits::{Budget, Limits, Reservation};
use crate::refused::Refused;

/// How long, and how much of, a body that is too large is read away so that its sender gets to see the answer.
const LINGER: Duration = Duration::from_secs(5);
const LINGER_BYTES: usize = 256 << 20;

/// Holds a body as it came, and its share of what may be under way.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) share: Reservation,
}

/// Reads a body to its end.
pub(crate) async fn whole(
    headers: &HeaderMap,
    body: Incoming,
    limits: &Limits,
    budget: &Budget,
) -> Result<Received, Refused> {
    let mut body = pin!(body);
    let stated = body.size_hint().exact();
    let result = gather(body.as_mut(), stated, limits, budget).await;
    if let Err(refused) = &result
        && refused.code != crate::refused::Code::DeadlineExceeded
        && !waits_to_be_told(headers)
    {
        // A connection that is closed before all was read takes the answer with it.
        drop(tokio::time::timeout(LINGER, read_away(body)).await);
    }
    result
}

async fn gather(
    mut body: std::pin::Pin<&mut Incoming>,
    stated: Option<u64>,
    limits: &Limits,
    budget: &Budget,
) -> Result<Received, Refused> {
    let limit = limits.request_bytes;
    let too_large = || Refused::too_large("the request", stated, limit);
    let stated_bytes = stated.map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
    if stated_bytes > limit {
        return Err(too_large());
    }
    let mut share = budget.open();
    let mut bytes = Vec::new();
    loop {
        let frame = tokio::time::timeout(limits.silence, body.frame())
            .await
            .map_err(|_| Refused::silent(limits.silence))?;
        let Some(frame) = frame else {
            return Ok(Received { bytes, share });
        };
        let frame =
            frame.map_err(|error| Refused::malformed(format!("the request broke off: {error}")))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > limit {
            return Err(too_large());
        }
        share.grow(data.len())?;
        if bytes.is_empty() {
            bytes.reserve_exact(stated_bytes);
        }
        bytes.extend_from_slice(&data);
    }
}

async fn read_away(mut body: std::pin::Pin<&mut Incoming>) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, |data| data.len());
        if read > LINGER_BYTES {
            return;
        }
    }
}

/// Tells whether the client sends nothing before it is told to go on.
fn waits_to_be_told(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads away the body of a request that is refused by its head, so that its sender gets to see why.
pub(crate) async fn discard(headers: &HeaderMap, body: Incoming) {
    if !body.is_end_stream() && !waits_to_be_told(headers) {
        drop(tokio::time::timeout(LINGER, read_away(pin!(body))).await);
    }
}
