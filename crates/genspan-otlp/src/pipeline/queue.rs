//! What waits for one worker, bounded in bytes and number.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{PipelineOptions, WhenFull};
use crate::{
    Item, Request, Signal,
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

/// Holds what came with what was measured then.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) load: Load,
    pub(super) count: u64,
}

/// What comes.
#[derive(Debug)]
pub(super) enum Load {
    /// An item, to be gathered with others.
    Item(Item, Under),
    /// A whole request, to be delivered as it is.
    Request(Request),
}

impl Load {
    /// Gives its signal, how many items it is, and its bytes.
    fn measured(&self) -> (Signal, u64, usize) {
        match self {
            Self::Item(item, _) => (item.signal(), item.count(), item.encoded_len()),
            Self::Request(request) => (request.signal(), request.count(), request.encoded_len()),
        }
    }
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

    /// Takes what comes, or drops and counts it.
    pub(super) fn push(&self, load: Load) -> bool {
        let (signal, count, bytes) = load.measured();
        let mut state = self.lock();
        if self.when_full == WhenFull::Wait {
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
        state.items.push_back(Queued { load, count });
        drop(state);
        self.has_items.notify_one();
        true
    }

    /// Tells whether there is room. For who waits there always is at last: what is larger than all of it comes alone.
    fn fits(&self, state: &State, bytes: usize) -> bool {
        let is_patient = self.when_full == WhenFull::Wait;
        let is_alone = is_patient && state.items.is_empty();
        let has_room = state.items.len() < self.max_items
            && state.bytes.saturating_add(bytes) <= self.max_bytes;
        is_alone || has_room
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
