//! One operation under way, shared between its owner and those who contribute to it.

mod awaiting;
mod contributing;
mod conversation;
mod ending;
mod told;
mod unanswered;

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
    atomic::{AtomicUsize, Ordering},
};

use awaiting::Awaiting;
pub(super) use ending::Ending;

use super::{
    closing::Closing,
    contribution::{Contributions, Said},
    tally::Tally,
};
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
    /// When a contribution began that is measured by itself.
    began: Option<Timestamp>,
    is_recording: bool,
    is_root: bool,
    facts: Option<Arc<Facts>>,
    kind: Kind,
    /// Whether its span is its own; a contribution's is another's, and a session has what is around it.
    has_own_span: bool,
    /// Whether an agent's run is anywhere around it.
    within_agent: bool,
    /// Whether it is known from what a library says of itself.
    is_told: bool,
    /// The operation that took its place.
    successor: OnceLock<Arc<Self>>,
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
    /// Who contributes and may never come to an end by itself.
    request: Weak<Cell>,
    /// The conversation that its owner's record states.
    conversation_id: Option<String>,
    /// What an agent's own operations add up to.
    tally: Option<Box<Tally>>,
    /// Whose end waits for whose.
    awaiting: Awaiting,
    /// Attributes that others put beside the owner's.
    decorations: Facts,
    /// The owner's word.
    closing: Option<Closing>,
    /// Whether a contribution has no word of its own to say.
    is_silent: bool,
    /// Whether a contribution was discarded.
    is_disowned: bool,
    /// Whether something began within an operation that is told of.
    is_built_on: bool,
    /// Whether the end has come; nobody has a say after it.
    is_over: bool,
}

/// Tells agents from what runs in them.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Agent,
    /// A part of an agent's run: what runs in it is the agent's.
    Part,
    Tool,
    Other,
}

impl Kind {
    fn of(outline: &Outline) -> Self {
        match outline.view() {
            View::Other(Record::AgentInvocation(_)) => Self::Agent,
            View::Other(
                Record::Plan(_) | Record::Step(_) | Record::Turn(_) | Record::McpSession(_),
            ) => Self::Part,
            View::Other(Record::ToolExecution(_)) => Self::Tool,
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
        is_told: bool,
    ) -> Self {
        Self {
            outer: None,
            is_told,
            successor: OnceLock::new(),
            within_agent: within.is_some_and(|outer| outer.is_within_agent()),
            kind: Kind::of(&outline),
            has_own_span: outline.has_span(),
            context: handle.context.clone(),
            started: handle.started,
            began: None,
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
    pub(super) fn contribution(
        outer: &Arc<Self>,
        outline: Outline,
        is_told: bool,
        began: Option<Timestamp>,
    ) -> Self {
        Self {
            is_told,
            successor: OnceLock::new(),
            context: outer.context.clone(),
            started: outer.started,
            began,
            is_recording: outer.is_recording,
            is_root: outer.is_root,
            facts: outer.facts.clone(),
            kind: Kind::of(&outline),
            has_own_span: false,
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

    pub(crate) const fn context(&self) -> &SpanContext {
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
            Kind::Agent => match &self.outer {
                Some(outer) => Arc::clone(outer).agent(),
                None => Some(self),
            },
            // The call that makes a plan is the agent's, and so is what runs in a turn.
            Kind::Part => self.lock().agent.clone(),
            Kind::Tool | Kind::Other => None,
        }
    }

    /// Tells whether what runs in this one's scope runs within an agent's run.
    const fn is_within_agent(&self) -> bool {
        self.within_agent || matches!(self.kind, Kind::Agent)
    }

    /// Counts what has ended for the agent whose own it is.
    fn count_for_agent(&self, record: &Record, outcome: &Outcome, at: Timestamp) {
        // The lock must not be held on the way: an agent's own one follows.
        let agent = self.lock().agent.clone();
        if let Some(agent) = agent {
            let mut agent = agent.lock();
            agent.tally.get_or_insert_default().add(record, outcome, at);
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

    pub(super) const fn has_own_span(&self) -> bool {
        self.has_own_span
    }

    /// Tells whether this is the run of a tool.
    pub(super) const fn is_tool(&self) -> bool {
        matches!(self.kind, Kind::Tool)
    }

    /// Tells whether this span is its own.
    pub(super) fn has_span(&self, span: &SpanContext) -> bool {
        let own = &self.context;
        self.has_own_span
            && own.is_valid()
            && own.span_id == span.span_id
            && own.trace_id == span.trace_id
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

    /// Takes the span out, unrecorded.
    pub(super) fn discard(&self) -> Option<Handle> {
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_over, true) {
            return None;
        }
        state.handle.take()
    }

    /// Takes the span of an ended operation out, unrecorded.
    pub(super) fn forget(&self) -> Option<Handle> {
        self.lock().handle.take()
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
        let closing = state.closing.take()?;
        let contributions = std::mem::take(&mut state.contributions);
        let tally = state.tally.take();
        let is_agents = state.agent.is_some();
        let decorations = std::mem::take(&mut state.decorations);
        drop(state);
        let Said {
            mut record,
            outcome,
            at,
            ..
        } = closing.with(contributions, self.is_told);
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
        self.count_for_agent(&record, &outcome, at);
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
            request: Weak::new(),
            conversation_id: None,
            tally: None,
            awaiting: Awaiting::default(),
            decorations: Facts::default(),
            closing: None,
            is_silent: false,
            is_disowned: false,
            is_built_on: false,
            is_over: false,
        }
    }

    /// Tells whether the place of the contributor is free for what this records.
    fn is_open_to(&self, is_same: impl FnOnce(&Outline) -> bool) -> bool {
        self.place == Place::Free
            && !self.is_over
            && !self.is_silent
            && self.closing.is_none()
            && self.outline.as_ref().is_some_and(is_same)
    }
}
