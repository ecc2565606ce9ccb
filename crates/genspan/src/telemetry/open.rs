//! Spans that have begun and not ended.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Shared;
use crate::{Handle, Outcome, Record, SpanContext, Timestamp, sink::Closed};

/// Holds all open spans, so that a shutdown can end those whose owners never will.
#[derive(Debug, Default)]
pub(super) struct Registry {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    is_closed: bool,
    open: HashMap<u64, (Handle, Record)>,
}

impl Registry {
    /// Takes a span in; gives its key, `None` once the registry is closed.
    fn insert(&self, handle: Handle, outline: Record) -> Option<u64> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        state.next += 1;
        let key = state.next;
        state.open.insert(key, (handle, outline));
        Some(key)
    }

    /// Gives a span back to whoever ends it first.
    fn take(&self, key: u64) -> Option<(Handle, Record)> {
        self.lock().open.remove(&key)
    }

    /// Gives all spans back, oldest first, and takes no more.
    pub(super) fn close(&self) -> Vec<(Handle, Record)> {
        let mut state = self.lock();
        state.is_closed = true;
        let mut open: Vec<_> = state.open.drain().collect();
        open.sort_unstable_by_key(|(key, _)| *key);
        open.into_iter().map(|(_, entry)| entry).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the map whole: no operation on it can stop half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Owns a span that has begun; it ends exactly once, at the latest when this is dropped.
///
/// Dropped without a record it ends as cancelled, with its outline for a record.
pub struct Open {
    shared: Arc<Shared>,
    key: Option<u64>,
    context: SpanContext,
    started: Timestamp,
    is_recording: bool,
}

impl Open {
    pub(super) fn new(shared: Arc<Shared>, handle: Handle, outline: Record) -> Self {
        let context = handle.context.clone();
        let (started, is_recording) = (handle.started, handle.is_recording);
        let key = shared.registry.insert(handle, outline);
        Self {
            shared,
            key,
            context,
            started,
            is_recording,
        }
    }

    /// Gives where the span stands, for calls made within it.
    #[must_use]
    pub const fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Gives when the span began.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// Tells whether the span itself is recorded; where it is not, content need not be gathered.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.is_recording
    }

    /// Ends the span now.
    pub fn close(self, record: Record, outcome: Outcome) {
        let now = self.shared.clock.now();
        self.close_at(record, outcome, now);
    }

    /// Ends the span at the given moment.
    pub fn close_at(mut self, record: Record, outcome: Outcome, at: Timestamp) {
        self.end(Some(record), outcome, at);
    }

    /// Forgets the span: nothing is recorded.
    pub fn discard(mut self) {
        if let Some(key) = self.key.take() {
            drop(self.shared.registry.take(key));
        }
    }

    fn end(&mut self, record: Option<Record>, outcome: Outcome, at: Timestamp) {
        let Some(key) = self.key.take() else { return };
        if let Some((handle, outline)) = self.shared.registry.take(key) {
            self.shared.end(Closed {
                handle,
                record: record.unwrap_or(outline),
                outcome,
                at,
            });
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.key.is_some() {
            let now = self.shared.clock.now();
            self.end(None, Outcome::Cancelled, now);
        }
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("context", &self.context)
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
