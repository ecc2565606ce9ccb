//! How long agents that have ended wait for operations of their own.
//!
//! A wait is bounded in time, so that a stream which is left to itself holds no agent as long as it lives, and the agents
//! that wait are bounded in number, since they stand in no queue.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use super::{Cell, Shared};
use crate::Timestamp;

/// Holds the agents that wait, and until when; oldest first.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<VecDeque<(Timestamp, Weak<Cell>)>>);

impl Patience {
    /// Bounds the wait of one agent, from the moment when its turn to be recorded came.
    const LONGEST: Duration = Duration::from_secs(5);
    /// Bounds the agents that wait; of more the oldest wait no longer.
    const MAX: usize = 4096;

    /// Takes an agent in, and gives the one that has to make room for it.
    fn add(&self, agent: &Arc<Cell>, now: Timestamp) -> Option<Arc<Cell>> {
        let mut agents = self.lock();
        agents.push_back((now.plus(Self::LONGEST), Arc::downgrade(agent)));
        if agents.len() > Self::MAX {
            agents.retain(|(_, agent)| agent.upgrade().is_some_and(|it| it.is_waiting()));
        }
        let is_full = agents.len() > Self::MAX;
        let (_, oldest) = is_full.then(|| agents.pop_front())??;
        oldest.upgrade()
    }

    /// Gives the agents that have waited long enough.
    fn take_due(&self, now: Timestamp) -> Vec<Arc<Cell>> {
        let mut agents = self.lock();
        let is_over = agents.partition_point(|(until, _)| *until <= now);
        let due = agents.drain(..is_over);
        due.filter_map(|(_, agent)| agent.upgrade()).collect()
    }

    /// Tells until when the first of them waits.
    fn next(&self) -> Option<Timestamp> {
        self.lock().front().map(|(until, _)| *until)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Timestamp, Weak<Cell>)>> {
        // Nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Keeps an agent that has to wait for operations of its own.
    pub(super) fn let_wait(self: &Arc<Self>, agent: &Arc<Cell>) {
        // Who holds something back for it may end that now.
        self.waiting_works.run(|| ());
        if !agent.is_waiting() {
            return;
        }
        let now = self.clock.now();
        let outdone = self.patience.add(agent, now);
        let due = self.patience.take_due(now);
        for agent in outdone.into_iter().chain(due) {
            self.end_waiting(&agent);
        }
        self.worker.set_alarm(self);
    }

    /// Ends the waits that have been long enough, and tells how long the next one may last.
    pub(super) fn end_overdue(self: &Arc<Self>) -> Option<Duration> {
        let next = self.patience.next()?;
        let now = self.clock.now();
        if next > now {
            return Some(next.since(now));
        }
        for agent in self.patience.take_due(now) {
            self.end_waiting(&agent);
        }
        Some(self.patience.next()?.since(now))
    }

    /// Ends all waits.
    pub(super) fn end_all_waits(self: &Arc<Self>) {
        let all = std::mem::take(&mut *self.patience.lock());
        for agent in all.iter().filter_map(|(_, agent)| agent.upgrade()) {
            self.end_waiting(&agent);
        }
    }

    fn end_waiting(self: &Arc<Self>, agent: &Arc<Cell>) {
        if agent.stop_waiting() {
            self.end(agent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AgentInvocation, Handle, Record, SpanContext};

    fn agent() -> Arc<Cell> {
        let handle = Handle {
            context: SpanContext::NONE,
            parent: None,
            is_recording: true,
            started: Timestamp::default(),
            links: Vec::new(),
            state: None,
        };
        let record = Record::AgentInvocation(Box::new(AgentInvocation::new("a")));
        Arc::new(Cell::new(handle, record.into(), None, None, false))
    }

    #[test]
    fn those_that_wait_no_longer_make_room_first() {
        let patience = Patience::default();
        let now = Timestamp::default();
        let agents: Vec<_> = (0..=Patience::MAX).map(|_| agent()).collect();
        let outdone = agents.iter().filter_map(|agent| patience.add(agent, now));
        assert_eq!(outdone.count(), 0, "none of them waits");
        let left = patience.lock().len();
        assert!(left <= Patience::MAX, "{left}");
    }
}
