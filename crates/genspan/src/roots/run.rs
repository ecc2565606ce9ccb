//! How a run ended, in words that are few.

use crate::{ErrorType, Failure, Outcome, Usage, semconv::value::error_type};

/// Names how a run of an agent ended; few words, so that it may stand on metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunOutcome {
    /// The agent came to its end.
    Done,
    /// The model refused.
    Refusal,
    /// A tool waits for somebody's consent.
    AwaitingConfirmation,
    /// Tools wait to be run by the caller.
    PendingToolCalls,
    /// The agent would go on, but was to take one turn only.
    NeedsMoreTurns,
    /// What the run may cost was used up.
    BudgetExceeded,
    /// The caller lost interest.
    Cancelled,
    /// The run failed.
    Error,
    /// Nobody ended it: it was too old, or one too many, or its process was gone.
    Abandoned,
    /// It turned out to be no run.
    Discarded,
    /// Nothing more is known.
    Unknown,
    /// A word of the application's own.
    Other(&'static str),
}

impl RunOutcome {
    /// Gives the word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refusal => "refusal",
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::PendingToolCalls => "pending_tool_calls",
            Self::NeedsMoreTurns => "needs_more_turns",
            Self::BudgetExceeded => "budget_exceeded",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
            Self::Abandoned => "abandoned",
            Self::Discarded => "discarded",
            Self::Unknown => "unknown",
            Self::Other(word) => word,
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &'static str) -> Self {
        const KNOWN: [RunOutcome; 11] = [
            RunOutcome::Done,
            RunOutcome::Refusal,
            RunOutcome::AwaitingConfirmation,
            RunOutcome::PendingToolCalls,
            RunOutcome::NeedsMoreTurns,
            RunOutcome::BudgetExceeded,
            RunOutcome::Cancelled,
            RunOutcome::Error,
            RunOutcome::Abandoned,
            RunOutcome::Discarded,
            RunOutcome::Unknown,
        ];
        let mut known = KNOWN.into_iter();
        known
            .find(|outcome| outcome.as_str() == word)
            .unwrap_or(Self::Other(word))
    }
}

/// Says how a run ended and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why, where it failed: `agent_error` without it.
    pub failure: Option<Failure>,
    /// The turns that it took, where they are known.
    pub turns: Option<u64>,
    /// The tokens of its model calls; the sum of those that were recorded as its own without it.
    pub usage: Option<Usage>,
}

impl RunEnd {
    /// Says no more than how it ended.
    #[must_use]
    pub const fn new(outcome: RunOutcome) -> Self {
        Self {
            outcome,
            failure: None,
            turns: None,
            usage: None,
        }
    }

    /// States the turns that it took.
    #[must_use]
    pub const fn with_turns(mut self, turns: u64) -> Self {
        self.turns = Some(turns);
        self
    }

    /// States why it failed.
    #[must_use]
    pub fn with_failure(mut self, failure: impl Into<Failure>) -> Self {
        self.failure = Some(failure.into());
        self
    }

    /// Gives the end of the run's span: an error where it failed or nobody ended it.
    #[must_use]
    pub fn into_outcome(self) -> Outcome {
        let class = match self.outcome {
            RunOutcome::Error => error_type::AGENT_ERROR,
            RunOutcome::Abandoned => error_type::ABANDONED,
            RunOutcome::Cancelled => return Outcome::Cancelled,
            _ => return Outcome::Completed,
        };
        let failure = self.failure;
        Outcome::Failed(failure.unwrap_or_else(|| Failure::new(ErrorType::Other(class.into()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for word in ["done", "abandoned", "budget_exceeded", "lost_at_sea"] {
            assert_eq!(RunOutcome::from_word(word).as_str(), word);
        }
        assert_eq!(RunOutcome::from_word("error"), RunOutcome::Error);
        assert_eq!(
            RunOutcome::from_word("lost_at_sea"),
            RunOutcome::Other("lost_at_sea")
        );
    }
}
