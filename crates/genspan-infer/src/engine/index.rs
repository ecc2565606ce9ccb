//! By what conversations are found again.

use std::collections::HashMap;

use super::node::{Node, Number};
use crate::print;

/// Finds conversations by fingerprints of all kinds.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<u64, Entry>,
}

/// Says whose a fingerprint is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: Number,
    /// How far the conversation had come there.
    pub(super) chain: u64,
}

/// Names what a conversation is found by, always within one client.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Key<'a> {
    /// What a call asked, with its instructions.
    Asked(u64, u64),
    /// What a call asked and what was answered.
    Answered(u64),
    /// What a later call tells of an earlier one.
    Passed(u64),
    /// The provider's id of an answer.
    Response(&'a str),
    /// The same, where several answers have it, as in recordings from which ids were taken out: it names none of them.
    Collided(&'a str),
    /// The same, of an answer that a later call goes on from.
    Awaited(&'a str),
    /// The provider's id of the conversation.
    Conversation(&'a str),
    /// A session and the agent in it.
    Session(&'a str, &'a str),
    /// A tool call's id, name and arguments.
    Tool(u64),
}

impl Index {
    pub(super) fn get(&self, client: u64, key: Key<'_>) -> Option<Entry> {
        self.entries.get(&print::of((client, key))).copied()
    }

    /// Notes that a conversation is found by a key; the latest one counts.
    pub(super) fn insert(&mut self, entry: Entry, node: &mut Node, key: Key<'_>, limit: usize) {
        let print = print::of((node.client, key));
        let before = self.entries.insert(print, entry);
        if before.is_none_or(|before| before.node != entry.node) {
            node.keys.push_back(print);
        }
        while node.keys.len() > limit {
            if let Some(oldest) = node.keys.pop_front() {
                self.remove_key(oldest, entry.node);
            }
        }
    }

    /// Forgets a conversation.
    pub(super) fn remove(&mut self, number: Number, node: &Node) {
        for key in &node.keys {
            self.remove_key(*key, number);
        }
    }

    fn remove_key(&mut self, key: u64, number: Number) {
        if self.entries.get(&key).is_some_and(|it| it.node == number) {
            self.entries.remove(&key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
