//! How the operation ended that a span stands for.

use genspan::{
    ErrorType, Failure, Outcome,
    semconv::{attribute as key, value::error_type},
};

use crate::{Span, Status};

/// Tells how the operation ended that a span in the conventions' language stands for.
///
/// The text of its status is the error's own and so content; a number as `error.type` is an HTTP status.
#[must_use]
pub fn outcome(span: &Span) -> Outcome {
    let word = span.attributes.text(key::ERROR_TYPE);
    let text = match &span.status {
        Status::Error(text) => Some(text.as_str()),
        Status::Unset | Status::Ok => None,
    };
    if word.is_none() && text.is_none() {
        return Outcome::Completed;
    }
    if word == Some(error_type::CANCELLED) {
        return Outcome::Cancelled;
    }
    let mut failure = word.map_or_else(|| ErrorType::Unknown.into(), failure);
    failure.message = text.filter(|text| !text.is_empty()).map(str::to_owned);
    Outcome::Failed(failure)
}

fn failure(word: &str) -> Failure {
    let status = word.parse().ok();
    match status.filter(|status| (400..600).contains(status)) {
        Some(status) => Failure::of_status(status),
        None => ErrorType::named(word).into(),
    }
}
