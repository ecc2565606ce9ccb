//! Why a model stopped.

/// Holds a reason to stop in the conventions' words, for messages and vendors' fields.
///
/// `gen_ai.response.finish_reasons` keeps the provider's own words instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done, or met a stop sequence.
    Stop,
    /// The limit on tokens was met.
    Length,
    /// The provider's filter cut the answer off.
    ContentFilter,
    /// The model asks for tools.
    ToolCall,
    /// The conversation was summarised.
    Compaction,
    /// The generation failed or was cut off.
    Error,
    /// A word that has no counterpart.
    Other(String),
}

impl FinishReason {
    /// Gives the conventions' word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::ToolCall => "tool_call",
            Self::Compaction => "compaction",
            Self::Error => "error",
            Self::Other(word) => word,
        }
    }

    /// Maps a provider's word to the conventions' one; unknown words stay as they are.
    #[must_use]
    pub fn from_provider(word: &str) -> Self {
        match word {
            "stop" | "end_turn" | "stop_sequence" | "pause_turn" | "STOP" | "COMPLETE"
            | "STOP_SEQUENCE" | "eos" | "eos_token" => Self::Stop,
            "length"
            | "max_tokens"
            | "model_context_window_exceeded"
            | "MAX_TOKENS"
            | "max_output_tokens"
            | "model_length" => Self::Length,
            "content_filter"
            | "refusal"
            | "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "guardrail_intervened"
            | "content_filtered"
            | "sensitive" => Self::ContentFilter,
            "tool_call" | "tool_calls" | "tool_use" | "function_call" | "TOOL_CALL" => {
                Self::ToolCall
            }
            "compaction" => Self::Compaction,
            "error"
            | "ERROR"
            | "MALFORMED_FUNCTION_CALL"
            | "insufficient_system_resource"
            | "network_error"
            | "abort" => Self::Error,
            other => Self::Other(other.to_owned()),
        }
    }
}
