//! Errors as providers report them in their answers.

use genspan::{ErrorType, Failure};

use crate::json::Json;

/// The bytes that are kept of an error's own text.
const MAX_MESSAGE: usize = 4096;

/// Reads the error that a document of a status below 400, or a stream's event, reports, mostly as `error`.
///
/// Its class is the provider's own where that is known.
pub(crate) fn reported(document: &Json<'_>) -> Option<Failure> {
    let error = document.get("error").filter(|error| match error {
        Json::Text(text) => !text.is_empty(),
        Json::Object(members) => !members.is_empty(),
        _ => false,
    });
    // Some call the document itself an error.
    let is_error = || {
        ["object", "type"]
            .iter()
            .any(|name| document.text(name) == Some("error"))
    };
    if error.is_none() && !is_error() {
        return None;
    }
    let class = error
        .and_then(class)
        .or_else(|| class(document))
        .unwrap_or(ErrorType::StreamError);
    Some(with_message(Failure::new(class), document))
}

/// Reads the status that MiniMax puts into every answer, beside which HTTP says that all is well; 0 is success.
pub(crate) fn of_status_beside(document: &Json<'_>) -> Option<Failure> {
    let status = document.get("base_resp")?;
    let class = match status.get("status_code").and_then(Json::as_i64)? {
        0 => return None,
        1001 => ErrorType::Timeout,
        1002 => ErrorType::RateLimited,
        1004 => ErrorType::Authentication,
        _ => ErrorType::StreamError,
    };
    let failure = Failure::new(class);
    Some(match status.text("status_msg") {
        Some(text) if !text.is_empty() => failure.with_message(bounded(text)),
        _ => failure,
    })
}

/// Describes the error that an event called `error` is about, where its document has no `error` member.
pub(crate) fn of_event(document: &Json<'_>) -> Failure {
    with_message(
        Failure::new(class(document).unwrap_or(ErrorType::StreamError)),
        document,
    )
}

/// Describes an error that an AWS service names in place of an event, or of its answer.
pub(crate) fn of_exception(name: &str, document: &Json<'_>) -> Failure {
    let class = class_of_exception(name).unwrap_or(ErrorType::StreamError);
    with_message(Failure::new(class), document)
}

/// Classifies the name of an AWS exception, which may stand behind a namespace: `aws.protocol#ThrottlingException`.
fn class_of_exception(name: &str) -> Option<ErrorType> {
    let name = name.rsplit('#').next().unwrap_or_default();
    let name = name.strip_suffix("Exception").unwrap_or(name);
    Some(match name.to_ascii_lowercase().as_str() {
        "throttling" | "toomanyrequests" | "servicequotaexceeded" => ErrorType::RateLimited,
        "validation" | "resourcenotfound" | "conflict" => ErrorType::InvalidRequest,
        "accessdenied"
        | "expiredtoken"
        | "incompletesignature"
        | "invalidclienttokenid"
        | "invalidsignature"
        | "missingauthenticationtoken"
        | "signaturedoesnotmatch"
        | "unrecognizedclient" => ErrorType::Authentication,
        "internalserver" | "internalfailure" | "serviceunavailable" | "modelerror" => {
            ErrorType::ServerError
        }
        "modeltimeout" => ErrorType::Timeout,
        _ => return None,
    })
}

/// Describes an answer with a status of 400 and above, by the provider's own code before its status.
///
/// That the request was invalid is what codes and types say of missing keys too, where the status knows better.
pub(crate) fn of_status(status: u16, document: &Json<'_>) -> Failure {
    // Google puts it into a list where a stream was asked for, and so do its endpoints in OpenAI's shape.
    let document = document.items().first().unwrap_or(document);
    let word = |name: &str| {
        let stated = document
            .get("error")
            .and_then(|error| error.text(name))
            .or_else(|| document.text(name))?;
        ErrorType::from_provider_code(stated)
            .filter(|_| !matches!(stated, "invalid_request_error" | "invalid_request"))
    };
    let stated =
        word("code").or_else(|| word("type").filter(|class| *class != ErrorType::InvalidRequest));
    let exception = || document.text("__type").and_then(class_of_exception);
    let class = stated
        .or_else(exception)
        .unwrap_or_else(|| ErrorType::from_http_status(status));
    with_message(Failure::new(class).with_status(status), document)
}

/// Describes an answer with a status of 400 and above whose body is no JSON.
pub(crate) fn of_text(status: u16, text: &str) -> Failure {
    let failure = Failure::of_status(status);
    let text = text.trim();
    if text.is_empty() {
        failure
    } else {
        failure.with_message(bounded(text))
    }
}

/// Finds a known word: the code is more exact than the type, and than Google's status.
fn class(error: &Json<'_>) -> Option<ErrorType> {
    ["code", "type", "status"].iter().find_map(|name| {
        let word = error.get(name)?;
        let by_word = word.as_str().and_then(ErrorType::from_provider_code);
        // Routers put the HTTP status of the provider behind them here, Azure as a text.
        let number = || {
            word.as_u64()
                .or_else(|| word.as_str()?.parse().ok())
                .and_then(|code| u16::try_from(code).ok())
                .filter(|code| (400..600).contains(code))
        };
        by_word.or_else(|| number().map(ErrorType::from_http_status))
    })
}

/// Adds the error's text, from wherever the providers put it.
pub(crate) fn with_message(failure: Failure, document: &Json<'_>) -> Failure {
    let error = document.get("error");
    let nested = error.and_then(|error| error.as_str().or_else(|| error.text("message")));
    let text = nested
        .or_else(|| document.text("message"))
        .or_else(|| document.text("Message"))
        .or_else(|| document.text("detail"));
    let detail = || {
        let detail = error
            .or_else(|| document.get("detail"))
            .or_else(|| document.get("message"))?;
        Some(detail.to_value().to_json())
    };
    match text.map(str::to_owned).or_else(detail) {
        Some(text) => failure.with_message(bounded(&text)),
        None => failure,
    }
}

fn bounded(text: &str) -> String {
    let mut kept = crate::bounded::BoundedText::with_limit(MAX_MESSAGE);
    kept.push_str(text);
    kept.into_string()
}
