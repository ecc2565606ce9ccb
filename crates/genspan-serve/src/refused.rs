//! Why a request was not followed, in the terms of every protocol that is spoken here.

use std::time::Duration;

use http::StatusCode;

use crate::backend::{Trouble, TroubleKind};

/// Names gRPC's status codes that are used here.
///
/// See <https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// Says why a request was not followed, and when to come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// For HTTP.
    pub(crate) status: StatusCode,
    /// For gRPC, and within OTLP's error shape.
    pub(crate) code: Code,
    /// What was wrong, what was expected and how to mend it.
    pub(crate) message: String,
    /// Where the same request may go well later.
    pub(crate) retry_after: Option<Duration>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidArgument, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Code::PermissionDenied, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "this address needs the token that genspan printed at its start: send `authorization: Bearer TOKEN`, \
             or open the page by its printed URL, which ends with ?token=TOKEN",
        )
    }

    pub(crate) fn method(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented, message)
    }

    pub(crate) fn media_type(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::InvalidArgument,
            message,
        )
    }

    /// In the words of gRPC's own libraries, which senders look for when they decide to cut a batch.
    pub(crate) fn too_large(what: &str, bytes: Option<u64>, limit: usize) -> Self {
        let bytes = bytes.map_or_else(|| "more".to_owned(), |bytes| bytes.to_string());
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::ResourceExhausted,
            format!(
                "{what} is larger than max ({bytes} vs. {limit} bytes): send smaller batches, or shorter attributes"
            ),
        )
    }

    pub(crate) fn silent(silence: Duration) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            Code::DeadlineExceeded,
            format!("no byte of the request came for {silence:?}: send the whole body at once"),
        )
    }

    pub(crate) fn overloaded(after: Duration) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                Code::ResourceExhausted,
                "more is under way than genspan keeps in memory: send it again later",
            )
        }
    }

    pub(crate) fn unavailable(message: impl Into<String>, after: Duration) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
        }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message)
    }

    /// `retry-after` counts whole seconds.
    pub(crate) fn retry_seconds(&self) -> Option<u64> {
        self.retry_after.map(|after| after.as_secs().max(1))
    }
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        match trouble.kind {
            TroubleKind::Busy => Self::unavailable(trouble.message, Duration::from_secs(1)),
            TroubleKind::Full => Self::unavailable(trouble.message, Duration::from_secs(30)),
            TroubleKind::Invalid => Self::malformed(trouble.message),
            TroubleKind::Broken => Self::internal(trouble.message),
        }
    }
}
