//! One span that stands for an operation, from its making to its close.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use genspan::{Open, Parent, Scope, StartOptions, Telemetry, Timestamp};
use genspan_dialects::{
    Attributes,
    tracing_fields::{Ending, ToldSpan},
};
use tracing_core::Metadata;

/// Holds what is known of a span; it lives with the span's own data and is gone at its close.
///
/// No code of others runs while its state is locked: what shows values, samples spans or processes them may itself
/// tell events in this very span.
#[derive(Debug)]
pub(crate) struct Call {
    telemetry: Telemetry,
    metadata: &'static Metadata<'static>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Where it is to begin; `None` once it has.
    place: Option<Place>,
    open: Option<Open>,
    /// Its scope, as it was asked for last.
    scope: Option<Scope>,
    told: ToldSpan,
    /// When work in it was seen last.
    last: Option<Timestamp>,
}

/// Tells where an operation stands: what is current there, and whether that counts.
pub(crate) type Place = (Scope, Parent);

impl Call {
    pub(crate) fn new(
        telemetry: Telemetry,
        metadata: &'static Metadata<'static>,
        place: Place,
        fields: Attributes,
    ) -> Self {
        let told = ToldSpan {
            name: metadata.name(),
            target: metadata.target(),
            module_path: metadata.module_path(),
            made: telemetry.now(),
            fields,
            ..ToldSpan::default()
        };
        Self {
            telemetry,
            metadata,
            state: Mutex::new(State {
                place: Some(place),
                open: None,
                scope: None,
                told,
                last: None,
            }),
        }
    }

    /// Begins the operation, unless it has begun: not before work in it does, since much is recorded until then.
    fn begin(&self) {
        let mut state = self.lock();
        let Some((scope, parent)) = state.place.take() else {
            return;
        };
        let outline = state.told.outline();
        let options = StartOptions {
            parent,
            at: Some(state.told.made),
            told: true,
            ..StartOptions::default()
        };
        drop(state);
        let open = scope.run(|| self.telemetry.open(outline, options));
        self.lock().open = Some(open);
    }

    /// Gives the scope of work in it.
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.begin();
        let mut state = self.lock();
        // None while another thread begins it, or once it is over.
        let open = state.open.as_ref()?;
        // Another operation may have taken the place of the one that began.
        let is_its = |scope: &&Scope| scope.context() == Some(open.context());
        if let Some(scope) = state.scope.as_ref().filter(is_its) {
            return Some(scope.clone());
        }
        let scope = open.scope();
        state.scope = Some(scope.clone());
        Some(scope)
    }

    pub(crate) fn enter(this: &Arc<Self>) {
        if let Some(scope) = this.scope() {
            scope.enter_as(this.key());
        }
    }

    pub(crate) fn leave(this: &Arc<Self>) {
        Scope::leave(this.key());
        let now = this.telemetry.now();
        this.lock().last = Some(now);
    }

    /// Gives a number that no other span under way has.
    fn key(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Takes in what the library recorded.
    pub(crate) fn learn(&self, fields: Attributes) {
        let now = self.telemetry.now();
        let mut state = self.lock();
        state.last = Some(now);
        if state.told.learn(fields)
            && let Some(open) = &state.open
        {
            open.restate(state.told.outline());
        }
    }

    /// Takes in what an event in the span tells.
    pub(crate) fn note(&self, is_error: bool, fields: Attributes) {
        let now = self.telemetry.now();
        self.lock().told.note(is_error, fields, now);
    }

    /// Ends the operation with its span.
    pub(crate) fn close(&self) {
        self.begin();
        let now = self.telemetry.now();
        let mut state = self.lock();
        let (open, scope) = (state.open.take(), state.scope.take());
        let told = mem::take(&mut state.told);
        // A handle that somebody keeps makes nothing longer.
        let last = state.last.unwrap_or(now);
        drop(state);
        drop(scope);
        let Some(open) = open else { return };
        let declared = self.metadata.fields().iter();
        match told.end(declared.map(|field| field.name())) {
            (record, Ending::Stated(outcome)) => open.close_at(record, outcome, last),
            (record, Ending::Supposed(outcome)) => open.close_as_seen(record, outcome, now),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under it stops half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
