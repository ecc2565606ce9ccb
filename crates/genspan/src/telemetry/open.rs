//! The end of an operation that somebody must bring about.

use std::{cmp::Reverse, fmt, sync::Arc};

use super::{Cell, Ending, Shared};
use crate::{
    Outcome, Outline, Record, Scope, SpanContext, Telemetry, Timestamp, Within, scope::Marker,
};

/// Stands for the context of what is not recorded at all.
static NOWHERE: SpanContext = SpanContext::NONE;

/// Owns the end of an operation, or contributes to an operation that somebody further out owns.
///
/// It ends exactly once, at the latest when this is dropped: then as cancelled, with its outline for a
/// record.
pub struct Open {
    telemetry: Telemetry,
    /// `None` where nothing is recorded, or the end has come.
    cell: Option<Arc<Cell>>,
    is_contribution: bool,
}

impl Open {
    /// Records nothing.
    pub(super) const fn nothing(telemetry: Telemetry) -> Self {
        Self {
            telemetry,
            cell: None,
            is_contribution: false,
        }
    }

    pub(super) const fn owner(telemetry: Telemetry, cell: Arc<Cell>) -> Self {
        Self {
            telemetry,
            cell: Some(cell),
            is_contribution: false,
        }
    }

    pub(super) const fn contributor(telemetry: Telemetry, cell: Arc<Cell>) -> Self {
        Self {
            telemetry,
            cell: Some(cell),
            is_contribution: true,
        }
    }

    /// Tells whether nothing is recorded.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.cell.is_none()
    }

    /// Gives where the span stands, for calls made within it.
    #[must_use]
    pub fn context(&self) -> &SpanContext {
        self.cell
            .as_ref()
            .map_or(&NOWHERE, |cell| cell.successor().unwrap_or(cell).context())
    }

    /// Gives when the span began.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.cell
            .as_ref()
            .map_or_else(Timestamp::default, |cell| cell.started())
    }

    /// Tells whether the span itself is recorded; measurements are in any case.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| cell.is_recording())
    }

    /// Tells whether content reaches telemetry at all; where it does not it need not be gathered.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.cell
            .as_ref()
            .is_some_and(|cell| self.telemetry.wants_content(cell.is_recording()))
    }

    /// Tells whether the span begins its trace.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.cell.as_ref().is_none_or(|cell| cell.is_root())
    }

    /// Gives the span it stands within, `None` where there is none.
    #[must_use]
    pub fn parent(&self) -> Option<SpanContext> {
        self.cell.as_ref()?.parent()
    }

    /// Tells a record what holds where it started.
    pub(crate) fn fill_facts(&self, record: &mut Record) {
        if let Some(facts) = self.cell.as_ref().and_then(|cell| cell.facts()) {
            facts.fill(record);
        }
    }

    pub(crate) const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Tells whether this adds to an operation that is recorded further out, whose span [`context`](Self::context) is.
    #[must_use]
    pub const fn is_contribution(&self) -> bool {
        self.is_contribution
    }

    /// Tells whether [`discard`](Self::discard) leaves no trace of the span.
    #[must_use]
    pub fn can_discard(&self) -> bool {
        self.is_contribution || self.telemetry.can_discard()
    }

    /// Tells whether the agent whose own this is has ended, `false` where there is none.
    ///
    /// It then [waits](crate::StartOptions::awaited) for this, if it does at all.
    #[must_use]
    pub fn has_agent_ended(&self) -> bool {
        self.cell
            .as_ref()
            .is_some_and(|cell| cell.has_agent_ended())
    }

    /// Says anew what is known of an operation before its end, such as a name that was told late.
    ///
    /// What is begun within it is compared with this; the span's name at its start stays as it was.
    pub fn restate(&self, outline: impl Into<Outline>) {
        if let Some(cell) = &self.cell {
            cell.restate(outline.into());
        }
    }

    /// Gives the scope in which the operation's children run.
    ///
    /// One that was [told](crate::StartOptions::told) of and gave way has the scope of the one that took its place, so
    /// it is to be asked for anew.
    #[must_use]
    pub fn scope(&self) -> Scope {
        scope_of(&self.telemetry, self.cell.as_ref())
    }

    /// Gives that scope for an operation whose record states this conversation.
    pub(crate) fn scope_of_conversation(&self, id: Option<&str>) -> Scope {
        match (&self.cell, id) {
            (Some(cell), id) => {
                cell.successor().unwrap_or(cell).state_conversation(id);
                self.scope()
            }
            (None, Some(id)) => self.scope().with_conversation_id(id),
            (None, None) => self.scope(),
        }
    }

    /// Gives what makes that scope when it is asked for; many calls never do, and a scope has its cost.
    #[must_use]
    pub fn scope_source(&self) -> ScopeSource {
        ScopeSource {
            telemetry: self.telemetry.clone(),
            cell: self.cell.clone(),
        }
    }

    /// Reads the recorder's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.telemetry.now()
    }

    /// Puts a root under the span of `scope`, which was found to be its parent only after it had begun; an agent
    /// counts it as its own.
    ///
    /// Gives `false` where it stays where it is: it has a parent or is recorded further out, or the sink cannot
    /// ([`Sink::can_move`](crate::Sink::can_move)). [`context`](Self::context) says what it said before, so this is
    /// for spans within which nothing runs that would have to know.
    #[must_use = "it tells whether the span was moved"]
    pub fn move_into(&self, scope: &Scope) -> bool {
        let (Some(cell), Some(parent)) = (&self.cell, scope.context()) else {
            return false;
        };
        let can_move = !self.is_contribution && self.telemetry.can_move();
        can_move && cell.move_under(parent, scope.marker().operation.clone())
    }

    /// Ends the operation now.
    pub fn close(self, record: Record, outcome: Outcome) {
        let now = self.now();
        self.close_at(record, outcome, now);
    }

    /// Ends the operation at the given moment.
    pub fn close_at(mut self, record: Record, outcome: Outcome, at: Timestamp) {
        if let Some((cell, shared)) = self.take() {
            shared.settle(&cell, cell.close(Some(record), outcome, at));
        }
    }

    /// Ends the operation now, unless those further in found that there is none.
    ///
    /// It is for an owner who concludes from little that there is an operation, such as from a request's path. Where all that
    /// was contributed was [discarded](Self::discard) the span is forgotten, if the sink [can](crate::Sink::can_discard).
    pub fn close_unless_disowned(mut self, record: Record, outcome: Outcome) {
        let now = self.now();
        if let Some((cell, shared)) = self.take() {
            shared.settle(&cell, cell.close_unless_disowned(record, outcome, now));
        }
    }

    /// Ends the operation as the last contribution to it does, at that one's moment and with its record.
    ///
    /// It is for an owner who knows nothing itself and only holds together what others see, such as the attempts
    /// of one call. Where nothing was contributed there is nothing to record, and the span is forgotten if the
    /// sink [can](crate::Sink::can_discard).
    pub fn close_as_contributed(mut self) {
        let now = self.now();
        if let Some((cell, shared)) = self.take() {
            let ending = if self.is_contribution {
                cell.leave()
            } else {
                cell.give_way(now)
            };
            shared.settle(&cell, ending);
        }
    }

    /// Ends the operation at the given moment, as instrumentation further in saw it end.
    ///
    /// It is for owners that are told when an operation is over and not how; where nobody further in saw its answer, it
    /// ended as `otherwise` says.
    pub fn close_as_seen(mut self, record: Record, otherwise: Outcome, at: Timestamp) {
        if let Some((cell, shared)) = self.take() {
            let ending = cell.close_as_seen(record, otherwise, at);
            shared.settle(&cell, ending);
        }
    }

    /// Forgets it: nothing of it is recorded, and what it would contribute to learns that it is nothing of the kind.
    pub fn discard(mut self) {
        if let Some((cell, shared)) = self.take() {
            if self.is_contribution {
                shared.settle(&cell, cell.disown());
            } else if let Some(handle) = cell.discard() {
                shared.registry.remove(cell.slot());
                shared.sink.discard(handle);
                shared.release_agent(&cell);
            }
        }
    }

    fn take(&mut self) -> Option<(Arc<Cell>, Arc<Shared>)> {
        let cell = self.cell.take()?;
        Some((cell, Arc::clone(self.telemetry.shared.as_ref()?)))
    }
}

/// Makes the scope of an operation when it is asked for, also after the operation has ended.
#[derive(Clone)]
pub struct ScopeSource {
    telemetry: Telemetry,
    cell: Option<Arc<Cell>>,
}

impl ScopeSource {
    /// Gives the scope in which the operation's children run.
    #[must_use]
    pub fn scope(&self) -> Scope {
        scope_of(&self.telemetry, self.cell.as_ref())
    }
}

impl fmt::Debug for ScopeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeSource").finish_non_exhaustive()
    }
}

pub(super) fn scope_of(telemetry: &Telemetry, cell: Option<&Arc<Cell>>) -> Scope {
    let Some(cell) = cell.map(|cell| cell.successor().unwrap_or(cell)) else {
        return telemetry.scope();
    };
    let marker = Marker::new(
        telemetry.clone(),
        Some(Arc::clone(cell)),
        cell.facts().cloned(),
    );
    let marker = match cell.stated_conversation() {
        Some(id) => marker.with_conversation_id(id),
        None => marker,
    };
    let own = cell.span_state();
    let within = match &own {
        Some(state) => Within::State(state),
        None => Within::Span(cell.context()),
    };
    let state = telemetry.enclose(within, &marker);
    Scope::new(Some(cell.context().clone()), marker, state)
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some((cell, shared)) = self.take() {
            let ending = if self.is_contribution {
                cell.leave()
            } else {
                cell.close(None, Outcome::Cancelled, shared.clock.now())
            };
            shared.settle(&cell, ending);
        }
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("context", self.context())
            .field("is_contribution", &self.is_contribution)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Does what the end of an operation asks for.
    fn settle(self: &Arc<Self>, cell: &Arc<Cell>, ending: Ending) {
        if let Ending::Waits = ending {
            return self.end_request_of(cell);
        }
        if let Some(outer) = cell.outer() {
            if let Some(apart) = cell.measured_apart() {
                self.measure(apart);
            }
            self.registry.remove(cell.slot());
            return self.settle(outer, cell.hand_over(outer));
        }
        self.registry.remove(cell.slot());
        let is_forgotten = matches!(ending, Ending::Untold) && self.sink.can_discard();
        match is_forgotten.then(|| cell.forget()).flatten() {
            Some(handle) => {
                self.sink.discard(handle);
                self.release_agent(cell);
            }
            None => self.end(cell),
        }
    }

    /// Ends the request that tells of an operation whose owner has spoken: nobody waits for its answer any more.
    pub(super) fn end_request_of(self: &Arc<Self>, owner: &Cell) {
        if let Some((request, at)) = owner.unanswered() {
            let at = at.unwrap_or_else(|| self.clock.now());
            self.settle(&request, request.abandon(at));
        }
    }

    /// Ends all that is under way: what waits by its owner's word, the rest as cancelled.
    pub(super) fn abandon_all(self: &Arc<Self>) {
        let now = self.clock.now();
        let (contributions, mut owners): (Vec<_>, Vec<_>) = self
            .registry
            .close()
            .into_iter()
            .partition(|cell| cell.outer().is_some());
        for cell in contributions {
            self.settle(&cell, cell.abandon(now));
        }
        // An agent ends after what began within it, and all have ended before the first is rendered: so its sums hold that.
        // When they began says nothing of that, since times may be given.
        owners.reverse();
        owners.sort_by_cached_key(|cell| Reverse(cell.agents_around()));
        let abandoned = owners.iter().map(|cell| (cell, cell.abandon(now)));
        for (cell, ending) in abandoned.collect::<Vec<_>>() {
            self.settle(cell, ending);
        }
    }
}
