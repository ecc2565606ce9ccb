//! A recorder on an SDK that keeps everything in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use genspan::{Conventions, Rendering, Report, Telemetry};
use genspan_otel::{ApplicationProviders, OtelSink, OtelSinkBuilder};
use opentelemetry::{Key, SpanId, TraceId, Value, logs::AnyValue};
use opentelemetry_sdk::{
    logs::{InMemoryLogExporter, SdkLogRecord, SdkLoggerProvider},
    metrics::{
        InMemoryMetricExporter, PeriodicReader, SdkMeterProvider,
        data::{AggregatedMetrics, MetricData, ResourceMetrics},
    },
    trace::{
        IdGenerator, InMemorySpanExporter, Sampler, SdkTracerProvider, ShouldSample, SpanData,
    },
};
use testkit::ManualClock;

pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Rig {
    pub(crate) telemetry: Telemetry,
    pub(crate) tracers: SdkTracerProvider,
    pub(crate) meters: SdkMeterProvider,
    pub(crate) loggers: SdkLoggerProvider,
    spans: InMemorySpanExporter,
    logs: InMemoryLogExporter,
    metrics: InMemoryMetricExporter,
}

/// Says how the recorder does its work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// At once, so that what comes out can be looked at at once.
    Inline,
    /// On its own thread, as in earnest.
    Worker,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(
            Rendering::new(Conventions::V1_41),
            Sampler::AlwaysOn,
            Work::Inline,
            |sink| sink,
        )
    }

    pub(crate) fn with(
        rendering: Rendering,
        sampler: impl ShouldSample + 'static,
        work: Work,
        change: impl FnOnce(OtelSinkBuilder) -> OtelSinkBuilder,
    ) -> Self {
        let spans = InMemorySpanExporter::default();
        let logs = InMemoryLogExporter::default();
        let metrics = InMemoryMetricExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_id_generator(CountedIds::default())
            .with_simple_exporter(spans.clone())
            .build();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        let loggers = SdkLoggerProvider::builder()
            .with_simple_exporter(logs.clone())
            .build();
        let providers = ApplicationProviders::default()
            .with_tracer_provider(tracers.clone())
            .with_meter_provider(meters.clone())
            .with_logger_provider(loggers.clone());
        let sink = OtelSink::builder(rendering)
            .with_tracer_provider(&tracers)
            .with_meter_provider(&meters)
            .with_logger_provider(&loggers)
            .with_providers(providers);
        let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(250)));
        let builder = Telemetry::builder(Arc::new(change(sink).build())).with_clock(clock);
        let telemetry = match work {
            Work::Inline => builder.inline().build(),
            Work::Worker => builder.build(),
        };
        Self {
            telemetry,
            tracers,
            meters,
            loggers,
            spans,
            logs,
            metrics,
        }
    }

    pub(crate) fn flush(&self) -> Report {
        self.telemetry.flush(TIMEOUT)
    }

    pub(crate) fn spans(&self) -> Vec<SpanData> {
        let spans = self.spans.get_finished_spans().unwrap();
        spans.iter().for_each(assert_keys_are_unique);
        spans
    }

    /// Gives the span of this name, of which there must be one.
    pub(crate) fn span(&self, name: &str) -> SpanData {
        let mut spans = self.spans();
        spans.retain(|span| span.name == name);
        assert_eq!(spans.len(), 1, "spans named {name}");
        spans.remove(0)
    }

    pub(crate) fn logs(&self) -> Vec<SdkLogRecord> {
        let logs = self.logs.get_emitted_logs().unwrap();
        logs.into_iter().map(|log| log.record).collect()
    }

    /// Gives the events, each with its scope's schema.
    pub(crate) fn scoped_logs(&self) -> Vec<(String, SdkLogRecord)> {
        let logs = self.logs.get_emitted_logs().unwrap();
        let scoped = logs.into_iter().map(|log| {
            let schema = log.instrumentation.schema_url().unwrap_or_default();
            (schema.to_owned(), log.record)
        });
        scoped.collect()
    }

    /// Gives the metrics as they are now.
    pub(crate) fn metrics(&self) -> ResourceMetrics {
        self.metrics.reset();
        self.meters.force_flush().unwrap();
        let metrics = self.metrics.get_finished_metrics().unwrap();
        metrics.into_iter().next_back().unwrap_or_default()
    }

    /// Counts the values of a histogram.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let metrics = self.metrics();
        let scopes = metrics.scope_metrics();
        let metrics = scopes.flat_map(|scope| scope.metrics());
        metrics
            .filter(|metric| metric.name() == name)
            .map(|metric| match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    histogram.data_points().map(|point| point.count()).sum()
                }
                AggregatedMetrics::U64(MetricData::Histogram(histogram)) => histogram
                    .data_points()
                    .map(|point| point.count())
                    .sum::<u64>(),
                other => panic!("{name} is no histogram: {other:?}"),
            })
            .sum()
    }
}

fn assert_keys_are_unique(span: &SpanData) {
    let mut keys: Vec<_> = span.attributes.iter().map(|set| &set.key).collect();
    keys.sort();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all, "{} repeats a key: {keys:?}", span.name);
}

/// Finds an attribute of a span.
pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let mut attributes = span.attributes.iter();
    attributes
        .find(|set| set.key.as_str() == key)
        .map(|set| set.value.clone())
}

/// Finds an attribute of a log record.
pub(crate) fn log_attribute(record: &SdkLogRecord, key: &str) -> Option<AnyValue> {
    let key = Key::from(key.to_owned());
    let mut attributes = record.attributes_iter();
    attributes
        .find(|(known, _)| *known == key)
        .map(|(_, value)| value.clone())
}

/// Counts from 1, as the OTLP sink's counted ids do.
#[derive(Debug, Default)]
pub(crate) struct CountedIds {
    traces: AtomicU64,
    spans: AtomicU64,
}

impl IdGenerator for CountedIds {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from(u128::from(self.traces.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
