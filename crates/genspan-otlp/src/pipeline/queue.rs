//! What waits for one worker, bounded in bytes and number.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{PipelineOptions, WhenFull};
use crate::{
    Item,
    envelope::Under,
    report::{Ledger, Reason},
};

/// Takes items from any thread.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    has_items: Notify,
    has_room: Condvar,
    max_bytes: usize,
    max_items: usize,
    when_full: WhenFull,
    ledger: Ledger,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Queued>,
    bytes: usize,
    is_closed: bool,
}

/// Holds an item with what was measured when it came.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) item: Item,
    pub(super) under: Under,
    pub(super) count: u64,
}

impl Queue {
    pub(super) fn new(options: &PipelineOptions, ledger: Ledger) -> Self {
        Self {
            state: Mutex::default(),
            has_items: Notify::new(),
            has_room: Condvar::new(),
            max_bytes: options.queue_bytes,
            max_items: options.queue_items,
            when_full: options.when_full,
            ledger,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an item, or drops and counts it.
    pub(super) fn push(&self, item: Item, under: Under) -> bool {
        let (signal, count, bytes) = (item.signal(), item.count(), item.encoded_len());
        let mut state = self.lock();
        if self.when_full == WhenFull::Wait && bytes <= self.max_bytes {
            let is_full = |state: &mut State| !state.is_closed && !self.fits(state, bytes);
            state = self
                .has_room
                .wait_while(state, is_full)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let refused = if state.is_closed {
            Some(Reason::Closed)
        } else {
            (!self.fits(&state, bytes)).then_some(Reason::QueueFull)
        };
        if let Some(reason) = refused {
            drop(state);
            self.ledger.refuse(signal, count, reason);
            return false;
        }
        // Counted before the worker can see it, so that nothing is settled before it was taken on.
        self.ledger.accept(signal, count);
        state.bytes += bytes;
        state.items.push_back(Queued { item, under, count });
        drop(state);
        self.has_items.notify_one();
        true
    }

    fn fits(&self, state: &State, bytes: usize) -> bool {
        state.items.len() < self.max_items && state.bytes.saturating_add(bytes) <= self.max_bytes
    }

    /// Takes all items out.
    pub(super) fn take(&self) -> VecDeque<Queued> {
        let mut state = self.lock();
        state.bytes = 0;
        let items = std::mem::take(&mut state.items);
        drop(state);
        self.has_room.notify_all();
        items
    }

    /// Waits until there may be items.
    pub(super) async fn ready(&self) {
        self.has_items.notified().await;
    }

    /// Takes no more items; those who wait for room give up.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.has_room.notify_all();
    }
}
