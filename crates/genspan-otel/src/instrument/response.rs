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

/// Says what is known of a turn before it begins.
#[derive(Clone, Copy, Debug)]
pub struct TurnSpanParams {
    /// The turn's number within its run, from 1.
    pub number: usize,
    /// agent-sdk's id of the provider.
    pub provider_id: &'static str,
    /// What the run began with: `text`, `message`, `continue`, `resume` or `submit_tool_results`.
    pub input_kind: &'static str,
}

/// Tells how a turn ended.
#[derive(Clone, Copy, Debug)]
pub struct TurnEnd<'a> {
    /// agent-sdk's word: `continue`, `done`, `refusal`, `awaiting_confirmation`, `pending_tool_calls`, `budget_exceeded`,
    /// `error` or `cancelled`; the last two are errors of the span.
    pub stop_reason: &'static str,
    /// The tokens of the turn's chats, where they are at hand.
    pub usage: Option<&'a TokenUsage>,
    /// Whether the model asked for tools.
    pub had_tool_calls: bool,
}

/// Says what is known of a compaction before it begins.
#[derive(Clone, Copy, Debug)]
pub struct CompactionSpanParams {
    /// Why it is made.
    pub trigger: CompactionTrigger,
    /// How many messages the history has.
    pub original_count: usize,
    /// How many tokens they are thought to be.
    pub original_tokens: u64,
}

/// Tells why a context is compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactionTrigger {
    /// It has grown beyond what was set.
    Threshold,
    /// The provider turned it away as too long.
    Overflow,
}

impl CompactionTrigger {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Overflow => "overflow",
        }
    }
}

/// Tells how a compaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompactionOutcome<'a> {
    /// The history was replaced.
    Compacted {
        /// How many messages it has now.
        new_count: usize,
        /// How many tokens they are thought to be; more than before is told as an event.
        new_tokens: u64,
    },
    /// It turned out to be short enough.
    SkippedBelowThreshold,
    /// Its caller lost interest.
    Cancelled,
    /// No summary was had.
    Failed {
        /// The error's own text; content.
        message: &'a str,
    },
    /// The summary was had, and could not be stored.
    HistoryReplaceFailed {
        /// The error's own text; content.
        message: &'a str,
    },
}

/// Says what is known of a sub-agent's run before it begins.
#[derive(Clone, Copy, Debug)]
pub struct SubagentSpanParams<'a> {
    /// The sub-agent's name; low cardinality, as it stands on a metric.
    pub name: &'a str,
    /// agent-sdk's id of the provider.
    pub provider_id: &'static str,
    /// The sub-agent's model.
    pub model: &'a str,
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
