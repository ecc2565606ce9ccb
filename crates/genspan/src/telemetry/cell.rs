//! One operation under way, shared between its owner and those who contribute to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::contribution::Contributions;
use crate::{Handle, Outcome, Record, SpanContext, Timestamp, scope::Facts, sink::Closed};

/// Holds an operation from its start to its end.
///
/// Its owner ends it. Instrumentation further in, which sees the same call, contributes what it knows
/// instead of recording it again; while a contribution is under way the end waits for it.
#[derive(Debug)]
pub(crate) struct Cell {
    context: SpanContext,
    started: Timestamp,
    is_recording: bool,
    facts: Option<Arc<Facts>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// `None` once the operation has ended.
    handle: Option<Handle>,
    outline: Option<Record>,
    place: Place,
    contributions: Contributions,
    /// The owner's word, where it came while a contribution was under way.
    closing: Option<Closing>,
    /// Where the operation stands in the registry.
    slot: Option<usize>,
}

#[derive(Debug)]
struct Closing {
    record: Record,
    outcome: Outcome,
    at: Timestamp,
}

/// Tells whether a contributor is welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    Taken,
    /// One has contributed the answer; another call is another operation.
    Filled,
}

impl Cell {
    pub(super) fn new(handle: Handle, outline: Record, facts: Option<Arc<Facts>>) -> Self {
        Self {
            context: handle.context.clone(),
            started: handle.started,
            is_recording: handle.is_recording,
            facts,
            state: Mutex::new(State {
                handle: Some(handle),
                outline: Some(outline),
                place: Place::Free,
                contributions: Contributions::default(),
                closing: None,
                slot: None,
            }),
        }
    }

    pub(super) const fn context(&self) -> &SpanContext {
        &self.context
    }

    pub(super) const fn started(&self) -> Timestamp {
        self.started
    }

    pub(super) const fn is_recording(&self) -> bool {
        self.is_recording
    }

    /// Gives the facts of the scope in which it started; they hold for its children.
    pub(super) const fn facts(&self) -> Option<&Arc<Facts>> {
        self.facts.as_ref()
    }

    /// Gives the sink's own context of the span, while it is open.
    pub(super) fn span_state(&self) -> Option<crate::State> {
        self.lock().handle.as_ref()?.state.clone()
    }

    pub(super) fn set_slot(&self, slot: usize) {
        self.lock().slot = Some(slot);
    }

    /// Takes the place of the contributor, if what it records is this very operation and the place is free.
    pub(super) fn claim(&self, outline: &Record) -> bool {
        let mut state = self.lock();
        let is_welcome = state.place == Place::Free
            && state.handle.is_some()
            && state.closing.is_none()
            && state
                .outline
                .as_ref()
                .is_some_and(|own| own.is_same_operation(outline));
        if is_welcome {
            state.place = Place::Taken;
        }
        is_welcome
    }

    /// Ends the operation by its owner's word, at once unless a contribution is under way.
    pub(super) fn close(&self, record: Option<Record>, outcome: Outcome, at: Timestamp) -> Ending {
        let mut state = self.lock();
        if state.handle.is_none() || state.closing.is_some() {
            return Ending::Over;
        }
        let Some(record) = record.or_else(|| state.outline.take()) else {
            return Ending::Over;
        };
        let closing = Closing {
            record,
            outcome,
            at,
        };
        if state.place == Place::Taken {
            state.closing = Some(closing);
            return Ending::Waits;
        }
        self.assemble(&mut state, closing)
    }

    /// Takes a contribution in, and ends the operation where its owner waited for it.
    pub(super) fn contribute(&self, record: Record, outcome: Outcome, at: Timestamp) -> Ending {
        let mut state = self.lock();
        state.place = if matches!(outcome, Outcome::Failed(_)) {
            Place::Free
        } else {
            Place::Filled
        };
        state.contributions.add(record, outcome, at);
        match state.closing.take() {
            Some(closing) => self.assemble(&mut state, closing),
            None => Ending::Waits,
        }
    }

    /// Gives the place back without a word.
    pub(super) fn withdraw(&self) -> Ending {
        let mut state = self.lock();
        state.place = Place::Free;
        match state.closing.take() {
            Some(closing) => self.assemble(&mut state, closing),
            None => Ending::Waits,
        }
    }

    /// Ends the operation whatever is under way: by its owner's word if that came, else as cancelled.
    pub(super) fn abandon(&self, now: Timestamp) -> Ending {
        let mut state = self.lock();
        let closing = state.closing.take().or_else(|| {
            state.outline.take().map(|record| Closing {
                record,
                outcome: Outcome::Cancelled,
                at: now,
            })
        });
        match closing {
            Some(closing) => self.assemble(&mut state, closing),
            None => Ending::Over,
        }
    }

    /// Takes the span out, unrecorded.
    pub(super) fn discard(&self) -> Option<(Handle, Option<usize>)> {
        let mut state = self.lock();
        let handle = state.handle.take()?;
        Some((handle, state.slot))
    }

    fn assemble(&self, state: &mut State, closing: Closing) -> Ending {
        let Some(handle) = state.handle.take() else {
            return Ending::Over;
        };
        Ending::Ready {
            slot: state.slot,
            closed: Box::new(Closed {
                handle,
                record: closing.record,
                outcome: closing.outcome,
                at: closing.at,
                contributions: std::mem::take(&mut state.contributions),
                facts: self.facts.clone(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what comes of a word about an operation's end.
#[derive(Debug)]
pub(super) enum Ending {
    /// The operation has ended and is to be rendered.
    Ready {
        closed: Box<Closed>,
        slot: Option<usize>,
    },
    /// It goes on, for its owner or for a contribution.
    Waits,
    /// It had ended before.
    Over,
}
