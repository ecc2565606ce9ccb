//! Metrics, which are kept as they came, to be exported again.

use genspan::redact::Redactor;
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::KeyValue,
    metrics::v1::{Metric, metric::Data},
};
use prost::Message;

use super::{Prepared, redact};
use crate::{
    Options,
    content::{Effort, Packer},
};

/// Prepares the metrics of a request; samples of single spans are left out, since they would outlive these.
pub(crate) fn metrics(mut request: ExportMetricsServiceRequest, options: &Options) -> Prepared {
    let redactor = &options.redactor;
    let mut points = 0;
    for resource_metrics in &mut request.resource_metrics {
        if let Some(resource) = &mut resource_metrics.resource {
            redact::resource(redactor, resource);
        }
        for scope_metrics in &mut resource_metrics.scope_metrics {
            if let Some(scope) = &mut scope_metrics.scope {
                redact::scope(redactor, scope);
            }
            for metric in &mut scope_metrics.metrics {
                points += clean(redactor, metric);
            }
        }
    }
    let mut prepared = Prepared::default();
    prepared.ingested.accepted = points;
    if points > 0 {
        // They are known by their compressed bytes, which therefore come out the same each time.
        let mut packer = Packer::new(Effort::Thorough);
        prepared.metrics = Some(packer.pack(&request.encode_to_vec()));
    }
    prepared
}

/// Cleans a metric, and counts its points.
fn clean(redactor: &Redactor, metric: &mut Metric) -> u64 {
    redact::text(redactor, &mut metric.name);
    redact::text(redactor, &mut metric.description);
    redact::list(redactor, &mut metric.metadata);
    match &mut metric.data {
        None => 0,
        Some(Data::Gauge(data)) => each(redactor, &mut data.data_points, |point| {
            point.exemplars.clear();
            &mut point.attributes
        }),
        Some(Data::Sum(data)) => each(redactor, &mut data.data_points, |point| {
            point.exemplars.clear();
            &mut point.attributes
        }),
        Some(Data::Histogram(data)) => each(redactor, &mut data.data_points, |point| {
            point.exemplars.clear();
            &mut point.attributes
        }),
        Some(Data::ExponentialHistogram(data)) => each(redactor, &mut data.data_points, |point| {
            point.exemplars.clear();
            &mut point.attributes
        }),
        Some(Data::Summary(data)) => each(redactor, &mut data.data_points, |point| {
            &mut point.attributes
        }),
    }
}

fn each<P>(
    redactor: &Redactor,
    points: &mut [P],
    attributes: impl Fn(&mut P) -> &mut Vec<KeyValue>,
) -> u64 {
    for point in points.iter_mut() {
        redact::list(redactor, attributes(point));
    }
    points.len() as u64
}
