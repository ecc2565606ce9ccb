//! How an exchange ended, of all that was said about it.

use genspan::{ErrorType, Failure, Outcome};

use super::{End, response::Response};
use crate::format::{Progress, failure};

/// Decides by the provider's word first: an error it reports, then the end it states, and last how the traffic ended.
pub(super) fn outcome(end: End, response: &Response, progress: &Progress) -> Outcome {
    if let Some(status) = response.status.filter(|status| *status >= 400) {
        return Outcome::Failed(
            response
                .error
                .clone()
                .unwrap_or_else(|| failure::of_text(status, "")),
        );
    }
    if let Some(failure) = progress.failure() {
        return Outcome::Failed(failure.clone());
    }
    if progress.terminal || (progress.finished && !response.is_document_cut) {
        return Outcome::Completed;
    }
    match end {
        // The provider answered well and HTTP says it answered wholly; only we do not know what, which the diagnostics
        // tell. To call it a failure would be an invention.
        End::Complete if response.is_lossy || response.is_unreadable => Outcome::Completed,
        End::Complete => failed(ErrorType::Truncated),
        End::Broken | End::LostBeforeHeaders => failed(ErrorType::ConnectionLost),
        End::Cancelled => Outcome::Cancelled,
        End::Unreachable => failed(ErrorType::Connectivity),
        End::Timeout => failed(ErrorType::Timeout),
    }
}

const fn failed(error_type: ErrorType) -> Outcome {
    Outcome::Failed(Failure::new(error_type))
}
