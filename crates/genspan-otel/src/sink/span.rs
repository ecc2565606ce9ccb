//! Spans, from their start on the caller's thread to their end on the worker.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use genspan::{Event, Signals, SpanContext, SpanKind, Start, StartAttribute, Timestamp};
use opentelemetry::{
    Context, KeyValue,
    trace::{self, Link, Span, SpanBuilder, Status, TraceContextExt, Tracer},
};

use super::value::{at_start, attribute, attributes};
use crate::{
    context::{span_of, to_otel},
    deliver::DISCARDED,
};

/// Starts spans of any tracer.
pub(super) trait SpanSource: Send + Sync {
    /// Starts a span; gives the context within it and tells whether it records, `None` where no
    /// provider is at work.
    fn start(&self, builder: SpanBuilder, parent: &Context) -> Option<(Context, bool)>;
}

impl<T> SpanSource for T
where
    T: Tracer + Send + Sync,
    T::Span: Send + Sync + 'static,
{
    fn start(&self, builder: SpanBuilder, parent: &Context) -> Option<(Context, bool)> {
        let span = self.build_with_context(builder, parent);
        let is_recording = span.is_recording();
        // An invalid span must not stand in a context: the SDK's samplers take it for an unsampled parent.
        let is_valid = span.span_context().is_valid();
        is_valid.then(|| (parent.with_span(span), is_recording))
    }
}

/// Holds an operation that has begun, with its span where it has one.
pub(super) struct UnderWay {
    context: Context,
    /// `None` where the context holds no span of this operation that could be written to.
    recording: Option<Recording>,
}

/// Says how a span began, so that nothing is written a second time.
struct Recording {
    name: String,
    keys: Keys,
    has_ended: AtomicBool,
}

/// Holds keys of attributes, the usual few without an allocation.
struct Keys {
    few: [&'static str; 8],
    more: Vec<&'static str>,
}

impl Keys {
    fn of(attributes: &[StartAttribute]) -> Self {
        let mut keys = attributes.iter().map(|attribute| attribute.key);
        let mut few = [""; 8];
        for (place, key) in few.iter_mut().zip(keys.by_ref()) {
            *place = key;
        }
        Self {
            few,
            more: keys.collect(),
        }
    }

    fn contain(&self, key: &str) -> bool {
        self.few.iter().chain(&self.more).any(|known| *known == key)
    }
}

impl UnderWay {
    /// Starts a span; `None` where no provider is at work.
    pub(super) fn start(source: &dyn SpanSource, start: Start, parent: &Context) -> Option<Self> {
        let recording = Recording {
            name: start.name.clone(),
            keys: Keys::of(&start.attributes),
            has_ended: AtomicBool::new(false),
        };
        let links = start.links.iter().map(link).collect::<Vec<_>>();
        let builder = SpanBuilder {
            span_kind: Some(match start.kind {
                SpanKind::Internal => trace::SpanKind::Internal,
                SpanKind::Client => trace::SpanKind::Client,
            }),
            name: start.name.into(),
            start_time: Some(time(start.at)),
            attributes: Some(start.attributes.into_iter().map(at_start).collect()),
            links: (!links.is_empty()).then_some(links),
            events: None,
        };
        let (context, is_recording) = source.start(builder, parent)?;
        Some(Self {
            context,
            recording: is_recording.then_some(recording),
        })
    }

    /// Stands for an operation that is measured and has no span of its own.
    pub(super) const fn unrecorded(context: Context) -> Self {
        Self {
            context,
            recording: None,
        }
    }

    /// Gives the context of work within the operation.
    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn span_context(&self) -> SpanContext {
        span_of(&self.context).unwrap_or_default()
    }

    pub(super) const fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Ends the span with what became of the operation.
    pub(super) fn finish(&self, signals: Signals, at: Timestamp) {
        let Some(recording) = self.end() else { return };
        let span = self.context.span();
        if recording.name != signals.name {
            span.update_name(signals.name);
        }
        let late = signals.sampled.into_iter();
        let late = late.filter(|sampled| !recording.keys.contain(&sampled.key));
        span.set_attributes(late.chain(signals.attributes).filter_map(attribute));
        for event in signals.span_events {
            let Event {
                name,
                at,
                attributes: facts,
                ..
            } = event;
            span.add_event_with_timestamp(name, time(at), attributes(facts));
        }
        if signals.is_error {
            span.set_status(Status::error(signals.status_message));
        }
        span.end_with_timestamp(time(at));
    }

    /// Ends the span as one that should not be.
    pub(super) fn discard(&self) {
        if self.end().is_some() {
            let span = self.context.span();
            span.set_attribute(KeyValue::new(DISCARDED, true));
            span.end();
        }
    }

    /// Gives the span's beginning, once.
    fn end(&self) -> Option<&Recording> {
        let recording = self.recording.as_ref()?;
        let has_ended = recording.has_ended.swap(true, Ordering::Relaxed);
        (!has_ended).then_some(recording)
    }
}

impl Drop for UnderWay {
    /// Marks what never came to its end, such as an operation for which the queue had no room: left to
    /// itself the SDK would give it out as a success.
    fn drop(&mut self) {
        self.discard();
    }
}

fn link(context: &SpanContext) -> Link {
    Link::with_context(to_otel(context, false))
}

/// Gives a moment in the API's own measure.
pub(super) fn time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(at.unix_nanos())
}
