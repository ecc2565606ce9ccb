//! OTLP over gRPC: the three `Export` methods, each of which takes one message.
//!
//! Written on HTTP/2 itself: one kind of call is all there is, and what is read, refused and counted stays in one place
//! for both protocols.

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header,
};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use super::decode::Encoding;
use super::{Signal, status};
use crate::answer::{Answer, empty, with};
use crate::gate::Gate;
use crate::receive::{Compression, Received};
use crate::refused::{Code, Refused};
use crate::shared::Shared;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// What stands before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

pub(super) async fn answer(
    gate: &Gate,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    if head.version != Version::HTTP_2 || head.method != Method::POST {
        // Who does not speak gRPC cannot read its errors.
        return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let asked = gate.admit(&head).and_then(|()| asked(&head));
    let welcome = asked.as_ref().map(|_| ()).map_err(Refused::clone);
    let received = super::body(welcome, shared, &head.headers, body).await;
    let taken = match (received, asked) {
        (Ok(received), Ok((signal, compression))) => match unframed(received, compression) {
            Ok((message, compression)) => {
                super::take(shared, signal, Encoding::Protobuf, compression, message).await
            }
            Err(refused) => Err(refused),
        },
        (Err(refused), _) | (_, Err(refused)) => Err(refused),
    };
    match taken {
        Ok(ingested) => framed(&status::response(&ingested)),
        Err(refused) => error(&refused),
    }
}

fn asked(head: &Parts) -> Result<(Signal, Compression), Refused> {
    let kind = head
        .headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    if !matches!(kind, Some(b"application/grpc" | b"application/grpc+proto")) {
        return Err(Refused {
            code: Code::Unimplemented,
            ..Refused::media_type("messages are taken as application/grpc+proto only")
        });
    }
    let signal = Signal::of_grpc(head.uri.path()).ok_or_else(|| Refused {
        code: Code::Unimplemented,
        ..Refused::not_found(
            "there is no such method: genspan has Export of OTLP's TraceService, LogsService and MetricsService",
        )
    })?;
    let compression = head
        .headers
        .get(ENCODING)
        .map_or(Ok(Compression::None), |name| {
            Compression::named(name.as_bytes())
        })?;
    Ok((signal, compression))
}

/// Takes the one message out of its frame.
fn unframed(
    received: Received,
    compression: Compression,
) -> Result<(Received, Compression), Refused> {
    let Received { mut bytes, share } = received;
    let is_cut = || Refused::malformed("the gRPC message is cut: its length and what came differ");
    let Some(&[flag, a, b, c, d]) = bytes.first_chunk::<PREFIX>() else {
        return Err(is_cut());
    };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if bytes.len() - PREFIX != length {
        return Err(is_cut());
    }
    bytes.drain(..PREFIX);
    let compression = match flag {
        0 => Compression::None,
        1 if compression != Compression::None => compression,
        1 => {
            return Err(Refused {
                code: Code::Internal,
                ..Refused::malformed(
                    "the message is compressed, but grpc-encoding does not say how",
                )
            });
        }
        _ => {
            return Err(Refused::malformed(
                "the gRPC message begins with neither 0 nor 1",
            ));
        }
    };
    Ok((Received { bytes, share }, compression))
}

fn framed(message: &[u8]) -> Answer {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut body = Vec::with_capacity(PREFIX + message.len());
    body.push(0);
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(message);
    let mut trailers = HeaderMap::new();
    trailers.insert(STATUS, HeaderValue::from_static("0"));
    let body =
        Full::new(Bytes::from(body)).with_trailers(async { Some(Ok::<_, Infallible>(trailers)) });
    headed(Response::new(body.boxed()))
}

/// Answers with headers alone, as gRPC does where there is no message.
fn error(refused: &Refused) -> Answer {
    let mut answer = headed(empty(StatusCode::OK));
    answer = with(answer, STATUS, (refused.code as i32).to_string());
    answer = with(answer, MESSAGE, percent_encoded(&refused.message));
    if refused.retry_after.is_some() {
        answer = with(
            answer,
            DETAILS,
            STANDARD_NO_PAD.encode(status::error(refused)),
        );
    }
    answer
}

fn headed(answer: Answer) -> Answer {
    let answer = with(answer, header::CONTENT_TYPE, "application/grpc");
    with(answer, ACCEPTED, Compression::ACCEPTED)
}

/// Writes text as gRPC wants it in a header.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b' '..=b'~') && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            // A string takes everything.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;

    fn unframe(bytes: &[u8], compression: Compression) -> Result<(Vec<u8>, Compression), Code> {
        let received = Received {
            bytes: bytes.to_vec(),
            share: Budget::new(1).open(),
        };
        let unframed = unframed(received, compression);
        unframed
            .map(|(received, compression)| (received.bytes, compression))
            .map_err(|refused| refused.code)
    }

    #[test]
    fn one_whole_message_is_taken() {
        use Compression::{Gzip, None};
        assert_eq!(unframe(b"\0\0\0\0\x02ab", Gzip), Ok((b"ab".to_vec(), None)));
        assert_eq!(
            unframe(b"\x01\0\0\0\x02ab", Gzip),
            Ok((b"ab".to_vec(), Gzip))
        );
        assert_eq!(unframe(b"\0\0\0\0\0", None), Ok((Vec::new(), None)));
        let cut: [&[u8]; 6] = [
            b"",
            b"\0\0\0\0",
            b"\0\0\0\0\x03ab",
            b"\0\0\0\0\x01ab",
            b"\0\xff\xff\xff\xffab",
            b"\x02\0\0\0\0",
        ];
        for cut in cut {
            assert_eq!(unframe(cut, None), Err(Code::InvalidArgument), "{cut:?}");
        }
        assert_eq!(unframe(b"\x01\0\0\0\x02ab", None), Err(Code::Internal));
    }

    #[test]
    fn messages_of_errors_stand_in_a_header() {
        assert_eq!(percent_encoded("100 % – no\n"), "100 %25 %E2%80%93 no%0A");
    }
}
