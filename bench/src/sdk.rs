//! OpenTelemetry's SDK with nothing behind it: what it costs to record, and no more.

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality, data::ResourceMetrics,
        exporter::PushMetricExporter,
    },
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, Span, SpanData,
        SpanExporter, SpanProcessor,
    },
};

/// Says what becomes of spans that end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    /// The SDK's batch processor, with an exporter that drops everything.
    Batch,
    /// A processor that does nothing.
    Nothing,
    /// A sampler that takes no span.
    NotSampled,
}

/// Sets up a provider of tracers.
pub(crate) fn tracers(behind: Behind) -> SdkTracerProvider {
    let builder = SdkTracerProvider::builder();
    match behind {
        // Batches leave when a round is over, not in its midst.
        Behind::Batch => {
            let config = BatchConfigBuilder::default()
                .with_max_queue_size(8192)
                .with_max_export_batch_size(4096)
                .build();
            let batch = BatchSpanProcessor::builder(Nowhere)
                .with_batch_config(config)
                .build();
            builder.with_span_processor(batch)
        }
        Behind::Nothing => builder.with_span_processor(Nowhere),
        Behind::NotSampled => builder
            .with_span_processor(Nowhere)
            .with_sampler(Sampler::AlwaysOff),
    }
    .build()
}

/// Sets up a provider of meters, whose sums nobody reads.
pub(crate) fn meters() -> SdkMeterProvider {
    let hourly = PeriodicReader::builder(Nowhere)
        .with_interval(Duration::from_secs(3600))
        .build();
    SdkMeterProvider::builder().with_reader(hourly).build()
}

/// Takes spans and sums and does nothing with them.
#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

impl PushMetricExporter for Nowhere {
    async fn export(&self, _metrics: &ResourceMetrics) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

impl SpanProcessor for Nowhere {
    fn on_start(&self, _span: &mut Span, _within: &Context) {}

    fn on_end(&self, _span: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
