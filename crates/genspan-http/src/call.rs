//! A call that its client makes in several attempts.

use std::fmt;

use genspan::{Failure, Open, Outcome, Record, Scope, SpanContext};
use genspan_wire::Endpoint;

/// Holds together the attempts of one call, where a client repeats what fails by itself.
///
/// A program that sees where such a client's call begins and ends opens one there
/// ([`Recorder::call`](crate::Recorder::call)) and lets the client work within its [`scope`](Self::scope). What
/// records the attempts further in tells this call of them: it is one span, each failed attempt an event, and
/// nothing is read twice. Unlike retries that are recognised afterwards, this works with every sink and for calls that
/// begin a trace.
///
/// Dropped, it ends as cancelled.
#[must_use = "dropping it at once records a cancelled call"]
pub struct LogicalCall {
    endpoint: Endpoint,
    open: Open,
}

impl LogicalCall {
    pub(crate) const fn new(endpoint: Endpoint, open: Open) -> Self {
        Self { endpoint, open }
    }

    /// Gives the scope in which the attempts are made.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.open.scope()
    }

    /// Gives where the call's span stands.
    #[must_use]
    pub fn context(&self) -> &SpanContext {
        self.open.context()
    }

    /// Ends the call as its last attempt ends, which may be later: when the answer is read, or dropped.
    ///
    /// A call of which no attempt was recorded, such as one that a cache answered, leaves no span where the sink
    /// [can forget](genspan::Sink::can_discard) one.
    pub fn answered(self) {
        self.open.close_as_contributed();
    }

    /// Ends the call as failed; the last attempt tells what `failure` leaves open.
    ///
    /// [`ErrorType::Unknown`](genspan::ErrorType::Unknown) leaves all open. A call whose attempts asked no model, by what
    /// their bodies said, leaves no span where the sink [can forget](genspan::Sink::can_discard) one.
    pub fn failed(self, failure: impl Into<Failure>) {
        let record = Record::from(self.endpoint.outline());
        let outcome = Outcome::Failed(failure.into());
        self.open.close_unless_disowned(record, outcome);
    }
}

impl fmt::Debug for LogicalCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogicalCall")
            .field("context", self.context())
            .finish_non_exhaustive()
    }
}
