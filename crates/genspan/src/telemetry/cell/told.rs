//! Operations that are told of, which give way to whoever records them first-hand.
//!
//! A library may tell of its own operations, in spans of its own; what is recorded of them is second-hand. Where
//! an adapter records the same operation, the one that was told gives way to it: either the adapter's
//! contributes, or, where the adapter knows the operation's place better, the told one is taken back.

use std::sync::Arc;

use super::{Cell, Place};
use crate::{Handle, Outline, Record, operation::View};

impl Cell {
    /// Tells whether what is recorded here is second-hand.
    pub(in crate::telemetry) const fn is_told(&self) -> bool {
        self.is_told
    }

    /// Gives the operation that took this one's place, if one did.
    pub(in crate::telemetry) fn successor(&self) -> Option<&Arc<Self>> {
        let mut found = self.successor.get()?;
        while let Some(next) = found.successor.get() {
            found = next;
        }
        Some(found)
    }

    /// Takes note that something begins within this one, which therefore has to stay.
    pub(crate) fn is_built_on(&self) {
        if self.is_told {
            self.lock().is_built_on = true;
        }
    }

    /// Takes this one's span back in favour of `outline`, which is recorded closer by, if it is this very operation and
    /// nothing builds on it yet.
    pub(in crate::telemetry) fn make_way_for(&self, outline: &Outline) -> Option<Handle> {
        if !self.is_told || self.outer.is_some() {
            return None;
        }
        let mut state = self.lock();
        let may_go = state.place == Place::Free
            && !state.is_over
            && !state.is_built_on
            && state.closing.is_none()
            && state
                .outline
                .as_ref()
                .is_some_and(|own| is_same_told(own, outline));
        if !may_go {
            return None;
        }
        state.is_over = true;
        state.handle.take()
    }

    /// Names the operation to which this one gave way.
    pub(in crate::telemetry) fn give_place_to(&self, successor: &Arc<Self>) {
        // A place is given away once.
        let _ = self.successor.set(Arc::clone(successor));
    }

    /// Takes in what has become known of the operation since it began.
    pub(in crate::telemetry) fn restate(&self, outline: Outline) {
        let mut state = self.lock();
        if state.outline.is_some() {
            state.outline = Some(outline);
        }
    }
}

/// Tells whether two outlines may be of one operation, of which at least one is second-hand and may lack a name or an id.
pub(super) fn is_same_told(own: &Outline, other: &Outline) -> bool {
    if own.is_same_operation(other) {
        return true;
    }
    let (View::Other(own), View::Other(other)) = (own.view(), other.view()) else {
        return false;
    };
    match (own, other) {
        (Record::AgentInvocation(own), Record::AgentInvocation(other)) => {
            own.name.is_none() || other.name.is_none() || own.name == other.name
        }
        (Record::ToolExecution(own), Record::ToolExecution(other)) => {
            let lacks_id = own.call_id.is_none() || other.call_id.is_none();
            let lacks_name = own.name.is_empty() || other.name.is_empty();
            lacks_id && (lacks_name || own.name == other.name)
        }
        _ => false,
    }
}
