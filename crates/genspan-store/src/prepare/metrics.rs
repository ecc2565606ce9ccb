//! Metrics, which are kept as they came, to be exported again.

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric, metric::Data},
};
use prost::Message;

use super::{Prepared, redact_metrics};
use crate::{
    Options,
    content::{Effort, Packer},
};

/// Prepares the metrics of a request; samples of single spans are left out, since they would outlive these.
pub(crate) fn metrics(mut request: ExportMetricsServiceRequest, options: &Options) -> Prepared {
    let scopes = request.resource_metrics.iter_mut();
    let metrics = scopes
        .flat_map(|resource_metrics| &mut resource_metrics.scope_metrics)
        .flat_map(|scope_metrics| &mut scope_metrics.metrics);
    let points = metrics.map(without_exemplars).sum();
    redact_metrics(&options.redactor, &mut request);
    let mut prepared = Prepared::default();
    prepared.ingested.accepted = points;
    if points > 0 {
        // They are known by their compressed bytes, which therefore come out the same each time.
        let mut packer = Packer::new(Effort::Thorough);
        prepared.metrics = Some(packer.pack(&request.encode_to_vec()));
    }
    prepared
}

/// Takes the exemplars out of a metric, and counts its points.
fn without_exemplars(metric: &mut Metric) -> u64 {
    match &mut metric.data {
        None => 0,
        Some(Data::Gauge(data)) => each(&mut data.data_points, |point| point.exemplars.clear()),
        Some(Data::Sum(data)) => each(&mut data.data_points, |point| point.exemplars.clear()),
        Some(Data::Histogram(data)) => each(&mut data.data_points, |point| point.exemplars.clear()),
        Some(Data::ExponentialHistogram(data)) => {
            each(&mut data.data_points, |point| point.exemplars.clear())
        }
        Some(Data::Summary(data)) => data.data_points.len() as u64,
    }
}

fn each<P>(points: &mut [P], clear: impl Fn(&mut P)) -> u64 {
    points.iter_mut().for_each(clear);
    points.len() as u64
}
