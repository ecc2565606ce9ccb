//! The layer.

use std::sync::Arc;

use genspan::{Parent, Telemetry};
use tracing_core::{
    Event, Level, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use crate::{
    call::{Call, Place},
    fields::Reader,
    others::stands_for_operation,
};

/// Records the operations that libraries tell of through `tracing` with this recorder.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # fn of(telemetry: &genspan::Telemetry) {
/// let subscriber = tracing_subscriber::registry().with(genspan_tracing::layer(telemetry));
/// # drop(subscriber);
/// # }
/// ```
#[must_use]
pub fn layer(telemetry: &Telemetry) -> OperationLayer {
    OperationLayer {
        telemetry: telemetry.clone(),
    }
}

/// Makes operations of spans that stand for one; see the [crate's page](crate).
#[derive(Clone, Debug)]
pub struct OperationLayer {
    telemetry: Telemetry,
}

impl OperationLayer {
    fn reader(&self) -> Reader {
        Reader::new(self.telemetry.wants_content(true))
    }

    /// Finds where a span stands, as far as that is not just what is current.
    fn place<S>(&self, attributes: &Attributes<'_>, context: &Context<'_, S>) -> Place
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let current = context.current_span();
        let current = current.id();
        // rig asks for no parent where there is none in `tracing`; a scope of ours is one all the same.
        if attributes.is_root() && current.is_some() {
            return (self.telemetry.scope(), Parent::Root);
        }
        let elsewhere = attributes
            .parent()
            .filter(|parent| current != Some(*parent));
        let outer = elsewhere
            .and_then(|parent| context.span(parent))
            .and_then(|parent| parent.scope().find_map(|span| call(&span)));
        let scope = outer.and_then(|outer| outer.scope());
        let scope = scope.unwrap_or_else(|| self.telemetry.scope());
        (scope, Parent::Current)
    }
}

/// Gives the operation of a span, without a lock on what others keep there.
fn call<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Arc<Call>> {
    span.extensions().get::<Arc<Call>>().cloned()
}

impl<S> Layer<S> for OperationLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        if !self.telemetry.is_enabled() || !stands_for_operation(metadata) {
            return;
        }
        let mut reader = self.reader();
        attributes.record(&mut reader);
        let place = self.place(attributes, &context);
        let begun = Call::new(self.telemetry.clone(), metadata, place, reader.fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(Arc::new(begun));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(call) = context.span(id).and_then(|span| call(&span)) {
            let mut reader = self.reader();
            values.record(&mut reader);
            call.learn(reader.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_error = *event.metadata().level() == Level::ERROR;
        let tells = |name| event.metadata().fields().field(name).is_some();
        if !is_error && !tells("event_name") {
            return;
        }
        let Some(call) = context.event_span(event).and_then(|span| call(&span)) else {
            return;
        };
        let mut reader = self.reader();
        event.record(&mut reader);
        call.note(is_error, reader.fields);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(call) = context.span(id).and_then(|span| call(&span)) {
            Call::enter(&call);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(call) = context.span(id).and_then(|span| call(&span)) {
            Call::leave(&call);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let call = context
            .span(&id)
            .and_then(|span| span.extensions_mut().remove::<Arc<Call>>());
        if let Some(call) = call {
            call.close();
        }
    }
}
