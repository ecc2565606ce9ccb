//! One logical call over its attempts.

use genspan::{Open, Outcome, Record, SpanEvent, Timestamp};
use genspan_infer::{Agents, Caller, UnderWay};
use genspan_wire::Exchange;

/// Owns the span of a call, and what its earlier attempts left.
#[derive(Debug)]
pub(crate) struct Call {
    open: Open,
    /// What finds out where it stands, if anything does.
    begun: Option<UnderWay>,
    /// How many attempts failed so far.
    failures: u32,
    /// One event for each of them.
    events: Vec<SpanEvent>,
}

/// Holds how one attempt went.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) record: Record,
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
    /// The HTTP status, where there was an answer.
    pub(crate) status: Option<u16>,
}

impl Call {
    /// Bounds the events of one call; later attempts are counted and have none.
    const MAX_EVENTS: usize = 128;

    /// Begins a call with what reads its exchange, which keeps what was said only where that is asked for: by who records
    /// it, or by who finds out whose call it is.
    pub(crate) fn begin(
        open: Open,
        agents: Option<(Agents, Caller)>,
        exchange: Exchange,
        estimates_usage: bool,
    ) -> (Self, Exchange) {
        let begun = agents
            .filter(|(agents, caller)| agents.concerns(caller, &open))
            .map(|(agents, caller)| agents.begun(caller, open.started()));
        let exchange = if estimates_usage {
            exchange.estimating_usage()
        } else {
            exchange
        };
        let exchange = if open.wants_content() || begun.is_some() {
            exchange
        } else {
            exchange.without_content()
        };
        (Self::new(open, begun), exchange)
    }

    const fn new(open: Open, begun: Option<UnderWay>) -> Self {
        Self {
            open,
            begun,
            failures: 0,
            events: Vec::new(),
        }
    }

    pub(crate) fn started(&self) -> Timestamp {
        self.open.started()
    }

    /// Tells whether this continues an earlier attempt; an exchange joins once.
    pub(crate) const fn has_joined(&self) -> bool {
        self.failures > 0
    }

    /// Tells whether its program says itself what it tried again.
    pub(crate) fn is_told(&self) -> bool {
        self.begun.as_ref().is_some_and(UnderWay::is_told)
    }

    /// Tells whether the agent whose own call this is has ended, so that nobody will repeat it there.
    pub(crate) fn has_agent_ended(&self) -> bool {
        self.open.has_agent_ended()
    }

    /// Tells whether it may become part of another call.
    ///
    /// What contributes to an operation further out is that one's attempt already, and a span that
    /// cannot be forgotten stays one of its own.
    pub(crate) fn can_join(&self) -> bool {
        !self.open.is_contribution() && self.open.can_discard()
    }

    /// Tells whether it can be forgotten without a trace.
    pub(crate) fn can_discard(&self) -> bool {
        self.failures == 0 && self.open.can_discard()
    }

    /// Forgets it.
    pub(crate) fn discard(self) {
        self.open.discard();
    }

    /// Goes on with the span of the earlier attempt, and forgets the own one.
    pub(crate) fn take_over(&mut self, mut earlier: Self, attempt: &Attempt) {
        earlier.note(attempt);
        std::mem::replace(self, earlier).open.discard();
    }

    /// Ends the call as its last attempt went.
    pub(crate) fn close(mut self, mut attempt: Attempt) {
        if self.failures > 0 {
            let attempts = self.failures.saturating_add(1);
            if attempt.outcome != Outcome::Completed {
                self.note(&attempt);
            }
            if let Record::Inference(inference) = &mut attempt.record {
                inference.attempts = attempts;
            }
            let events = &mut attempt.record.common_mut().events;
            events.append(&mut self.events);
            events.sort_by_key(|event| event.at);
        }
        let Attempt {
            record,
            outcome,
            at,
            ..
        } = attempt;
        match self.begun {
            Some(begun) => begun.close(self.open, record, outcome, at),
            None => self.open.close_at(record, outcome, at),
        }
    }

    fn note(&mut self, attempt: &Attempt) {
        self.failures = self.failures.saturating_add(1);
        if self.events.len() >= Self::MAX_EVENTS {
            return;
        }
        if let Some(error) = attempt.outcome.error_type() {
            let number = self.failures;
            let event = SpanEvent::attempt(number, attempt.status, error, attempt.at);
            self.events.push(event);
        }
    }
}
