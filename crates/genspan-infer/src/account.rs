//! Calls of which a program itself tells more than its traffic does.

use std::fmt;

use genspan::{Inference, Open, Outcome, Record, Scope, SpanContext, Timestamp};

use crate::{Caller, agents::drop_unwanted};

/// Knows some programs' calls from what these programs tell of themselves, and finds their places before anything is
/// concluded.
///
/// All of it happens where calls are decoded, never on the way of the traffic. Every call that [`ended`](Self::ended)
/// takes is recorded by it or given back, once.
pub trait Account: fmt::Debug + Send + Sync {
    /// Tells whether it is about this caller's calls; others never reach it.
    fn is_of(&self, caller: &Caller) -> bool;

    /// Tells that a call has begun; `number` is one that no other call under way has.
    fn begun(&self, number: u64, at: Timestamp);

    /// Tells that a call that had [`begun`](Self::begun) is over, in whatever way.
    fn over(&self, number: u64);

    /// Takes a call that has ended; gives back those of which it knows nothing after all.
    fn ended(&self, call: EndedCall) -> Vec<EndedCall>;

    /// Records what waits, since nothing more comes; gives back the rest.
    fn settle(&self) -> Vec<EndedCall>;
}

/// Holds a call that has ended and whose span is still open.
#[derive(Debug)]
pub struct EndedCall {
    /// Who made it.
    pub caller: Caller,
    /// The span.
    pub open: Open,
    /// What was asked and answered, with its content whether or not that may be recorded.
    pub record: Box<Inference>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub at: Timestamp,
    /// How much memory keeping it back takes, in bytes.
    pub weight: usize,
}

impl EndedCall {
    /// What a record without content is taken to weigh, in bytes.
    pub(crate) const RECORD_WEIGHT: usize = 1024;

    /// Gives the provider's id of the answer, where there is one.
    #[must_use]
    pub fn response_id(&self) -> Option<&str> {
        self.record.response.id.as_deref()
    }

    /// Ends its span within the given scope; gives where that stands.
    #[allow(
        clippy::must_use_candidate,
        reason = "it is called for the end; where that stands is by the way"
    )]
    pub fn close_within(self, scope: &Scope) -> SpanContext {
        let mut context = self.open.context().clone();
        // What has a parent of its own keeps it.
        if self.open.move_into(scope)
            && let Some(parent) = scope.context()
        {
            context.trace_id = parent.trace_id;
            context.trace_state.clone_from(&parent.trace_state);
        }
        self.close();
        context
    }

    /// Ends its span where it is.
    pub fn close(self) {
        let mut record = Record::Inference(self.record);
        drop_unwanted(&mut record, self.open.wants_content());
        self.open.close_at(record, self.outcome, self.at);
    }

    /// Forgets its span, for somebody else's of the same call; gives what is to be recorded, how it ended and when.
    #[must_use = "it is recorded nowhere else"]
    pub fn into_parts(self) -> (Inference, Outcome, Timestamp) {
        let mut record = self.record;
        if !self.open.wants_content() {
            record.content = genspan::Content::default();
        }
        self.open.discard();
        (*record, self.outcome, self.at)
    }

    /// Forgets it.
    pub fn discard(self) {
        self.open.discard();
    }
}
