//! One span that stands for an operation, from its making to its close.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use genspan::{
    Attribute, Event, Open, Parent, Scope, Severity, SpanContext, StartOptions, Telemetry,
    Timestamp,
};
use genspan_dialects::tracing_fields::{is_content_event, is_identity};
use tracing_core::Metadata;

use crate::{
    end::{self, End, Told},
    fields::Fields,
};

/// Holds what is known of a span; it lives with the span's own data and is gone at its close.
///
/// No code of others runs while its state is locked: what shows values, samples spans or processes them may itself
/// tell events in this very span.
#[derive(Debug)]
pub(crate) struct Call {
    telemetry: Telemetry,
    metadata: &'static Metadata<'static>,
    made: Timestamp,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Where it is to begin; `None` once it has.
    place: Option<Place>,
    open: Option<Open>,
    /// Its scope, and the span that this is of: another operation may take the place of the one that began.
    scope: Option<(SpanContext, Scope)>,
    told: Told,
    /// When work in it was seen last.
    last: Option<Timestamp>,
}

/// Tells where an operation stands.
#[derive(Debug)]
pub(crate) enum Place {
    Within(Scope),
    Root,
}

impl Call {
    pub(crate) fn new(
        telemetry: Telemetry,
        metadata: &'static Metadata<'static>,
        place: Place,
        fields: Fields,
    ) -> Self {
        Self {
            made: telemetry.now(),
            telemetry,
            metadata,
            state: Mutex::new(State {
                place: Some(place),
                open: None,
                scope: None,
                told: Told {
                    fields,
                    ..Told::default()
                },
                last: None,
            }),
        }
    }

    /// Begins the operation, unless it has begun: not before work in it does, since much is recorded until then.
    fn begin(&self) {
        let (place, told) = {
            let mut state = self.lock();
            let Some(place) = state.place.take() else {
                return;
            };
            (place, state.told.clone())
        };
        let outline = end::outline(self.metadata, &told, self.made);
        let options = |parent| StartOptions {
            parent,
            at: Some(self.made),
            told: true,
            ..StartOptions::default()
        };
        let open = match place {
            Place::Within(scope) => {
                scope.run(|| self.telemetry.open(outline, options(Parent::Current)))
            }
            Place::Root => self.telemetry.open(outline, options(Parent::Root)),
        };
        self.lock().open = Some(open);
    }

    /// Gives the scope of work in it.
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.begin();
        let mut state = self.lock();
        // None while another thread begins it, or once it is over.
        let open = state.open.as_ref()?;
        let context = open.context().clone();
        if let Some((of, scope)) = &state.scope
            && *of == context
        {
            return Some(scope.clone());
        }
        let scope = open.scope();
        state.scope = Some((context, scope.clone()));
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
    pub(crate) fn learn(&self, fields: Fields) {
        let says_which = fields.iter().any(|(name, _)| is_identity(name));
        let now = self.telemetry.now();
        let mut state = self.lock();
        state.told.fields.update(fields);
        state.last = Some(now);
        if says_which && state.open.is_some() {
            let outline = end::outline(self.metadata, &state.told, self.made);
            if let Some(open) = &state.open {
                open.restate(outline);
            }
        }
    }

    /// Takes in what an event in the span tells: that there was an error, or what was said.
    pub(crate) fn note(&self, is_error: bool, fields: &Fields) {
        let at = self.telemetry.now();
        let mut state = self.lock();
        if is_error && state.told.error.is_none() {
            let text = fields.text("error").or_else(|| fields.text("message"));
            state.told.error = Some(text.unwrap_or_default().to_owned());
        }
        let says = fields.text("event_name").map(str::to_owned);
        if let Some(name) = says.filter(|name| is_content_event(name)) {
            let attributes = fields.iter().map(|(name, value)| Attribute {
                key: name.into(),
                value: value.clone(),
            });
            state.told.events.push(Event {
                name: name.into(),
                at,
                severity: Severity::Info,
                attributes: attributes.collect(),
                body: None,
            });
        }
    }

    /// Ends the operation with its span.
    pub(crate) fn close(&self) {
        self.begin();
        let now = self.telemetry.now();
        let (open, told, last, scope) = {
            let mut state = self.lock();
            let scope = state.scope.take();
            (
                state.open.take(),
                mem::take(&mut state.told),
                state.last,
                scope,
            )
        };
        drop(scope);
        let Some(open) = open else { return };
        let (record, end) = end::end(self.metadata, told, self.made);
        // A handle that somebody keeps makes nothing longer.
        let last = last.unwrap_or(now);
        match end {
            End::Known(outcome) => open.close_at(record, outcome, last),
            End::Unknown(otherwise) => open.close_as_seen(record, otherwise, now),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under it stops half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
