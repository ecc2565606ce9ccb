//! Metrics: their points, and the samples that stand for some of them.

use genspan::redact::Redactor;
use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    metrics::v1::{Exemplar, Metric, metric::Data},
};

use super::{DEPTH, attributes, text};

pub(super) fn metric(redactor: &Redactor, metric: &mut Metric) {
    text(redactor, &mut metric.name);
    text(redactor, &mut metric.description);
    attributes(redactor, &mut metric.metadata, DEPTH);
    let each = |labels: &mut Vec<KeyValue>, exemplars: &mut [Exemplar]| {
        attributes(redactor, labels, DEPTH);
        for exemplar in exemplars {
            attributes(redactor, &mut exemplar.filtered_attributes, DEPTH);
        }
    };
    match &mut metric.data {
        None => {}
        Some(Data::Gauge(data)) => {
            for point in &mut data.data_points {
                each(&mut point.attributes, &mut point.exemplars);
            }
        }
        Some(Data::Sum(data)) => {
            for point in &mut data.data_points {
                each(&mut point.attributes, &mut point.exemplars);
            }
        }
        Some(Data::Histogram(data)) => {
            for point in &mut data.data_points {
                each(&mut point.attributes, &mut point.exemplars);
            }
        }
        Some(Data::ExponentialHistogram(data)) => {
            for point in &mut data.data_points {
                each(&mut point.attributes, &mut point.exemplars);
            }
        }
        Some(Data::Summary(data)) => {
            for point in &mut data.data_points {
                each(&mut point.attributes, &mut []);
            }
        }
    }
}
