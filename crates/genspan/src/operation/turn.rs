//! One turn of an agent's loop.

use super::{Common, operation};

/// Records one turn of an agent's loop: a model call, and the tools that it asked for, as its children.
///
/// The conventions have no such operation; its span has no key of theirs but `error.type`, so that they say of a trace
/// with turns what they say of one without. What runs within counts for the agent round it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// Which turn of the run it is, from 1.
    pub number: u32,
    /// The agent whose loop it is; a label of its duration.
    pub agent_name: Option<String>,
    /// Facts that every operation may have.
    pub common: Common,
}

impl Turn {
    /// Begins the record of a run's turn, by its number from 1.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }
}

operation!(Turn, Turn, Clone::clone);
