//! Spans, from their start on the caller's thread to their end on the worker.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use genspan::{Event, Signals, SinkState, SpanContext, SpanKind, Start, Timestamp};
use opentelemetry::{
    Context, KeyValue,
    trace::{self, Link, Span, SpanBuilder, SpanRef, Status, TraceContextExt, Tracer},
};

use super::{
    start::{Beginning, at_start},
    value::{attribute, flat_attributes},
};
use crate::{
    context::{from_otel, to_otel},
    deliver::DISCARDED,
};

/// Starts spans of any tracer, and finds them again.
pub(super) trait SpanSource: Send + Sync {
    /// Starts a span; `None` where no provider is at work.
    fn start(&self, start: Start, parent: &Context) -> Option<Started>;

    /// Finds a span of this source in what a handle keeps.
    fn find<'a>(&self, state: &'a SinkState) -> Option<&'a dyn UnderWay>;
}

/// Holds a span that has begun.
pub(super) struct Started {
    pub(super) context: SpanContext,
    pub(super) is_recording: bool,
    pub(super) state: SinkState,
}

/// Stands for a span of any tracer that has begun.
pub(super) trait UnderWay {
    /// Gives the context of work within the span.
    fn context(&self) -> Context;

    /// Ends the span with what became of the operation.
    fn finish(&self, signals: Signals, at: Timestamp);

    /// Ends the span as one that should not be.
    fn discard(&self);
}

impl<T> SpanSource for T
where
    T: Tracer + Send + Sync,
    T::Span: Send + Sync + 'static,
{
    fn start(&self, start: Start, parent: &Context) -> Option<Started> {
        let beginning = Beginning::of(&start);
        let links = start.links.iter().map(link).collect::<Vec<_>>();
        let builder = SpanBuilder {
            span_kind: Some(match start.kind {
                SpanKind::Internal => trace::SpanKind::Internal,
                SpanKind::Client => trace::SpanKind::Client,
                SpanKind::Server => trace::SpanKind::Server,
            }),
            name: start.name.into(),
            start_time: Some(time(start.at)),
            attributes: Some(start.attributes.into_iter().map(at_start).collect()),
            links: (!links.is_empty()).then_some(links),
            events: None,
        };
        let span = self.build_with_context(builder, parent);
        let context = span.span_context();
        // An invalid span must not stand in a context: the SDK's samplers take it for an unsampled parent.
        if !context.is_valid() {
            return None;
        }
        let context = from_otel(context);
        let is_recording = span.is_recording();
        let held = Held(Mutex::new(Holding {
            alone: Some(span),
            context: parent.clone(),
            recording: is_recording.then_some(beginning),
        }));
        Some(Started {
            context,
            is_recording,
            state: Arc::new(held),
        })
    }

    fn find<'a>(&self, state: &'a SinkState) -> Option<&'a dyn UnderWay> {
        let held: &Held<T::Span> = state.downcast_ref()?;
        Some(held)
    }
}

/// Holds a span from its start to its end.
struct Held<S: Span + Send + Sync + 'static>(Mutex<Holding<S>>);

struct Holding<S> {
    /// The span, until somebody wants a context with it: most calls have no work within them, and a
    /// context costs the caller two allocations.
    alone: Option<S>,
    /// The parent's context while the span is alone, then the span's own.
    context: Context,
    /// How the span began; `None` where it is not recorded, or has ended.
    recording: Option<Beginning>,
}

impl<S: Span + Send + Sync + 'static> Held<S> {
    fn lock(&self) -> MutexGuard<'_, Holding<S>> {
        // A panic in a span processor elsewhere leaves what is held whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the span to be written to and how it began, once.
    fn end(&self) -> Option<(Context, Beginning)> {
        let mut holding = self.lock();
        let beginning = holding.recording.take()?;
        Some((holding.context(), beginning))
    }
}

impl<S: Span + Send + Sync + 'static> Holding<S> {
    fn context(&mut self) -> Context {
        if let Some(span) = self.alone.take() {
            let parent = mem::take(&mut self.context);
            self.context = parent.with_span(span);
        }
        self.context.clone()
    }
}

impl<S: Span + Send + Sync + 'static> UnderWay for Held<S> {
    fn context(&self) -> Context {
        self.lock().context()
    }

    fn finish(&self, signals: Signals, at: Timestamp) {
        if let Some((context, beginning)) = self.end() {
            let span = context.span();
            write(&span, signals, &beginning);
            span.end_with_timestamp(time(at));
        }
    }

    fn discard(&self) {
        if let Some((context, _)) = self.end() {
            let span = context.span();
            span.set_attribute(KeyValue::new(DISCARDED, true));
            span.end();
        }
    }
}

impl<S: Span + Send + Sync + 'static> Drop for Held<S> {
    /// Marks what never came to its end, such as an operation for which the queue had no room: left to
    /// itself the SDK would give it out as a success.
    fn drop(&mut self) {
        self.discard();
    }
}

/// Writes what became of an operation, but for what was written at its start.
fn write(span: &SpanRef<'_>, signals: Signals, beginning: &Beginning) {
    if !beginning.is_named(&signals.name) {
        span.update_name(signals.name);
    }
    let late = signals.sampled.into_iter();
    let late = late.filter(|sampled| !beginning.has(&sampled.key));
    span.set_attributes(late.chain(signals.attributes).filter_map(attribute));
    for event in signals.span_events {
        let Event {
            name,
            at,
            attributes: facts,
            ..
        } = event;
        span.add_event_with_timestamp(name, time(at), flat_attributes(facts));
    }
    for link in signals.links {
        let facts = link.attributes.into_iter();
        let facts = facts.map(|(key, value)| genspan::Attribute {
            key: key.into(),
            value,
        });
        span.add_link(to_otel(&link.to, true), flat_attributes(facts.collect()));
    }
    if signals.is_error {
        span.set_status(Status::error(signals.status_message));
    }
}

fn link(context: &SpanContext) -> Link {
    Link::with_context(to_otel(context, false))
}

/// Gives a moment in the API's own measure.
pub(super) fn time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(at.unix_nanos())
}
