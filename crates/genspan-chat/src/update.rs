//! The pieces of a streamed answer.

use genspan::{Part, Usage};

/// Holds one piece of a streamed answer; what it does not state stays empty.
///
/// ```
/// use genspan_chat::ChatUpdate;
///
/// let pieces = [ChatUpdate::text("Good "), ChatUpdate::text("day"), ChatUpdate::finish("stop")];
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatUpdate {
    /// Which of several answers it belongs to, counted from 0.
    pub choice: usize,
    /// What is added to the answer.
    pub deltas: Vec<Delta>,
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answers.
    pub model: Option<String>,
    /// Why the choice ended, in the provider's own word.
    pub finish_reason: Option<String>,
    /// The tokens of the whole call, as far as they are known by now.
    pub usage: Option<Usage>,
}

/// Holds what a piece adds to an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delta {
    /// More text.
    Text(String),
    /// More reasoning.
    Reasoning(String),
    /// More of a request to call a tool.
    ToolCall(ToolCallDelta),
    /// A part that came as a whole.
    Part(Part),
}

/// Holds a piece of a request to call a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCallDelta {
    /// Which of the choice's calls it belongs to, by the provider's own count.
    pub index: usize,
    /// The provider's id of the call, mostly in its first piece.
    pub id: Option<String>,
    /// The tool's name, mostly in the first piece.
    pub name: Option<String>,
    /// More of the arguments' JSON.
    pub arguments: String,
}

impl ChatUpdate {
    /// Adds a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Delta::Text(text.into()))
    }

    /// Adds to a request to call a tool.
    #[must_use]
    pub fn tool_call(delta: ToolCallDelta) -> Self {
        Self::of(Delta::ToolCall(delta))
    }

    /// Says why the answer ended.
    #[must_use]
    pub fn finish(reason: impl Into<String>) -> Self {
        Self {
            finish_reason: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Says what the call cost in tokens by now.
    #[must_use]
    pub const fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = Some(usage);
        self
    }

    fn of(delta: Delta) -> Self {
        Self {
            deltas: vec![delta],
            ..Self::default()
        }
    }
}
