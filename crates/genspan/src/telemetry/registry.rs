//! The operations under way.

mod spans;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::spans::Spans;
use super::Cell;
use crate::SpanContext;

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
    /// Where those with spans of their own stand.
    spans: Spans,
    /// Where runs of tools stand.
    tools: BTreeSet<usize>,
}

impl Registry {
    /// Bounds the runs of tools among which one is searched for.
    const MAX_TOOLS: usize = 1024;

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
        if cell.has_own_span() {
            state.spans.insert(cell.context(), slot);
            if cell.is_tool() {
                state.tools.insert(slot);
            }
        }
        cell.set_slot(slot);
        true
    }

    /// Lets go of an operation that has ended.
    pub(super) fn remove(&self, slot: usize) {
        let mut state = self.lock();
        let Some(cell) = state.slots.get_mut(slot).and_then(Option::take) else {
            return;
        };
        state.free.push(slot);
        if cell.has_own_span() {
            state.spans.remove(cell.context(), slot);
            state.tools.remove(&slot);
        }
        // What it holds may be of others, whose code must not run in here.
        drop(state);
        drop(cell);
    }

    /// Finds the operation whose own span this is.
    pub(super) fn of_span(&self, span: &SpanContext) -> Option<Arc<Cell>> {
        let state = self.lock();
        let cell = state.slots.get(state.spans.find(span)?)?.as_ref()?;
        Some(cell).filter(|cell| cell.has_span(span)).cloned()
    }

    /// Gives the runs of tools under way; nothing where they are more than are searched.
    pub(super) fn tools(&self) -> Vec<Arc<Cell>> {
        let state = self.lock();
        if state.tools.len() > Self::MAX_TOOLS {
            return Vec::new();
        }
        let cells = state.tools.iter().filter_map(|slot| state.slots.get(*slot));
        cells.flatten().cloned().collect()
    }

    /// Gives all operations back, oldest first, and takes no more.
    pub(super) fn close(&self) -> Vec<Arc<Cell>> {
        let mut state = self.lock();
        state.is_closed = true;
        state.free.clear();
        state.spans = Spans::default();
        state.tools.clear();
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
