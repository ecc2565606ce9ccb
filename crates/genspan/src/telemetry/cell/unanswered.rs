//! A request that tells of its owner's operation, and whose answer may never come.
//!
//! What is read on the wire ends by itself, so its owner's end waits for it. A request of MCP does not: nobody hears of an
//! answer that nobody waits for any more. So it ends, as cancelled, when its owner does.

use std::sync::{Arc, Weak};

use super::Cell;
use crate::Timestamp;

impl Cell {
    /// Notes who tells of this one and may never come to an end by itself.
    pub(in crate::telemetry) fn note_request(&self, request: &Arc<Self>) {
        let earlier = std::mem::replace(&mut self.lock().request, Arc::downgrade(request));
        drop(earlier);
    }

    /// Gives, once, the request that is under way though this one's owner has spoken, and when that was.
    pub(in crate::telemetry) fn unanswered(&self) -> Option<(Arc<Self>, Option<Timestamp>)> {
        let mut state = self.lock();
        let is_said = state.closing.is_some() || state.is_silent;
        if !is_said || state.is_over {
            return None;
        }
        let request = std::mem::replace(&mut state.request, Weak::new()).upgrade()?;
        Some((request, state.closing.as_ref().map(|closing| closing.at)))
    }
}
