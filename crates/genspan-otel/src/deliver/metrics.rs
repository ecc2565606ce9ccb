//! Metrics as they are collected.

use std::{sync::Arc, time::Duration};

use genspan_otlp::{Item, Origin, Signal, Temporality};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest, metrics::v1::ScopeMetrics,
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{Temporality as SdkTemporality, data::ResourceMetrics, exporter::PushMetricExporter},
};

use super::{Delivery, tidy};

/// Hands what a reader collects to all destinations that want it counted in one way.
#[derive(Debug)]
pub(crate) struct Metrics {
    delivery: Arc<Delivery>,
    lanes: Vec<usize>,
    temporality: Temporality,
}

impl Metrics {
    /// Gives an exporter for each way of counting that some destination wants.
    pub(crate) fn for_each_temporality(delivery: &Arc<Delivery>) -> Vec<Self> {
        let wanted = |temporality: Temporality| {
            let destinations = delivery.pipeline.destinations().enumerate();
            let lanes: Vec<usize> = destinations
                .filter(|(_, one)| one.takes(Signal::Metrics) && one.temporality == temporality)
                .map(|(lane, _)| lane)
                .collect();
            (!lanes.is_empty()).then(|| Self {
                delivery: Arc::clone(delivery),
                lanes,
                temporality,
            })
        };
        [Temporality::Cumulative, Temporality::Delta]
            .into_iter()
            .filter_map(wanted)
            .collect()
    }
}

impl PushMetricExporter for Metrics {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let request = ExportMetricsServiceRequest::from(metrics);
        let scopes = request
            .resource_metrics
            .into_iter()
            .flat_map(|resource| resource.scope_metrics);
        for ScopeMetrics {
            scope,
            metrics,
            schema_url,
        } in scopes
        {
            let mut scope = scope.unwrap_or_default();
            tidy::last_wins(&mut scope.attributes);
            let origin = Arc::new(Origin { scope, schema_url });
            for metric in metrics {
                let item = Item::Metric(Box::new(metric));
                if item.count() > 0 {
                    self.delivery.send(&self.lanes, item, &origin);
                }
            }
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.delivery.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.delivery.provider_ended(timeout)
    }

    fn temporality(&self) -> SdkTemporality {
        match self.temporality {
            Temporality::Cumulative => SdkTemporality::Cumulative,
            Temporality::Delta => SdkTemporality::Delta,
        }
    }
}
