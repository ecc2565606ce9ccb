//! What instrumentation further in has to say of an operation, and its way to the operation's owner.

use super::{Cell, Ending, Place};
use crate::{
    Outcome, Outline,
    telemetry::{apart::Apart, contribution::Said},
};

impl Cell {
    /// Takes the place of the contributor, if what it records is this very operation and the place is free.
    pub(in crate::telemetry) fn claim(&self, outline: &Outline, is_told: bool) -> bool {
        let is_same = if self.is_told || is_told {
            super::told::is_same_told
        } else {
            Outline::is_same_operation
        };
        let mut state = self.lock();
        let is_welcome = state.is_open_to(|own| is_same(own, outline));
        if is_welcome {
            state.place = Place::Taken;
        }
        is_welcome
    }

    /// Tells whether the place of the contributor is free for what this records.
    pub(in crate::telemetry) fn is_open_to(&self, outline: &Outline) -> bool {
        self.lock().is_open_to(|own| own.is_same_operation(outline))
    }

    /// Tells whether it is under way and what this records, whoever contributes to it.
    pub(in crate::telemetry) fn is_same(&self, outline: &Outline) -> bool {
        let state = self.lock();
        let own = state.outline.as_ref().filter(|_| !state.is_over);
        own.is_some_and(|own| own.is_same_operation(outline))
    }

    /// Gives what is to be measured of an ended contribution by itself.
    pub(in crate::telemetry) fn measured_apart(&self) -> Option<Apart> {
        let started = self.began?;
        let state = self.lock();
        let closing = state.closing.as_ref()?;
        Some(Apart {
            record: closing.record.measured_apart()?,
            outcome: closing.outcome.clone(),
            started,
            ended: closing.at,
        })
    }

    /// Takes a contribution in, and ends the operation where its owner waited for it.
    pub(in crate::telemetry) fn contribute(&self, said: Said) -> Ending {
        let mut state = self.lock();
        if state.is_over {
            return Ending::Waits;
        }
        // What did not go well may be tried again.
        state.place = if said.outcome == Outcome::Completed {
            Place::Filled
        } else {
            Place::Free
        };
        // An owner that spoke before the answer was through did not know how it would end.
        if let (Some(closing), Outcome::Failed(failure)) = (&mut state.closing, &said.outcome)
            && closing.outcome == Outcome::Completed
        {
            closing.outcome = Outcome::Failed(failure.clone());
        }
        state.contributions.add(said);
        state.end_unless_waiting()
    }

    /// Ends a contribution without a word of its own, at once unless one to it is under way.
    pub(in crate::telemetry) fn leave(&self) -> Ending {
        let mut state = self.lock();
        state.is_silent = true;
        state.end_unless_waiting()
    }

    /// Ends a contribution that is nothing of the kind of what it contributes to.
    pub(in crate::telemetry) fn disown(&self) -> Ending {
        self.lock().is_disowned = true;
        self.leave()
    }

    /// Hands an ended contribution over to the operation that it is for, with what was contributed to it.
    pub(in crate::telemetry) fn hand_over(&self, outer: &Self) -> Ending {
        let (closing, contributions, is_disowned) = {
            let mut state = self.lock();
            (
                state.closing.take(),
                std::mem::take(&mut state.contributions),
                state.is_disowned,
            )
        };
        let said = match closing {
            Some(own) if is_disowned && own.is_untold(&contributions, is_disowned) => None,
            Some(own) => Some(own.with(contributions, self.is_told)),
            None => contributions.into_last(),
        };
        match said {
            Some(said) => outer.contribute(said),
            None => outer.withdraw(is_disowned),
        }
    }

    /// Gives the place back without a word.
    fn withdraw(&self, is_disowned: bool) -> Ending {
        let mut state = self.lock();
        state.is_disowned |= is_disowned;
        state.place = Place::Free;
        state.end_unless_waiting()
    }
}
