//! What agent-sdk's functions are told, in types of this crate.

use genspan::{Counts, Diagnostic, Usage};

/// Says what is known of a chat before it is sent.
#[derive(Clone, Copy, Debug)]
pub struct ChatSpanParams<'a> {
    /// agent-sdk's id of the provider, such as `openai-responses`.
    pub provider_id: &'static str,
    /// The model that is asked.
    pub model: &'a str,
    /// Whether the answer is to be streamed.
    pub streaming: bool,
    /// The bound on output tokens, only where the user set one.
    pub max_tokens: Option<u32>,
}

/// Says what is known of a tool's run before it begins.
#[derive(Clone, Copy, Debug)]
pub struct ToolSpanParams<'a> {
    /// The tool's name.
    pub tool_name: &'a str,
    /// The provider's id of the call.
    pub tool_call_id: &'a str,
    /// The tool's name for people; empty where it has none.
    pub display_name: &'a str,
    /// Whether it asks for consent.
    pub tier: Option<ToolTier>,
    /// How it runs: `sync`, `async`, `listen` or `unknown`.
    pub kind: &'static str,
}

/// Says what is known of a run before its first turn.
#[derive(Clone, Copy, Debug)]
pub struct RootTurnSpanParams<'a> {
    /// agent-sdk's id of the provider.
    pub provider_id: &'static str,
    /// The agent's model.
    pub model: &'a str,
    /// The conversation.
    pub conversation_id: &'a str,
}

/// Tells whether a tool asks for consent before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolTier {
    /// It does not.
    Observe,
    /// It does.
    Confirm,
}

impl ToolTier {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Confirm => "confirm",
        }
    }
}

/// Names why a model stopped, as agent-sdk does for all providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// It was done.
    EndTurn,
    /// It asks for tools.
    ToolUse,
    /// The limit on tokens was met.
    MaxTokens,
    /// It met a stop sequence.
    StopSequence,
    /// It refused.
    Refusal,
    /// The model's context is full.
    ModelContextWindowExceeded,
    /// The provider gave another reason.
    Unknown,
}

/// Holds the tokens of one answer, or of a run.
///
/// As in agent-sdk the input includes what was read from a cache and written to one. Where nothing at all
/// was stated, all four stay 0 and none is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// All tokens of the input.
    pub input_tokens: u64,
    /// The tokens of the output.
    pub output_tokens: u64,
    /// The part of the input that was read from a cache.
    pub cache_read_input_tokens: u64,
    /// The part of the input that was written to a cache.
    pub cache_creation_input_tokens: u64,
}

impl TokenUsage {
    /// Gives the tokens as records hold them; a part that exceeds its whole is left out and told.
    pub(super) fn usage(self) -> Option<(Usage, Vec<Diagnostic>)> {
        (self != Self::default()).then(|| {
            Usage::inclusive(Counts {
                input: Some(self.input_tokens),
                output: Some(self.output_tokens),
                cache_read: Some(self.cache_read_input_tokens),
                cache_write: Some(self.cache_creation_input_tokens),
                ..Counts::default()
            })
        })
    }
}

/// Holds what an answer says of itself; what the provider did not say stays as [`Default`] has it.
///
/// A port fills it from agent-sdk's own, with a function such as
///
/// ```text
/// fn told(answer: &agent_sdk::ChatResponse) -> instrument::ChatResponse {
///     instrument::ChatResponse {
///         id: answer.id.clone(),       // empty where a stream gave none: do not make one up
///         model: answer.model.clone(), // empty where a stream gave none: the asked one is known already
///         stop_reason: answer.stop_reason.map(told_reason),
///         had_tool_calls: answer.has_tool_use(),
///         text_output_present: answer.first_text().is_some(),
///         ..Default::default()
///     }
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatResponse {
    /// The provider's id of the answer; empty where it gave none.
    pub id: String,
    /// The model that answered; empty where the provider did not say.
    pub model: String,
    /// Why the model stopped.
    pub stop_reason: Option<StopReason>,
    /// The same in the provider's own word, such as `end_turn`, where it is at hand: it then stands for it.
    pub provider_stop_reason: Option<String>,
    /// The tokens.
    pub usage: TokenUsage,
    /// Whether the model asks for tools.
    pub had_tool_calls: bool,
    /// Whether there is text in the answer.
    pub text_output_present: bool,
    /// Whether there is reasoning in the answer.
    pub thinking_present: bool,
    /// What was asked and answered; it reaches telemetry only as far as [`Capture`](genspan::Capture) allows.
    pub content: genspan::Content,
}

/// Tells how a tool's run ended.
///
/// agent-sdk tells the first three. The others say outright what it could only guess from how an output begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolSpanOutcome<'a> {
    /// The tool ran to its end.
    Completed {
        /// What it gave back; content.
        output: &'a str,
        /// Whether it says that it did its work: an output may begin with any words then.
        success: bool,
        /// How long it took, where it was measured.
        duration_ms: Option<u64>,
    },
    /// It waits for somebody's consent.
    AwaitingConfirmation,
    /// What it did could not be stored.
    EventStoreError {
        /// The error's own text; content.
        message: &'a str,
    },
    /// A policy kept it from running.
    Blocked,
    /// Somebody did not consent.
    Rejected,
    /// There is no tool of this name.
    UnknownTool,
    /// Its caller lost interest.
    Cancelled,
}
