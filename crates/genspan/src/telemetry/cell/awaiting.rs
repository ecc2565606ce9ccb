//! The wait of an agent that has ended for its own operations that have ended before it.
//!
//! What an agent adds up is known when its own operations are rendered. One whose owner has spoken may still wait for
//! what is read of it on the wire, or stand behind its agent in the worker's queue. So the agent is rendered after it.
//! What goes on when the agent ends, such as work that was left to itself, is not waited for, unless it was begun so.

use std::sync::Arc;

use super::{Cell, State};

/// Holds both sides of the wait: what an operation is to its agent, and what an agent has before it.
#[derive(Debug, Default)]
pub(super) struct Awaiting {
    /// Whether an agent waits for this one.
    is_awaited: bool,
    /// How many of its own operations have ended and are not rendered; below none where one was quicker than its count.
    own: i32,
    /// Whether an agent's turn to be rendered has come and gone while it waited.
    is_held: bool,
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
}

impl State {
    /// Tells whether this is an agent's that has to wait; its turn comes again by [`Cell::release_agent`].
    pub(super) fn waits_for_own(&mut self) -> bool {
        self.awaiting.is_held = self.awaiting.own > 0 && self.handle.is_some();
        self.awaiting.is_held
    }
}
