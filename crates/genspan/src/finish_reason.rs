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
            "stop" | "end_turn" | "stop_sequence" | "pause_turn" | "completed" | "eos"
            | "eos_token" | "STOP" | "STOP_SEQUENCE" | "STOP_CRITERIA_MET" | "COMPLETE"
            | "FINISH" | "FINISHED" => Self::Stop,
            "length"
            | "max_tokens"
            | "max_output_tokens"
            | "model_length"
            | "model_context_window_exceeded"
            | "incomplete"
            | "LENGTH"
            | "MAX_TOKENS"
            | "ERROR_LIMIT" => Self::Length,
            "content_filter"
            | "content_filtered"
            | "refusal"
            | "sensitive"
            | "guardrail_intervened"
            | "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "MODEL_ARMOR"
            | "JAILBREAK"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
            | "CONTENT_FILTERED"
            | "ERROR_TOXIC" => Self::ContentFilter,
            "tool_call" | "tool_calls" | "tool_use" | "function_call" | "requires_action"
            | "TOOL_CALL" => Self::ToolCall,
            "compaction" => Self::Compaction,
            "error"
            | "failed"
            | "abort"
            | "network_error"
            | "insufficient_system_resource"
            | "malformed_model_output"
            | "malformed_tool_use"
            | "ERROR"
            | "TIMEOUT"
            | "MALFORMED_FUNCTION_CALL"
            | "MALFORMED_RESPONSE"
            | "UNEXPECTED_TOOL_CALL"
            | "TOO_MANY_TOOL_CALLS"
            | "MISSING_THOUGHT_SIGNATURE" => Self::Error,
            other => Self::Other(other.to_owned()),
        }
    }
}
