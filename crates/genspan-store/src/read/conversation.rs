//! Conversations.

use serde::Serialize;

use super::{Amount, Tokens, TraceRow};

/// Shows a conversation in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRow {
    /// The conversation.
    pub conversation_id: String,
    /// When its earliest known span began.
    pub first_micros: i64,
    /// When its last known span ended.
    pub last_micros: i64,
    /// The traces that it has a part in.
    pub traces: u64,
    /// The calls to models, each once.
    pub calls: u64,
    /// The tokens of all calls, each once.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// What all calls cost whose cost is known, or as the agents state it where calls of theirs have no known cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// Whether the cost, or a part of it, is what agents state.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cost_stated: bool,
    /// The calls whose cost is not known, nor in what an agent states.
    pub unpriced_calls: u64,
    /// What the user said last, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_user_message: Option<String>,
    /// The agents, sorted.
    pub agents: Vec<String>,
    /// The models, sorted.
    pub models: Vec<String>,
    /// The spans that failed.
    pub errors: u64,
}

/// Holds a part of the list of conversations.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationPage {
    /// The conversations, the latest first.
    pub conversations: Vec<ConversationRow>,
    /// Where the next part begins, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Shows one call of a conversation; the input over the calls is how the context grows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationCall {
    /// Its trace.
    pub trace_id: String,
    /// Its span.
    pub span_id: String,
    /// When it began.
    pub start_micros: i64,
    /// The model that answered, or else the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its tokens.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// How long it took.
    pub duration_micros: u64,
    /// How it went: `ok`, `error` or `cancelled`.
    pub status: &'static str,
}

/// Holds a conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The conversation as a whole.
    pub conversation: ConversationRow,
    /// Its traces in the order in which they began, of which the first 1,000 are given.
    pub traces: Vec<TraceRow>,
    /// Its calls in the order in which they began.
    pub calls: Vec<ConversationCall>,
}
