//! The guard of an operation.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use futures_core::Stream;

use crate::{
    Failure, Observed, Open, Operation, Outcome, Record, Scope, SpanContext, Telemetry, Timestamp,
};

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
    held: Option<Held<R>>,
}

struct Held<R> {
    open: Open,
    record: Kept<R>,
}

/// Keeps the record where it costs least.
enum Kept<R> {
    /// Apart, so that handing it over copies nothing.
    Apart(Box<R>),
    /// In place, where it will be handed to nobody and so need not be allocated.
    Here(R),
}

impl<R: Operation> Active<R> {
    pub(crate) fn new(open: Open, record: R) -> Self {
        let record = if open.is_nothing() {
            Kept::Here(record)
        } else {
            Kept::Apart(Box::new(record))
        };
        Self {
            held: Some(Held { open, record }),
        }
    }

    fn held(&self) -> &Held<R> {
        match &self.held {
            Some(held) => held,
            None => unreachable!("ending an operation consumes its guard"),
        }
    }

    fn open(&self) -> &Open {
        &self.held().open
    }

    /// Gives where the operation's span stands, for calls made within it.
    #[must_use]
    pub fn context(&self) -> &SpanContext {
        self.open().context()
    }

    /// Tells whether the span itself is recorded; measurements are in any case.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.open().is_recording()
    }

    /// Tells whether content reaches telemetry at all; where it does not it need not be gathered.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.open().wants_content()
    }

    /// Gives the scope in which the operation's children run; they are of its conversation.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let stated = self.common().conversation_id.as_deref();
        self.open().scope_of_conversation(stated)
    }

    /// Wraps the stream of the answer: the operation ends when the stream does, in whatever way.
    ///
    /// `note` is told each item and notes in the record what it learns.
    pub fn observe<S, T, E, N>(self, stream: S, note: N) -> Observed<S, R, N>
    where
        S: Stream<Item = Result<T, E>>,
        N: FnMut(&mut R, &T),
        E: fmt::Display,
    {
        Observed::new(self, stream, note)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.open().now()
    }

    /// Gives when the operation began.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.open().started()
    }

    /// Gives the span that the operation stands within, `None` where there is none.
    #[must_use]
    pub fn parent(&self) -> Option<SpanContext> {
        self.open().parent()
    }

    /// Gives the recorder that records it.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        self.open().telemetry()
    }

    /// Gives the record as it is known now, with the facts of the scope it started in.
    pub(crate) fn with_facts(&self, record: R) -> Record {
        let mut record = Box::new(record).into_record();
        self.open().fill_facts(&mut record);
        record
    }

    /// Forgets the operation: nothing of it is recorded, where the sink can take a span back.
    pub(crate) fn discard(mut self) {
        if let Some(held) = self.held.take() {
            held.open.discard();
        }
    }

    /// Ends the operation well.
    pub fn finish(self) {
        self.end_as(Outcome::Completed);
    }

    /// Ends the operation as failed.
    pub fn fail(self, failure: impl Into<Failure>) {
        self.end_as(Outcome::Failed(failure.into()));
    }

    /// Ends the operation as this result says, which stays with the caller.
    pub fn end_with<T, E: fmt::Display>(self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.finish(),
            Err(error) => self.fail(Failure::of(error)),
        }
    }

    /// Ends the operation as it turned out.
    pub fn end_as(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(Held {
            open,
            record: Kept::Apart(record),
        }) = self.held.take()
        {
            open.close(record.into_record(), outcome);
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
        match &self.held().record {
            Kept::Apart(record) => record,
            Kept::Here(record) => record,
        }
    }
}

impl<R: Operation> DerefMut for Active<R> {
    fn deref_mut(&mut self) -> &mut R {
        match &mut self.held {
            Some(Held {
                record: Kept::Apart(record),
                ..
            }) => record,
            Some(Held {
                record: Kept::Here(record),
                ..
            }) => record,
            None => unreachable!("ending an operation consumes its guard"),
        }
    }
}

impl<R: Operation + fmt::Debug> fmt::Debug for Active<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Active")
            .field("context", self.context())
            .field("record", &**self)
            .finish_non_exhaustive()
    }
}
