//! Setting up a sink.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU64},
};

use genspan::Rendering;
use opentelemetry::{
    logs::{Logger, LoggerProvider},
    metrics::MeterProvider,
    trace::{Tracer, TracerProvider},
};

use super::{
    OtelSink, Providers,
    event::{EventLog, Log},
    instruments::Instruments,
    scopes::{PerVersion, scope},
    span::SpanSource,
};
use crate::context::Allowed;

/// Sets up an [`OtelSink`]; a signal for which there is no provider is not recorded.
#[must_use = "a builder does nothing until it builds"]
pub struct OtelSinkBuilder {
    rendering: Rendering,
    tracers: Option<PerVersion<Box<dyn SpanSource>>>,
    meters: Option<PerVersion<Instruments>>,
    loggers: Option<PerVersion<Box<dyn EventLog>>>,
    providers: Option<Box<dyn Providers>>,
    allowed: Allowed,
    is_filtered: bool,
}

impl OtelSinkBuilder {
    pub(super) fn new(rendering: Rendering) -> Self {
        Self {
            // The API's spans hold no structure.
            rendering: rendering.with_content_as_json(),
            tracers: None,
            meters: None,
            loggers: None,
            providers: None,
            allowed: Allowed::default(),
            is_filtered: false,
        }
    }

    /// Records spans with tracers of this provider.
    pub fn with_tracer_provider<P>(mut self, provider: &P) -> Self
    where
        P: TracerProvider,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        self.tracers = Some(PerVersion::new(|version| -> Box<dyn SpanSource> {
            Box::new(provider.tracer_with_scope(scope(version)))
        }));
        self
    }

    /// Records measurements with meters of this provider.
    pub fn with_meter_provider(mut self, provider: &dyn MeterProvider) -> Self {
        self.meters = Some(PerVersion::new(|version| {
            Instruments::new(provider.meter_with_scope(scope(version)))
        }));
        self
    }

    /// Records events with loggers of this provider.
    pub fn with_logger_provider<P>(mut self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Logger + Send + Sync + 'static,
    {
        self.loggers = Some(PerVersion::new(|version| -> Box<dyn EventLog> {
            Box::new(Log(provider.logger_with_scope(scope(version))))
        }));
        self
    }

    /// Says what is flushed and shut down together with the recorder.
    ///
    /// Without it the recorder hands everything over, and delivery is the application's own business.
    pub fn with_providers(mut self, providers: impl Providers + 'static) -> Self {
        self.providers = Some(Box::new(providers));
        self
    }

    /// Makes baggage under these keys facts of the operations in its context.
    ///
    /// `gen_ai.conversation.id` becomes the conversation of operations that state none; other keys, such
    /// as `user.id` and `session.id`, become attributes of spans and events, and never of metrics. No
    /// other baggage reaches telemetry.
    pub fn with_baggage(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed = Allowed::new(keys);
        self
    }

    /// Says that spans with the attribute `genspan.discarded` are dropped on the way out.
    ///
    /// OpenTelemetry has no way to take a span back. Without such a filter an operation that turns out to
    /// be none, such as a retry that belongs to an earlier call, still leaves its span.
    pub const fn with_discard_filter(mut self) -> Self {
        self.is_filtered = true;
        self
    }

    /// Gives the sink.
    #[must_use]
    pub fn build(self) -> OtelSink {
        OtelSink {
            rendering: self.rendering,
            tracers: self.tracers,
            meters: self.meters,
            loggers: self.loggers,
            providers: self.providers,
            allowed: self.allowed,
            is_filtered: self.is_filtered,
            is_stopped: AtomicBool::new(false),
            refused: AtomicU64::new(0),
        }
    }
}

impl fmt::Debug for OtelSinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtelSinkBuilder")
            .field("rendering", &self.rendering)
            .field("has_tracers", &self.tracers.is_some())
            .field("has_meters", &self.meters.is_some())
            .field("has_loggers", &self.loggers.is_some())
            .field("providers", &self.providers)
            .field("allowed", &self.allowed)
            .field("is_filtered", &self.is_filtered)
            .finish()
    }
}
