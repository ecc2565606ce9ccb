//! How an operation ends: by whose word, and what may still have to come before.

use super::{Cell, Place, State};
use crate::{Outcome, Outline, Record, Timestamp, telemetry::closing::Closing};

/// Tells what comes of a word about an operation's end.
#[derive(Clone, Copy, Debug)]
pub(in crate::telemetry) enum Ending {
    /// The operation has ended and is to be rendered.
    Ready,
    /// It has ended, and nobody has a word to say of it.
    Untold,
    /// It goes on, or had ended before.
    Waits,
}

impl Cell {
    /// Ends the operation by its owner's word, at once unless a contribution is under way.
    pub(in crate::telemetry) fn close(
        &self,
        record: Option<Record>,
        outcome: Outcome,
        at: Timestamp,
    ) -> Ending {
        self.say(record, |record| Closing::stated(record, outcome, at))
    }

    /// Ends the operation by its owner's word, which holds unless all that was contributed was discarded.
    pub(in crate::telemetry) fn close_unless_disowned(
        &self,
        record: Record,
        outcome: Outcome,
        at: Timestamp,
    ) -> Ending {
        self.say(Some(record), |record| {
            Closing::unless_disowned(record, outcome, at)
        })
    }

    /// Ends the operation by what was contributed last, at once unless a contribution is under way.
    pub(in crate::telemetry) fn give_way(&self, at: Timestamp) -> Ending {
        self.say(None, |outline| Closing::giving_way(outline, at))
    }

    fn say(&self, record: Option<Record>, closing: impl FnOnce(Record) -> Closing) -> Ending {
        let mut state = self.lock();
        if state.is_over || state.closing.is_some() {
            return Ending::Waits;
        }
        let outline = state.outline.take();
        let Some(record) = record.or_else(|| outline.map(Outline::into_record)) else {
            return Ending::Waits;
        };
        state.closing = Some(closing(record));
        let ending = state.end_unless_waiting();
        drop(state);
        self.have_agent_wait();
        ending
    }

    /// Ends the operation by a word of its owner, who does not know how it ended.
    pub(in crate::telemetry) fn close_as_seen(
        &self,
        record: Record,
        otherwise: Outcome,
        at: Timestamp,
    ) -> Ending {
        self.say(Some(record), |record| {
            Closing::supposed(record, otherwise, at)
        })
    }

    /// Ends the operation whatever is under way: by its owner's word if that came, else as cancelled.
    pub(in crate::telemetry) fn abandon(&self, now: Timestamp) -> Ending {
        let mut state = self.lock();
        state.place = Place::Filled;
        if let Some(closing) = &mut state.closing {
            closing.abandon(now);
        } else if let Some(outline) = state.outline.take() {
            let record = outline.into_record();
            state.closing = Some(Closing::stated(record, Outcome::Cancelled, now));
        }
        let ending = state.end_unless_waiting();
        drop(state);
        self.have_agent_wait();
        ending
    }
}

impl State {
    /// Tells whether nobody says that there was an operation, or somebody that there was none.
    pub(super) fn is_untold(&self, closing: &Closing) -> bool {
        closing.is_untold(&self.contributions, self.is_disowned)
    }

    /// Ends the operation where its owner has spoken and no contribution is under way.
    pub(super) fn end_unless_waiting(&mut self) -> Ending {
        let is_said = self.closing.is_some() || self.is_silent;
        if !is_said || self.is_over || self.place == Place::Taken {
            return Ending::Waits;
        }
        self.is_over = true;
        if self.closing.as_ref().is_some_and(|it| self.is_untold(it)) {
            Ending::Untold
        } else {
            Ending::Ready
        }
    }
}
