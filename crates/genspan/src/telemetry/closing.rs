//! The word of an operation's owner about its end.

use super::contribution::{Contributions, Said};
use crate::{Outcome, Record, Timestamp};

/// Holds what the owner of an operation said of its end.
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) record: Record,
    pub(super) outcome: Outcome,
    pub(super) at: Timestamp,
    word: Word,
}

/// Tells how much an owner knows of the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// All.
    Stated,
    /// Not how it went: the outcome holds where nobody further in saw the answer.
    Supposed,
    /// All, if there was an operation at all.
    UnlessDisowned,
    /// Nothing, so that what was contributed last stands for its word.
    GivesWay,
}

impl Closing {
    /// Says how it ended.
    pub(super) const fn stated(record: Record, outcome: Outcome, at: Timestamp) -> Self {
        Self {
            record,
            outcome,
            at,
            word: Word::Stated,
        }
    }

    /// Says that it ended, and how it went as far as nobody further in saw it.
    pub(super) const fn supposed(record: Record, otherwise: Outcome, at: Timestamp) -> Self {
        Self {
            record,
            outcome: otherwise,
            at,
            word: Word::Supposed,
        }
    }

    /// Says how it ended, if there was an operation at all.
    pub(super) const fn unless_disowned(record: Record, outcome: Outcome, at: Timestamp) -> Self {
        Self {
            record,
            outcome,
            at,
            word: Word::UnlessDisowned,
        }
    }

    /// Leaves it to what was contributed; `outline` stands for the record where that is nothing.
    pub(super) const fn giving_way(outline: Record, at: Timestamp) -> Self {
        Self {
            record: outline,
            outcome: Outcome::Completed,
            at,
            word: Word::GivesWay,
        }
    }

    /// Makes one of the owner's word and of what was contributed.
    ///
    /// Where the owner itself was only told of the operation, what was seen counts first.
    pub(super) fn with(mut self, contributions: Contributions, is_owner_told: bool) -> Said {
        let is_told = is_owner_told && contributions.is_told();
        let own = |closing: Self| Said {
            record: closing.record,
            outcome: closing.outcome,
            at: closing.at,
            is_told,
        };
        if self.word == Word::GivesWay {
            return contributions.into_last().unwrap_or_else(|| own(self));
        }
        if self.word == Word::Supposed
            && let Some(seen) = contributions.outcome()
        {
            self.outcome = seen.clone();
        }
        contributions.fill(&mut self.record, &mut self.outcome, is_owner_told);
        own(self)
    }

    /// Tells whether nobody has said anything that counts: neither the owner nor a contribution.
    pub(super) const fn is_untold(&self, contributions: &Contributions, is_disowned: bool) -> bool {
        let is_said = match self.word {
            Word::Stated | Word::Supposed => true,
            Word::UnlessDisowned => !is_disowned,
            Word::GivesWay => false,
        };
        !is_said && contributions.is_empty()
    }

    /// Ends as cancelled what the owner has left to a contribution that did not come to its end.
    pub(super) fn abandon(&mut self, now: Timestamp) {
        if self.word == Word::GivesWay {
            self.word = Word::Stated;
            self.outcome = Outcome::Cancelled;
            self.at = now;
        }
    }
}
