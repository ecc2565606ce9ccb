//! The guard of an operation.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use crate::{Failure, Open, Operation, Outcome, SpanContext};

/// Holds an operation that is under way, until it ends exactly once.
///
/// Fill the record as facts become known, then [`finish`](Self::finish) or [`fail`](Self::fail).
/// Every other way out, an early return, a dropped future, a panic, ends it as cancelled with all
/// that was filled in so far.
///
/// ```compile_fail
/// # fn of(call: genspan::Active<genspan::Inference>) {
/// call.finish();
/// call.finish(); // an operation ends once
/// # }
/// ```
#[must_use = "dropping it at once records a cancelled operation"]
pub struct Active<R: Operation> {
    /// `None` once the operation has ended.
    open: Option<Open>,
    context: SpanContext,
    record: R,
}

impl<R: Operation> Active<R> {
    pub(crate) fn new(open: Open, record: R) -> Self {
        let context = open.context().clone();
        Self {
            open: Some(open),
            context,
            record,
        }
    }

    /// Gives where the operation's span stands, for calls made within it.
    #[must_use]
    pub const fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Tells whether the span itself is recorded; where it is not, content need not be gathered.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.open.as_ref().is_some_and(Open::is_recording)
    }

    /// Ends the operation well.
    pub fn finish(self) {
        self.end_as(Outcome::Completed);
    }

    /// Ends the operation as failed.
    pub fn fail(self, failure: impl Into<Failure>) {
        self.end_as(Outcome::Failed(failure.into()));
    }

    /// Ends the operation as it turned out.
    pub fn end_as(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(open) = self.open.take() {
            open.close(self.record.take_record(), outcome);
        }
    }
}

impl<R: Operation> Drop for Active<R> {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

impl<R: Operation> Deref for Active<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.record
    }
}

impl<R: Operation> DerefMut for Active<R> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.record
    }
}

impl<R: Operation + fmt::Debug> fmt::Debug for Active<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Active")
            .field("context", &self.context)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
