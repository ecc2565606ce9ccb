//! What was met in the messages.

use std::collections::BTreeMap;

/// Counts messages by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// All messages.
    pub messages: u64,
    /// Messages that were the very same as one before.
    pub repeated: u64,
    /// Messages of types that are not known here, by type and subtype.
    pub unknown: BTreeMap<String, u64>,
    /// Runs of the main agent.
    pub runs: u64,
    /// Runs of sub-agents.
    pub sub_agents: u64,
    /// Calls to models.
    pub calls: u64,
    /// Runs of tools.
    pub tools: u64,
}

impl Tally {
    /// Bounds the kinds that are told apart; the types are another program's words.
    const KINDS: usize = 64;

    /// Counts a message of an unknown type.
    pub(crate) fn unknown(&mut self, kind: &str) {
        const LONGEST: usize = 64;
        let kind = if kind.len() <= LONGEST && !kind.is_empty() {
            kind
        } else {
            "unnamed"
        };
        if let Some(count) = self.unknown.get_mut(kind) {
            *count += 1;
        } else if self.unknown.len() < Self::KINDS {
            self.unknown.insert(kind.to_owned(), 1);
        } else {
            *self.unknown.entry("others".to_owned()).or_default() += 1;
        }
    }

    /// Adds what another session met.
    pub(crate) fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.repeated += other.repeated;
        self.runs += other.runs;
        self.sub_agents += other.sub_agents;
        self.calls += other.calls;
        self.tools += other.tools;
        for (kind, count) in other.unknown {
            *self.unknown.entry(kind).or_default() += count;
        }
    }

    /// Gives the number of messages of unknown types.
    #[must_use]
    pub fn unknown_messages(&self) -> u64 {
        self.unknown.values().sum()
    }
}
