//! One operation under way, shared between its owner and those who contribute to it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use super::{contribution::Contributions, tally::Tally};
use crate::{
    Handle, Outcome, Outline, PriceList, Record, SpanContext, Timestamp, Value, operation::View,
    scope::Facts, sink::Closed,
};

/// Holds an operation from its start to its end.
///
/// Its owner ends it. Instrumentation further in, which sees the same call, contributes what it knows
/// instead of recording it again; while a contribution is under way the end waits for it. A contribution is a cell too,
/// without a span: what is further in still contributes to it, and it hands over to the one further out.
#[derive(Debug)]
pub(crate) struct Cell {
    /// What this contributes to; `None` where it has a span of its own.
    outer: Option<Arc<Self>>,
    context: SpanContext,
    started: Timestamp,
    is_recording: bool,
    is_root: bool,
    facts: Option<Arc<Facts>>,
    kind: Kind,
    /// Whether an agent's run is anywhere around it.
    within_agent: bool,
    /// Where it stands in the registry.
    slot: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// `None` once the operation is rendered, or discarded.
    handle: Option<Handle>,
    /// The agent whose own operation this is.
    agent: Option<Arc<Cell>>,
    outline: Option<Outline>,
    place: Place,
    contributions: Contributions,
    /// What an agent's own operations add up to.
    tally: Option<Box<Tally>>,
    /// Attributes that others put beside the owner's.
    decorations: Facts,
    /// The owner's word.
    closing: Option<Closing>,
    /// Whether a contribution has no word of its own to say.
    is_silent: bool,
    /// Whether the end has come; nobody has a say after it.
    is_over: bool,
}

#[derive(Debug)]
struct Closing {
    record: Record,
    outcome: Outcome,
    at: Timestamp,
}

/// Tells agents from what runs in them.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Agent,
    /// A part of an agent's run: what runs in it is the agent's.
    Part,
    Other,
}

impl Kind {
    fn of(outline: &Outline) -> Self {
        match outline.view() {
            View::Other(Record::AgentInvocation(_)) => Self::Agent,
            View::Other(Record::Plan(_) | Record::Step(_) | Record::Turn(_)) => Self::Part,
            _ => Self::Other,
        }
    }
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
    pub(super) fn new(
        handle: Handle,
        outline: Outline,
        facts: Option<Arc<Facts>>,
        within: Option<&Arc<Self>>,
    ) -> Self {
        Self {
            outer: None,
            within_agent: within.is_some_and(|outer| outer.is_within_agent()),
            kind: Kind::of(&outline),
            context: handle.context.clone(),
            started: handle.started,
            is_recording: handle.is_recording,
            is_root: handle.parent.is_none(),
            facts,
            state: Mutex::new(State {
                agent: within.and_then(|outer| Arc::clone(outer).agent()),
                ..State::new(Some(handle), outline)
            }),
            slot: AtomicUsize::new(usize::MAX),
        }
    }

    /// Begins a contribution to an operation whose place was [claimed](Self::claim).
    pub(super) fn contribution(outer: &Arc<Self>, outline: Outline) -> Self {
        Self {
            context: outer.context.clone(),
            started: outer.started,
            is_recording: outer.is_recording,
            is_root: outer.is_root,
            facts: outer.facts.clone(),
            kind: Kind::of(&outline),
            within_agent: outer.within_agent,
            state: Mutex::new(State::new(None, outline)),
            slot: AtomicUsize::new(usize::MAX),
            outer: Some(Arc::clone(outer)),
        }
    }

    /// Gives what this contributes to.
    pub(super) const fn outer(&self) -> Option<&Arc<Self>> {
        self.outer.as_ref()
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

    pub(super) const fn is_root(&self) -> bool {
        self.is_root
    }

    /// Gives the facts of the scope in which it started; they hold for its children.
    pub(super) const fn facts(&self) -> Option<&Arc<Facts>> {
        self.facts.as_ref()
    }

    /// Gives the agent whose own an operation in this one's scope is.
    fn agent(self: Arc<Self>) -> Option<Arc<Self>> {
        match self.kind {
            Kind::Agent => Some(self),
            // The call that makes a plan is the agent's, and so is what runs in a turn.
            Kind::Part => self.lock().agent.clone(),
            Kind::Other => None,
        }
    }

    /// Tells whether what runs in this one's scope runs within an agent's run.
    const fn is_within_agent(&self) -> bool {
        self.within_agent || matches!(self.kind, Kind::Agent)
    }

    /// Counts what has ended for the agent whose own it is.
    fn count_for_agent(&self, record: &Record, outcome: &Outcome) {
        // The lock must not be held on the way: an agent's own one follows.
        let agent = self.lock().agent.clone();
        if let Some(agent) = agent {
            let mut agent = agent.lock();
            agent.tally.get_or_insert_default().add(record, outcome);
        }
    }

    /// Puts an open root under a span that was found to be its parent, as its agent's own where that is an agent.
    pub(super) fn move_under(&self, parent: &SpanContext, operation: Option<Arc<Self>>) -> bool {
        let agent = operation.and_then(Self::agent);
        let mut state = self.lock();
        let Some(handle) = state.handle.as_mut().filter(|it| it.parent.is_none()) else {
            return false;
        };
        handle.context.trace_id = parent.trace_id;
        handle.context.trace_state.clone_from(&parent.trace_state);
        handle.parent = Some(parent.clone());
        state.agent = agent;
        true
    }

    /// Gives the span it stands within, while it is open.
    pub(super) fn parent(&self) -> Option<SpanContext> {
        if let Some(outer) = &self.outer {
            return outer.parent();
        }
        self.lock().handle.as_ref()?.parent.clone()
    }

    /// Gives the sink's own context of the span, while it is open.
    pub(super) fn span_state(&self) -> Option<crate::SinkState> {
        if let Some(outer) = &self.outer {
            return outer.span_state();
        }
        self.lock().handle.as_ref()?.state.clone()
    }

    pub(super) fn set_slot(&self, slot: usize) {
        self.slot.store(slot, Ordering::Relaxed);
    }

    pub(super) fn slot(&self) -> usize {
        self.slot.load(Ordering::Relaxed)
    }

    /// Takes the place of the contributor, if what it records is this very operation and the place is free.
    pub(super) fn claim(&self, outline: &Outline) -> bool {
        let mut state = self.lock();
        let is_welcome = state.place == Place::Free
            && !state.is_over
            && !state.is_silent
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

    /// Takes attributes in, if what they are for is this very operation and it is still under way.
    pub(super) fn decorate(&self, outline: &Outline, attributes: &[(String, Value)]) -> bool {
        if let Some(outer) = &self.outer {
            return outer.decorate(outline, attributes);
        }
        let mut state = self.lock();
        let is_welcome = !state.is_over
            && state.closing.is_none()
            && state
                .outline
                .as_ref()
                .is_some_and(|own| own.is_same_operation(outline));
        if is_welcome {
            for (key, value) in attributes {
                state.decorations.set(key.clone(), value.clone());
            }
        }
        is_welcome
    }

    /// Ends the operation by its owner's word, at once unless a contribution is under way.
    pub(super) fn close(&self, record: Option<Record>, outcome: Outcome, at: Timestamp) -> Ending {
        let mut state = self.lock();
        if state.is_over || state.closing.is_some() {
            return Ending::Waits;
        }
        let outline = state.outline.take();
        let Some(record) = record.or_else(|| outline.map(Outline::into_record)) else {
            return Ending::Waits;
        };
        state.closing = Some(Closing {
            record,
            outcome,
            at,
        });
        state.end_unless_waiting()
    }

    /// Takes a contribution in, and ends the operation where its owner waited for it.
    pub(super) fn contribute(&self, record: Record, outcome: Outcome, at: Timestamp) -> Ending {
        let mut state = self.lock();
        if state.is_over {
            return Ending::Waits;
        }
        // What did not go well may be tried again.
        state.place = if outcome == Outcome::Completed {
            Place::Filled
        } else {
            Place::Free
        };
        // An owner that spoke before the answer was through did not know how it would end.
        if let (Some(closing), Outcome::Failed(failure)) = (&mut state.closing, &outcome)
            && closing.outcome == Outcome::Completed
        {
            closing.outcome = Outcome::Failed(failure.clone());
        }
        state.contributions.add(record, outcome, at);
        state.end_unless_waiting()
    }

    /// Ends a contribution without a word of its own, at once unless one to it is under way.
    pub(super) fn leave(&self) -> Ending {
        let mut state = self.lock();
        state.is_silent = true;
        state.end_unless_waiting()
    }

    /// Hands an ended contribution over to the operation that it is for, with what was contributed to it.
    pub(super) fn hand_over(&self, outer: &Self) -> Ending {
        let (closing, contributions) = {
            let mut state = self.lock();
            (
                state.closing.take(),
                std::mem::take(&mut state.contributions),
            )
        };
        let said = match closing {
            Some(mut own) => {
                contributions.fill(&mut own.record, &mut own.outcome);
                Some((own.record, own.outcome, own.at))
            }
            None => contributions.into_last(),
        };
        match said {
            Some((record, outcome, at)) => outer.contribute(record, outcome, at),
            None => outer.withdraw(),
        }
    }

    /// Gives the place back without a word.
    fn withdraw(&self) -> Ending {
        let mut state = self.lock();
        state.place = Place::Free;
        state.end_unless_waiting()
    }

    /// Ends the operation whatever is under way: by its owner's word if that came, else as cancelled.
    pub(super) fn abandon(&self, now: Timestamp) -> Ending {
        let mut state = self.lock();
        state.place = Place::Filled;
        if state.closing.is_none() {
            state.closing = state.outline.take().map(|outline| Closing {
                record: outline.into_record(),
                outcome: Outcome::Cancelled,
                at: now,
            });
        }
        state.end_unless_waiting()
    }

    /// Takes the span out, unrecorded.
    pub(super) fn discard(&self) -> Option<Handle> {
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_over, true) {
            return None;
        }
        state.handle.take()
    }

    /// Estimates the content of an ended operation, in bytes.
    pub(super) fn weight(&self) -> usize {
        let state = self.lock();
        let own = state.closing.as_ref().map_or(0, |it| it.record.weight());
        own + state.contributions.weight()
    }

    /// Leaves the content of an ended operation out.
    pub(super) fn drop_content(&self) {
        let mut state = self.lock();
        if let Some(closing) = &mut state.closing {
            closing.record.drop_content();
        }
        state.contributions.drop_content();
    }

    /// Gives what an ended operation is rendered from, once, and priced.
    pub(super) fn take(&self, prices: Option<&dyn PriceList>) -> Option<Closed> {
        let mut state = self.lock();
        let handle = state.handle.take()?;
        let Closing {
            mut record,
            mut outcome,
            at,
        } = state.closing.take()?;
        let contributions = std::mem::take(&mut state.contributions);
        let tally = state.tally.take();
        let is_agents = state.agent.is_some();
        let decorations = std::mem::take(&mut state.decorations);
        drop(state);
        contributions.fill(&mut record, &mut outcome);
        decorations.fill(&mut record);
        if let Record::AgentInvocation(agent) = &mut record {
            agent.within_agent |= self.within_agent || is_agents;
            if let Some(tally) = tally {
                tally.fill(agent);
            }
        }
        if let Some(prices) = prices {
            record.price(prices, self.started);
        }
        self.count_for_agent(&record, &outcome);
        if let Some(facts) = &self.facts {
            facts.fill(&mut record);
        }
        Some(Closed {
            handle,
            record,
            outcome,
            at,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(handle: Option<Handle>, outline: Outline) -> Self {
        Self {
            handle,
            agent: None,
            outline: Some(outline),
            place: Place::Free,
            contributions: Contributions::default(),
            tally: None,
            decorations: Facts::default(),
            closing: None,
            is_silent: false,
            is_over: false,
        }
    }

    /// Ends the operation where its owner has spoken and no contribution is under way.
    fn end_unless_waiting(&mut self) -> Ending {
        let is_said = self.closing.is_some() || self.is_silent;
        if !is_said || self.is_over || self.place == Place::Taken {
            return Ending::Waits;
        }
        self.is_over = true;
        Ending::Ready
    }
}

/// Tells what comes of a word about an operation's end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// The operation has ended and is to be rendered.
    Ready,
    /// It goes on, or had ended before.
    Waits,
}
