//! The sink that stands on OpenTelemetry's API.

mod builder;
mod event;
mod instruments;
mod providers;
mod scopes;
mod span;
mod start;
pub(crate) mod value;

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use genspan::{
    Conventions, Ended, Event, Handle, Marker, Measured, Parent, Rendering, Report, Sink,
    SinkState, SpanContext, Start, StartAttribute, StartValue, Telemetry, Within,
    semconv::{
        attribute::{GEN_AI_OPERATION_NAME, MCP_METHOD_NAME},
        spec,
    },
};
use opentelemetry::Context;

pub use self::{
    builder::OtelSinkBuilder,
    providers::{ApplicationProviders, Providers},
};
use self::{
    event::EventLog,
    instruments::Instruments,
    scopes::PerVersion,
    span::{SpanSource, UnderWay},
};
use crate::context::{self, Allowed};

/// Records operations through OpenTelemetry's API: spans, metrics and events of whatever SDK stands behind it.
///
/// | signal | becomes |
/// |---|---|
/// | span | a span, started on the caller's thread with what a sampler should see, ended on the worker |
/// | structured content | a JSON string on spans, a structured value on events |
/// | event | a log record, where there is a logger provider |
/// | measurement | a value of the conventions' instrument, whether the span is sampled or not |
///
/// Within the scope of an operation its span is OpenTelemetry's current span, so spans of other
/// instrumentation nest under it, and it nests under theirs.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use genspan::{Provider, Rendering, Telemetry};
/// use genspan_otel::OtelSink;
/// use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
///
/// let tracers = SdkTracerProvider::builder().build();
/// let meters = SdkMeterProvider::builder().build();
/// let sink = OtelSink::builder(Rendering::default())
///     .with_tracer_provider(&tracers)
///     .with_meter_provider(&meters)
///     .build();
/// let telemetry = Telemetry::builder(Arc::new(sink)).build();
/// telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
/// assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
/// ```
pub struct OtelSink {
    rendering: Rendering,
    tracers: Option<PerVersion<Box<dyn SpanSource>>>,
    meters: Option<PerVersion<Instruments>>,
    loggers: Option<PerVersion<Box<dyn EventLog>>>,
    providers: Option<Box<dyn Providers>>,
    allowed: Allowed,
    is_filtered: bool,
    is_stopped: AtomicBool,
    /// Spans that no provider took.
    refused: AtomicU64,
}

impl OtelSink {
    /// Begins to set up a sink that gives its signals in one rendering.
    pub fn builder(rendering: Rendering) -> OtelSinkBuilder {
        OtelSinkBuilder::new(rendering)
    }

    /// Tells which version an operation that starts will be rendered in, by its name.
    fn version(&self, start: &Start) -> Conventions {
        let asked = self.rendering.conventions();
        let mut attributes = start.attributes.iter();
        // A message that asks for a tool's run states that operation, too, and is none of its version.
        let is_message = |attribute: &StartAttribute| attribute.key == MCP_METHOD_NAME;
        if attributes.clone().any(is_message) {
            return spec::message_version(asked);
        }
        attributes
            .find(|attribute| attribute.key == GEN_AI_OPERATION_NAME)
            .map_or(asked, |attribute| match &attribute.value {
                StartValue::Text(operation) => spec::home_version(asked, operation),
                StartValue::Number(_) => asked,
            })
    }

    fn begin(&self, start: Start, current: Context) -> Handle {
        let parent = match &start.parent {
            Parent::Current => current,
            Parent::Root => context::outside(&current),
            Parent::Span(span) => context::under(current, span),
        };
        let at = start.at;
        let links = start.links.clone();
        let within = context::span_of(&parent);
        let version = self.version(&start);
        let tracers = self.tracers.as_ref();
        match tracers.map(|tracers| tracers.get(version).start(start, &parent)) {
            Some(Some(span)) => Handle {
                context: span.context,
                parent: within,
                is_recording: span.is_recording,
                started: at,
                links,
                state: Some(span.state),
            },
            without => {
                if without.is_some() {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                // What is measured without a span hands on the span it stands within.
                Handle {
                    context: within.clone().unwrap_or_default(),
                    parent: within,
                    is_recording: false,
                    started: at,
                    links,
                    state: Some(Arc::new(parent)),
                }
            }
        }
    }

    /// Finds the span in what a handle keeps.
    fn span<'a>(&self, state: &'a SinkState) -> Option<&'a dyn UnderWay> {
        // Tracers of one provider are of one kind, so any of them knows the spans of all.
        let tracers = self.tracers.as_ref()?;
        tracers.get(self.rendering.conventions()).find(state)
    }

    /// Finds the context in what a scope or span of this sink keeps.
    fn context_of(&self, state: &SinkState) -> Option<Context> {
        match self.span(state) {
            Some(span) => Some(span.context()),
            None => state.downcast_ref().cloned(),
        }
    }

    fn emit(&self, within: Option<&SpanContext>, version: Conventions, event: Event) {
        if let Some(loggers) = &self.loggers {
            loggers.get(version).emit(within, event);
        }
    }

    fn losses(&self) -> Report {
        let refused = self.refused.load(Ordering::Relaxed);
        let mut report = Report::default();
        if refused > 0 {
            report.undelivered = refused;
            report.notes.push(format!(
                "{refused} {} no tracer provider: OpenTelemetry's was shut down before, or never set",
                if refused == 1 { "span found" } else { "spans found" }
            ));
        }
        report
    }
}

/// Stands for an operation that leaves no trace.
fn nothing(start: Start) -> Handle {
    Handle {
        context: SpanContext::default(),
        parent: None,
        is_recording: false,
        started: start.at,
        links: start.links,
        state: None,
    }
}

impl Sink for OtelSink {
    fn renderings(&self) -> &[Rendering] {
        std::slice::from_ref(&self.rendering)
    }

    fn samples(&self) -> bool {
        true
    }

    fn start(&self, start: Start) -> Handle {
        let Some(current) = context::with_current(Context::clone) else {
            return nothing(start);
        };
        if current.is_telemetry_suppressed() || self.is_stopped.load(Ordering::Relaxed) {
            return nothing(start);
        }
        let at = start.at;
        // Samplers and processors are others' code, and run on the caller's thread.
        catch_unwind(AssertUnwindSafe(|| self.begin(start, current))).unwrap_or_else(|_| Handle {
            context: SpanContext::default(),
            parent: None,
            is_recording: false,
            started: at,
            links: Vec::new(),
            state: Some(Arc::new(Context::new())),
        })
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        let Some(state) = &handle.state else { return };
        let Some(mut signals) = ended.signals.into_iter().next() else {
            return;
        };
        // What happens here is no part of whatever is current on this thread.
        let _outside = Context::new().attach();
        let version = signals.conventions;
        let events = std::mem::take(&mut signals.events);
        let measurements = std::mem::take(&mut signals.measurements);
        if let Some(span) = self.span(state) {
            span.finish(signals, ended.at.max(handle.started));
        }
        for event in events {
            self.emit(Some(&handle.context), version, event);
        }
        if let Some(meters) = &self.meters {
            meters.get(version).record(measurements);
        }
    }

    fn keeps_ids(&self) -> bool {
        // The API's span builder takes none.
        false
    }

    fn can_discard(&self) -> bool {
        self.is_filtered
    }

    fn discard(&self, handle: Handle) {
        if let Some(span) = handle.state.as_ref().and_then(|state| self.span(state)) {
            span.discard();
        }
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        if let Some(event) = events.into_iter().next().flatten() {
            let _outside = Context::new().attach();
            self.emit(within, self.rendering.conventions(), event);
        }
    }

    fn measure(&self, measured: Vec<Measured>) {
        let (Some(meters), Some(own)) = (&self.meters, measured.into_iter().next()) else {
            return;
        };
        let _outside = Context::new().attach();
        meters.get(own.conventions).record(own.measurements);
    }

    fn current(&self) -> Option<SpanContext> {
        context::with_current(context::span_of).flatten()
    }

    fn marker(&self, telemetry: &Telemetry) -> Option<Marker> {
        let look = |context: &Context| {
            let is_silent = context.is_telemetry_suppressed();
            (!is_silent)
                .then(|| self.allowed.marker(context, telemetry))
                .flatten()
        };
        context::with_current(look).flatten()
    }

    fn enclose(&self, within: Within<'_>, marker: &Marker) -> Option<SinkState> {
        let current = || context::with_current(Context::clone);
        let context = match within {
            Within::Current => current()?,
            Within::State(state) => match self.context_of(state) {
                Some(context) => context,
                None => current()?,
            },
            Within::Span(span) if span.is_valid() => context::under(current()?, span),
            Within::Span(_) => current()?,
        };
        Some(Arc::new(self.allowed.carry(marker, &context)))
    }

    fn attach(&self, state: &SinkState) -> Box<dyn Any> {
        let attach = |context: &Context| {
            let context = context.clone();
            catch_unwind(AssertUnwindSafe(|| context.attach())).ok()
        };
        // Scopes keep the context itself; it is attached with every poll.
        match state.downcast_ref().and_then(attach) {
            Some(guard) => Box::new(guard),
            None => Box::new(()),
        }
    }

    fn flush(&self, timeout: Duration) -> Report {
        let delivered = self
            .providers
            .as_ref()
            .map(|providers| providers.flush(timeout));
        self.losses().merge(delivered.unwrap_or_default())
    }

    fn shutdown(&self, timeout: Duration) -> Report {
        if self.is_stopped.swap(true, Ordering::Relaxed) {
            return self.losses();
        }
        let delivered = self
            .providers
            .as_ref()
            .map(|providers| providers.shutdown(timeout));
        self.losses().merge(delivered.unwrap_or_default())
    }
}

impl fmt::Debug for OtelSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtelSink")
            .field("rendering", &self.rendering)
            .field("providers", &self.providers)
            .finish_non_exhaustive()
    }
}
