//! The SDK's providers, and how they end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use genspan::{Clock, Report, Timestamp};
use genspan_otlp::{Lane, Pipeline, PipelineOptions, StartError, Surroundings};
use opentelemetry::{Context, global, metrics::NoopMeterProvider, trace::noop::NoopTracerProvider};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::{Sampler, SdkTracerProvider},
};

use super::{resource, settings::Plan};
use crate::{
    Providers,
    deliver::{Delivery, Logs, Metrics, Spans},
};

/// Holds all providers with the way on which their telemetry leaves.
#[derive(Debug)]
pub(super) struct OwnProviders {
    pub(super) tracer: SdkTracerProvider,
    pub(super) meter: SdkMeterProvider,
    pub(super) logger: SdkLoggerProvider,
    /// `None` where nothing is recorded.
    delivery: Option<Arc<Delivery>>,
    has_set_globals: bool,
    is_over: AtomicBool,
    clock: Arc<dyn Clock>,
}

/// What makes the metrics that tell of losses.
const SCOPE: &str = "genspan";

impl OwnProviders {
    /// Makes providers that record nothing.
    pub(super) fn disabled(clock: Arc<dyn Clock>) -> Self {
        Self {
            tracer: SdkTracerProvider::builder()
                .with_sampler(Sampler::AlwaysOff)
                .build(),
            meter: SdkMeterProvider::builder().build(),
            logger: SdkLoggerProvider::builder().build(),
            delivery: None,
            has_set_globals: false,
            is_over: AtomicBool::new(false),
            clock,
        }
    }

    /// Starts delivering and makes providers that do so.
    pub(super) fn start(plan: Plan) -> Result<Self, StartError> {
        let interval = plan.delivery.metrics_interval;
        let clock = Arc::clone(&plan.delivery.clock);
        let options = PipelineOptions {
            // A client that is instrumented itself must not tell of the delivery.
            surroundings: Surroundings::new(Context::enter_telemetry_suppressed_scope),
            ..plan.delivery
        };
        let described = resource::message(&plan.resource);
        let lane = |destination| {
            let mut lane = Lane::new(destination);
            lane.resource = described.clone();
            lane.scope.name = SCOPE.to_owned();
            lane.scope.version = env!("CARGO_PKG_VERSION").to_owned();
            lane
        };
        let lanes = plan.destinations.into_iter().map(lane).collect();
        let delivery = Arc::new(Delivery::new(Pipeline::start(lanes, options)?));
        let meter = Metrics::for_each_temporality(&delivery)
            .into_iter()
            .map(|exporter| PeriodicReader::builder(exporter).with_interval(interval))
            .fold(SdkMeterProvider::builder(), |builder, reader| {
                builder.with_reader(reader.build())
            });
        Ok(Self {
            tracer: SdkTracerProvider::builder()
                .with_resource(plan.resource.clone())
                .with_sampler(plan.sampler)
                .with_span_limits(plan.limits)
                .with_span_processor(Spans::new(Arc::clone(&delivery), &plan.dialects))
                .build(),
            meter: meter.with_resource(plan.resource.clone()).build(),
            logger: SdkLoggerProvider::builder()
                .with_resource(plan.resource)
                .with_log_processor(Logs::new(Arc::clone(&delivery)))
                .build(),
            delivery: Some(delivery),
            has_set_globals: false,
            is_over: AtomicBool::new(false),
            clock,
        })
    }

    /// Makes them what `opentelemetry::global` gives.
    pub(super) fn set_globals(&mut self) {
        global::set_tracer_provider(self.tracer.clone());
        global::set_meter_provider(self.meter.clone());
        self.has_set_globals = true;
    }

    /// Tells what became of everything so far, for each destination.
    pub(super) fn report(&self) -> genspan_otlp::Report {
        self.delivery
            .as_ref()
            .map(|delivery| delivery.pipeline().report())
            .unwrap_or_default()
    }

    fn left(&self, began: Timestamp, timeout: Duration) -> Duration {
        timeout.saturating_sub(self.clock.now().since(began))
    }
}

impl Providers for Arc<OwnProviders> {
    fn flush(&self, timeout: Duration) -> Report {
        let Some(delivery) = &self.delivery else {
            return Report::default();
        };
        let began = self.clock.now();
        let meter = self.meter.clone();
        let is_collected = within(timeout / 2, move || drop(meter.force_flush()));
        let mut report = Report::from(delivery.pipeline().flush(self.left(began, timeout)));
        note_metrics(&mut report, is_collected);
        report
    }

    fn shutdown(&self, timeout: Duration) -> Report {
        let Some(delivery) = &self.delivery else {
            return Report::default();
        };
        if self.is_over.swap(true, Ordering::AcqRel) {
            return delivery.end(Duration::ZERO);
        }
        let began = self.clock.now();
        delivery.begin_to_end();
        let meter = self.meter.clone();
        // What is shut down already says so, which is no news.
        let is_collected = within(timeout / 2, move || drop(meter.shutdown()));
        drop(self.tracer.shutdown());
        drop(self.logger.shutdown());
        if self.has_set_globals {
            global::set_tracer_provider(NoopTracerProvider::new());
            global::set_meter_provider(NoopMeterProvider::new());
        }
        let mut report = delivery.end(self.left(began, timeout));
        note_metrics(&mut report, is_collected);
        report
    }
}

fn note_metrics(report: &mut Report, is_collected: bool) {
    if !is_collected {
        report
            .notes
            .push("metrics could not be collected in time; a callback may hang".to_owned());
    }
}

/// Runs work that has no bound of its own; tells whether it was done in time.
///
/// Collecting metrics calls back into the application, and the SDK waits for it without end. It gets
/// half of the time at most, so that a callback that hangs does not cost the spans.
fn within(timeout: Duration, work: impl FnOnce() + Send + 'static) -> bool {
    let (done, is_done) = mpsc::channel::<()>();
    let started = thread::Builder::new()
        .name("genspan-otel".to_owned())
        .spawn(move || {
            let _done = done;
            work();
        });
    started.is_ok() && is_done.recv_timeout(timeout) == Err(mpsc::RecvTimeoutError::Disconnected)
}
