//! How a run ended, in our words.

use std::borrow::Cow;

use genspan::{ErrorType, Failure, Outcome, Value};

use crate::fields::Fields;

/// Names a tool that was not let run.
pub(crate) const fn denied() -> ErrorType {
    ErrorType::Other(Cow::Borrowed("permission_denied"))
}

/// Classifies the words that assistant messages and retries have for errors.
pub(crate) fn of_word(word: &str) -> Option<ErrorType> {
    Some(match word {
        "authentication_failed" | "billing_error" | "oauth_org_not_allowed" => {
            ErrorType::Authentication
        }
        "rate_limit" => ErrorType::RateLimited,
        "invalid_request" | "model_not_found" | "max_output_tokens" => ErrorType::InvalidRequest,
        "server_error" | "overloaded" => ErrorType::ServerError,
        other => return ErrorType::from_provider_code(other),
    })
}

/// Reads the error that a message of the CLI tells in place of an answer, where it tells one.
pub(crate) fn of_message(line: &Value) -> Option<Failure> {
    let word = line.id("error");
    if word.is_none() && line.flag("isApiErrorMessage") != Some(true) {
        return None;
    }
    let status = line
        .count("apiErrorStatus")
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| *status >= 400);
    let error_type = match status {
        Some(status) => ErrorType::from_http_status(status),
        None => word.and_then(of_word).unwrap_or(ErrorType::Unknown),
    };
    let mut failure = Failure::new(error_type);
    failure.status = status;
    let blocks = line.member("message").into_iter();
    let blocks = blocks.flat_map(|message| message.items("content"));
    let texts: Vec<&str> = blocks.filter_map(|block| block.text("text")).collect();
    failure.message = (!texts.is_empty()).then(|| texts.join("\n"));
    Some(failure)
}

/// Reads the error that a provider reports within a stream.
pub(crate) fn in_stream(event: &Value) -> Failure {
    let error = event.member("error");
    let word = error.and_then(|error| error.id("type"));
    let failure = Failure::new(word.and_then(of_word).unwrap_or(ErrorType::StreamError));
    match error.and_then(|error| error.text("message")) {
        Some(message) => failure.with_message(message),
        None => failure,
    }
}

/// Reads how a run ended off its result; `error` is the last that its messages told.
///
/// Whether it failed is said by `is_error`: a request that was refused ends as `success` all the same.
pub(crate) fn of_result(result: &Value, error: Option<&Failure>) -> Outcome {
    let subtype = result.id("subtype");
    let is_success = subtype.is_none_or(|subtype| subtype == "success");
    let has_failed = result.flag("is_error").unwrap_or(!is_success);
    let reason = result.id("terminal_reason").unwrap_or_default();
    if reason.starts_with("aborted") {
        return Outcome::Cancelled;
    }
    if !has_failed {
        return Outcome::Completed;
    }
    let status = result
        .count("api_error_status")
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| *status >= 400);
    let error_type = match (status, subtype) {
        (Some(status), _) => ErrorType::from_http_status(status),
        (None, Some(subtype)) if !is_success => ErrorType::Other(subtype.to_owned().into()),
        _ => error.map_or(ErrorType::Unknown, |error| error.error_type.clone()),
    };
    let mut failure = Failure::new(error_type);
    failure.status = status;
    failure.message = message(result);
    Outcome::Failed(failure)
}

fn message(result: &Value) -> Option<String> {
    let texts: Vec<&str> = result
        .items("errors")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if texts.is_empty() {
        return result.text("result").map(str::to_owned);
    }
    Some(texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_message_tells_its_error_all_the_same() {
        let line = Value::from_json(r#"{"type":"assistant","error":"rate_limit"}"#).unwrap();
        let failure = of_message(&line).unwrap();
        assert_eq!(failure.error_type, ErrorType::RateLimited);
        assert_eq!(failure.message, None);
    }
}
