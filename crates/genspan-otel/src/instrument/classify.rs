//! agent-sdk's tables of words.

use std::borrow::Cow;

use genspan::{ErrorType, Failure, Outcome, Provider, semconv::value::error_type};

use super::StopReason;

/// Classifies an error by its text, as agent-sdk does, for dashboards that know its five words.
///
/// The tests are for exact pieces of text, so `429 Too Many Requests` is `_OTHER`. Where the error itself is at
/// hand, [`ErrorType::from_http_status`] and [`ErrorType::from_provider_code`] say more.
///
/// ```
/// use genspan_otel::instrument::classify_llm_error;
///
/// assert_eq!(classify_llm_error("Rate limited: retry in 3 s"), "rate_limited");
/// assert_eq!(classify_llm_error("rate limited"), "_OTHER");
/// ```
#[must_use]
pub fn classify_llm_error(message: &str) -> &'static str {
    const TABLE: [(&str, &str); 4] = [
        ("Rate limited", "rate_limited"),
        ("Invalid request", "invalid_request"),
        ("Server error", "server_error"),
        ("Stream", "stream_error"),
    ];
    let mut table = TABLE.into_iter();
    let hit = table.find(|(piece, _)| message.contains(piece));
    hit.map_or(error_type::OTHER, |(_, class)| class)
}

/// Gives agent-sdk's word for why a model stopped.
#[must_use]
pub const fn finish_reason_str(reason: StopReason) -> &'static str {
    match reason {
        StopReason::EndTurn => "stop",
        StopReason::ToolUse => "tool_call",
        StopReason::MaxTokens => "length",
        StopReason::StopSequence => "stop_sequence",
        StopReason::Refusal => "refusal",
        StopReason::ModelContextWindowExceeded => "model_context_window_exceeded",
        StopReason::Unknown => "unknown",
    }
}

/// Gives the conventions' provider for one of agent-sdk's ids.
pub(super) fn provider(id: &'static str) -> Provider {
    match id {
        "openai-responses" | "openai-codex" => Provider::OPENAI,
        "gemini" => Provider::new("gcp.gemini"),
        "vertex" => Provider::new("gcp.vertex_ai"),
        other => Provider::new(other),
    }
}

/// Makes the end of an operation of a class of errors and the error's own text.
pub(super) fn failed(class: &'static str, message: impl Into<String>) -> Outcome {
    if class == ErrorType::Cancelled.as_str() {
        return Outcome::Cancelled;
    }
    let error_type = ErrorType::from_word(class).unwrap_or(ErrorType::Other(Cow::Borrowed(class)));
    Outcome::Failed(Failure::new(error_type).with_message(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_agent_sdks_own() {
        for (message, class) in [
            ("Rate limited: Invalid request", "rate_limited"),
            ("Invalid request: Server error", "invalid_request"),
            ("Server error in Stream", "server_error"),
            ("Stream closed", "stream_error"),
            ("429 Too Many Requests", "_OTHER"),
            ("rate limited", "_OTHER"),
            ("timed out", "_OTHER"),
            ("cancelled", "_OTHER"),
            ("", "_OTHER"),
        ] {
            assert_eq!(classify_llm_error(message), class, "{message}");
        }
    }

    #[test]
    fn the_reasons_are_agent_sdks_own() {
        let words = [
            StopReason::EndTurn,
            StopReason::ToolUse,
            StopReason::MaxTokens,
            StopReason::StopSequence,
            StopReason::Refusal,
            StopReason::ModelContextWindowExceeded,
            StopReason::Unknown,
        ]
        .map(finish_reason_str);
        assert_eq!(
            words,
            [
                "stop",
                "tool_call",
                "length",
                "stop_sequence",
                "refusal",
                "model_context_window_exceeded",
                "unknown"
            ]
        );
    }

    #[test]
    fn providers_are_the_conventions_own() {
        let ids = [
            "anthropic",
            "openai",
            "openai-responses",
            "openai-codex",
            "gemini",
            "vertex",
            "in-house",
        ];
        assert_eq!(
            ids.map(|id| provider(id).as_str().to_owned()),
            [
                "anthropic",
                "openai",
                "openai",
                "openai",
                "gcp.gemini",
                "gcp.vertex_ai",
                "in-house"
            ]
        );
    }
}
