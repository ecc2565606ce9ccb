//! The wait of an agent that has ended for its own operations that have ended before it.
//!
//! What an agent adds up is known when its own operations are rendered. One whose owner has spoken may still wait for
//! what is read of it on the wire, or stand behind its agent in the worker's queue. So the agent is rendered after it.
//! What goes on when the agent ends, such as work that was left to itself, is not waited for, unless it was begun so. No
//! wait goes on for ever: see [`patience`](crate::telemetry::patience).

use std::sync::Arc;

use super::Cell;

/// Holds both sides of the wait: what an operation is to its agent, and what an agent has before it.
#[derive(Debug, Default)]
pub(super) struct Awaiting {
    /// Whether an agent waits for this one.
    is_awaited: bool,
    /// How many of its own operations have ended and are not rendered; below none where one was quicker than its count.
    own: i32,
    /// Whether an agent's turn to be rendered has come and gone while it waited.
    is_held: bool,
    /// Whether an agent has waited long enough.
    is_overdue: bool,
}

impl Cell {
    /// Has the agent whose own this is wait for it until it is rendered, from the word of its owner on at the latest.
    ///
    /// An agent that has ended before waits for nothing more.
    pub(in crate::telemetry) fn have_agent_wait(&self) {
        // No lock is held on the way: an agent's own one follows.
        let Some(agent) = self.lock().agent.clone() else {
            return;
        };
        if agent.lock().is_over {
            return;
        }
        let mut state = self.lock();
        if state.handle.is_none() || std::mem::replace(&mut state.awaiting.is_awaited, true) {
            return;
        }
        drop(state);
        agent.lock().awaiting.own += 1;
    }

    /// Tells the agent that this is rendered or will never be; gives the agent where it waited for nothing else and its
    /// turn has come. An agent that is held itself goes on being awaited.
    pub(in crate::telemetry) fn release_agent(&self) -> Option<Arc<Self>> {
        let mut state = self.lock();
        if state.awaiting.is_held || !std::mem::take(&mut state.awaiting.is_awaited) {
            return None;
        }
        let agent = state.agent.clone()?;
        drop(state);
        let mut waiting = agent.lock();
        waiting.awaiting.own -= 1;
        let is_due = waiting.awaiting.own <= 0 && std::mem::take(&mut waiting.awaiting.is_held);
        drop(waiting);
        is_due.then_some(agent)
    }

    /// Tells whether this is an agent's that has to wait; its turn comes again by [`release_agent`](Self::release_agent).
    pub(in crate::telemetry) fn has_to_wait(&self) -> bool {
        let mut state = self.lock();
        let has_own = state.awaiting.own > 0 && !state.awaiting.is_overdue;
        state.awaiting.is_held = has_own && state.handle.is_some();
        state.awaiting.is_held
    }

    /// Tells whether this is an agent's that waits for operations of its own.
    pub(in crate::telemetry) fn is_waiting(&self) -> bool {
        self.lock().awaiting.is_held
    }

    /// Ends an agent's wait; gives whether its turn has come by that.
    pub(in crate::telemetry) fn stop_waiting(&self) -> bool {
        let mut state = self.lock();
        let is_due = std::mem::take(&mut state.awaiting.is_held);
        state.awaiting.is_overdue |= is_due;
        is_due
    }

    /// Tells whether the agent whose own this is has ended.
    pub(in crate::telemetry) fn has_agent_ended(&self) -> bool {
        // No lock is held on the way: an agent's own one follows.
        let agent = self.lock().agent.clone();
        agent.is_some_and(|agent| agent.lock().is_over)
    }

    /// Counts the agents within which this runs, each as the other's own.
    pub(in crate::telemetry) fn agents_around(&self) -> usize {
        let around = |cell: &Self| cell.lock().agent.clone();
        std::iter::successors(around(self), |agent| around(agent)).count()
    }
}
