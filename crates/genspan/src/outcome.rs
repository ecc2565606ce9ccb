//! How an operation ended.

mod type_name;

use std::{borrow::Cow, fmt};

use crate::semconv::value::error_type;

/// Names a class of failures, for `error.type`; few words, so that it may stand on metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorType {
    /// The provider turns calls away because there are too many (HTTP 429).
    RateLimited,
    /// The request was wrong (HTTP 400, 404, 413, 422).
    InvalidRequest,
    /// The caller is not known or not allowed (HTTP 401, 403).
    Authentication,
    /// The provider failed or is overloaded (HTTP 500 and above).
    ServerError,
    /// The provider reported an error inside a stream that had begun well.
    StreamError,
    /// The provider could not be reached.
    Connectivity,
    /// The connection broke after the request was sent.
    ConnectionLost,
    /// A deadline passed.
    Timeout,
    /// The caller lost interest: dropped the call, the stream or the connection.
    Cancelled,
    /// The input ended without saying that it was complete.
    Truncated,
    /// A tool reported that it failed.
    ToolError,
    /// A word of the instrumented library, such as the name of its error type.
    Other(Cow<'static, str>),
    /// Nothing more is known.
    Unknown,
}

impl ErrorType {
    /// Gives the word that stands in `error.type`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::InvalidRequest => "invalid_request",
            Self::Authentication => "authentication",
            Self::ServerError => "server_error",
            Self::StreamError => "stream_error",
            Self::Connectivity => "connectivity",
            Self::ConnectionLost => "connection_lost",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Truncated => "truncated",
            Self::ToolError => "tool_error",
            Self::Other(word) => word,
            Self::Unknown => error_type::OTHER,
        }
    }

    /// Finds the class whose word this is, as [`as_str`](Self::as_str) gives it; a word of others' is `None`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        const CLASSES: [ErrorType; 12] = [
            ErrorType::RateLimited,
            ErrorType::InvalidRequest,
            ErrorType::Authentication,
            ErrorType::ServerError,
            ErrorType::StreamError,
            ErrorType::Connectivity,
            ErrorType::ConnectionLost,
            ErrorType::Timeout,
            ErrorType::Cancelled,
            ErrorType::Truncated,
            ErrorType::ToolError,
            ErrorType::Unknown,
        ];
        CLASSES.into_iter().find(|class| class.as_str() == word)
    }

    /// Tells whether it means that the provider did not begin to answer, so that nothing is to be paid.
    #[must_use]
    pub const fn is_turning_away(&self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::InvalidRequest
                | Self::Authentication
                | Self::ServerError
                | Self::Connectivity
        )
    }

    /// Classifies an error by the name of its type, as the language writes it; `None` where that says nothing.
    ///
    /// The word is the type's own name without path and generics, `timeout` where it says so, and never
    /// the error's text. What is just called `Error` is told apart by where it is from.
    #[must_use]
    pub fn from_type_name(type_name: &'static str) -> Option<Self> {
        type_name::class_of(type_name)
    }

    /// Classifies an HTTP status of 400 and above.
    #[must_use]
    pub const fn from_http_status(status: u16) -> Self {
        match status {
            429 => Self::RateLimited,
            401 | 403 => Self::Authentication,
            408 | 504 => Self::Timeout,
            400..=499 => Self::InvalidRequest,
            500.. => Self::ServerError,
            _ => Self::Unknown,
        }
    }

    /// Takes a word that stands for a class of errors in telemetry or in a library: one of [these](Self::as_str), a
    /// provider's code, else itself.
    #[must_use]
    pub fn named(word: &str) -> Self {
        Self::from_word(word)
            .or_else(|| Self::from_provider_code(word))
            .unwrap_or_else(|| Self::Other(word.to_owned().into()))
    }

    /// Classifies a provider's error code or type, where it is one of the known words.
    #[must_use]
    pub fn from_provider_code(code: &str) -> Option<Self> {
        Some(match code {
            "rate_limit_error"
            | "rate_limit_exceeded"
            | "rate_limit"
            | "insufficient_quota"
            | "tokens"
            | "requests"
            | "rate_limit_reached_error"
            | "exceeded_current_quota_error"
            | "too_many_requests"
            | "too_many_requests_error"
            | "RateLimitError" => Self::RateLimited,
            "invalid_request_error"
            | "invalid_request"
            | "not_found_error"
            | "request_too_large"
            | "context_length_exceeded"
            | "model_not_found"
            | "invalid_prompt"
            | "invalid_image"
            | "invalid_image_format"
            | "invalid_image_mode"
            | "invalid_image_url"
            | "invalid_base64_image"
            | "image_too_large"
            | "image_too_small"
            | "image_parse_error"
            | "image_content_policy_violation"
            | "image_file_too_large"
            | "image_file_not_found"
            | "unsupported_image_media_type"
            | "empty_image_file"
            | "failed_to_download_image"
            | "exceed_context_size_error"
            | "BadRequestError"
            | "NotFoundError" => Self::InvalidRequest,
            "authentication_error"
            | "permission_error"
            | "invalid_api_key"
            | "billing_error"
            | "invalid_authentication_error"
            | "permission_denied_error" => Self::Authentication,
            "api_error"
            | "overloaded_error"
            | "server_error"
            | "internal_server_error"
            | "engine_overloaded_error"
            | "service_unavailable"
            | "unavailable_error"
            | "InternalServerError" => Self::ServerError,
            "timeout_error" | "timeout" | "vector_store_timeout" => Self::Timeout,
            // Google's names of statuses.
            "RESOURCE_EXHAUSTED" => Self::RateLimited,
            "INVALID_ARGUMENT"
            | "FAILED_PRECONDITION"
            | "OUT_OF_RANGE"
            | "NOT_FOUND"
            | "ALREADY_EXISTS" => Self::InvalidRequest,
            "UNAUTHENTICATED" | "PERMISSION_DENIED" => Self::Authentication,
            "INTERNAL" | "UNAVAILABLE" | "UNIMPLEMENTED" | "ABORTED" | "DATA_LOSS" => {
                Self::ServerError
            }
            "DEADLINE_EXCEEDED" => Self::Timeout,
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Describes why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class of the failure.
    pub error_type: ErrorType,
    /// The HTTP status, where the failure came with one.
    pub status: Option<u16>,
    /// The error's own text; it may quote prompts, so it is treated as content.
    pub message: Option<String>,
    /// The type of the error that the program saw, as the language writes it.
    pub exception_type: Option<&'static str>,
}

impl Failure {
    /// Describes a failure by its class alone.
    #[must_use]
    pub const fn new(error_type: ErrorType) -> Self {
        Self {
            error_type,
            status: None,
            message: None,
            exception_type: None,
        }
    }

    /// Describes a failure by the HTTP status, of 400 and above, that it came with.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        Self::new(ErrorType::from_http_status(status)).with_status(status)
    }

    /// Describes a failure by the error that the program saw.
    ///
    /// Its class is the short name of its type, `timeout` where the type says so; its text is kept as
    /// the message.
    #[must_use]
    pub fn of<E: fmt::Display + ?Sized>(error: &E) -> Self {
        let exception_type = std::any::type_name::<E>();
        Self {
            exception_type: Some(exception_type),
            ..Self::new(ErrorType::from_type_name(exception_type).unwrap_or(ErrorType::Unknown))
        }
        .with_message(error.to_string())
    }

    /// Takes from a closer view of the same failure what this one does not state.
    pub(crate) fn refine(&mut self, closer: Self) {
        if matches!(self.error_type, ErrorType::Unknown | ErrorType::Other(_)) {
            self.error_type = closer.error_type;
        }
        self.status = self.status.or(closer.status);
        if self.message.is_none() {
            self.message = closer.message;
        }
    }

    /// Adds the error's own text.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds the HTTP status that the failure came with.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

impl From<ErrorType> for Failure {
    fn from(error_type: ErrorType) -> Self {
        Self::new(error_type)
    }
}

/// Tells how an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ended as it should; what the model said may still be a refusal.
    Completed,
    /// It failed.
    Failed(Failure),
    /// Its caller lost interest before it ended.
    Cancelled,
}

impl Outcome {
    /// Gives the class of the error, `None` where there was none.
    #[must_use]
    pub const fn error_type(&self) -> Option<&ErrorType> {
        match self {
            Self::Completed => None,
            Self::Failed(failure) => Some(&failure.error_type),
            Self::Cancelled => Some(&ErrorType::Cancelled),
        }
    }

    /// Tells whether the provider did not begin to answer, so that nothing is to be paid.
    pub(crate) fn is_turned_away(&self) -> bool {
        match self {
            Self::Failed(failure) => {
                failure.status.is_some_and(|status| status >= 400)
                    || failure.error_type.is_turning_away()
            }
            Self::Completed | Self::Cancelled => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word<E: fmt::Display + ?Sized>(error: &E) -> String {
        Failure::of(error).error_type.to_string()
    }

    #[test]
    fn words_are_ours_or_a_providers_or_stay_themselves() {
        for (said, known) in [
            ("timeout", ErrorType::Timeout),
            ("_OTHER", ErrorType::Unknown),
            ("insufficient_quota", ErrorType::RateLimited),
            ("skipped", ErrorType::Other("skipped".into())),
        ] {
            assert_eq!(ErrorType::named(said), known);
        }
    }

    #[test]
    fn errors_are_named_after_their_types() {
        let io = std::io::Error::other("canary");
        assert_eq!(word(&io), "io::Error");
        assert_eq!(word(&fmt::Error), "fmt::Error");
        assert_eq!(word(&"x".parse::<u8>().unwrap_err()), "ParseIntError");
        let boxed: Box<dyn std::error::Error> = Box::new(io);
        for unknown in [
            word(&boxed),
            word(&*boxed),
            word("text"),
            word(&"text".to_owned()),
        ] {
            assert_eq!(unknown, "_OTHER");
        }
    }
}
