//! The failed attempts that wait, oldest first.

use std::collections::VecDeque;

use genspan::Timestamp;

use super::{Attempt, Call, Key, kin::Kin};

/// Holds a failed attempt that may be repeated.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) call: Call,
    pub(super) attempt: Attempt,
    pub(super) key: Key,
    pub(super) digest: Option<u64>,
    pub(super) deadline: Timestamp,
    pub(super) weight: usize,
}

/// Holds all of them.
#[derive(Debug)]
pub(super) struct Holding {
    held: VecDeque<Held>,
    weight: usize,
}

impl Holding {
    pub(super) const fn new() -> Self {
        Self {
            held: VecDeque::new(),
            weight: 0,
        }
    }

    pub(super) fn push(&mut self, held: Held) {
        self.weight += held.weight;
        self.held.push_back(held);
    }

    /// Takes out the latest attempt that a request which began at `started` repeats.
    pub(super) fn claim(
        &mut self,
        key: &Key,
        digest: Option<u64>,
        started: Timestamp,
    ) -> Option<Held> {
        let at = self.held.iter().rposition(|held| {
            let is_equal = digest.is_some() && digest == held.digest;
            let is_in_time = started >= held.call.started() && started <= held.deadline;
            is_in_time && key.repeats(&held.key, is_equal, started >= held.attempt.at)
        })?;
        let held = self.held.remove(at)?;
        self.weight -= held.weight;
        Some(held)
    }

    /// Takes out the oldest ones until the rest fits the bounds.
    pub(super) fn shrink(&mut self, max_held: usize, max_weight: usize) -> Vec<Held> {
        let mut outdone = Vec::new();
        while self.held.len() > max_held || self.weight > max_weight {
            let Some(held) = self.held.pop_front() else {
                break;
            };
            self.weight -= held.weight;
            outdone.push(held);
        }
        outdone
    }

    /// Takes out those whose time is over.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<Held> {
        self.take_those(|held| held.deadline <= now)
    }

    /// Takes out those whose agents have ended, unless something is under way that may be a retry.
    pub(super) fn take_ended(&mut self, under_way: &Kin) -> Vec<Held> {
        self.take_those(|held| held.call.has_agent_ended() && !under_way.has(&held.key))
    }

    fn take_those(&mut self, is_one: impl Fn(&Held) -> bool) -> Vec<Held> {
        if !self.held.iter().any(&is_one) {
            return Vec::new();
        }
        let (taken, held): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.held).into_iter().partition(is_one);
        self.weight = held.iter().map(|held| held.weight).sum();
        self.held = held;
        taken.into()
    }

    pub(super) fn take_all(&mut self) -> Vec<Held> {
        self.weight = 0;
        std::mem::take(&mut self.held).into()
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.held.iter().map(|held| held.deadline).min()
    }
}
