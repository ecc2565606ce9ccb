//! The operations under way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Cell;

/// Holds all operations under way, so that a shutdown can end those whose owners never will.
#[derive(Debug, Default)]
pub(super) struct Registry {
    state: Mutex<State>,
}

/// Holds operations in slots that are used again.
#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    slots: Vec<Option<Arc<Cell>>>,
    free: Vec<usize>,
}

impl Registry {
    /// Takes an operation in; tells whether there is still room for any.
    pub(super) fn insert(&self, cell: &Arc<Cell>) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            return false;
        }
        let entry = Some(Arc::clone(cell));
        let free = state.free.pop();
        let slot = free.unwrap_or(state.slots.len());
        match state.slots.get_mut(slot) {
            Some(place) => *place = entry,
            None => state.slots.push(entry),
        }
        cell.set_slot(slot);
        true
    }

    /// Lets go of an operation that has ended.
    pub(super) fn remove(&self, slot: usize) {
        let mut state = self.lock();
        if state
            .slots
            .get_mut(slot)
            .is_some_and(|place| place.take().is_some())
        {
            state.free.push(slot);
        }
    }

    /// Finds the only operation of which this holds.
    pub(super) fn only(&self, is_it: impl Fn(&Cell) -> bool) -> Option<Arc<Cell>> {
        let state = self.lock();
        let mut found = state.slots.iter().flatten().filter(|cell| is_it(cell));
        let first = found.next().cloned();
        first.filter(|_| found.next().is_none())
    }

    /// Gives all operations back, oldest first, and takes no more.
    pub(super) fn close(&self) -> Vec<Arc<Cell>> {
        let mut state = self.lock();
        state.is_closed = true;
        state.free.clear();
        let mut open: Vec<_> = std::mem::take(&mut state.slots)
            .into_iter()
            .flatten()
            .collect();
        drop(state);
        open.sort_by_key(|cell| cell.started());
        open
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the slots whole: no operation on them can stop half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
