//! What came of asking a model until it answered.

use genspan::Message;

use crate::ChatResponse;

/// Holds what came of a [`ToolLoop`](crate::ToolLoop)'s run, which is many calls to a model and not one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// What was said after the request's own messages: answers and what the tools said, to go on from.
    pub messages: Vec<Message>,
    /// The model's last answer.
    pub response: ChatResponse,
    /// How often the model was asked.
    pub rounds: usize,
    /// Why it ended.
    pub end: RunEnd,
}

impl Run {
    /// Gives the text of the last answer.
    #[must_use]
    pub fn said(&self) -> String {
        self.response.said()
    }
}

/// Names why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The model asked for no more tools.
    Answered,
    /// The model asked for tools still, and had been asked as often as the loop allows; they were not run.
    RoundsExhausted,
}
