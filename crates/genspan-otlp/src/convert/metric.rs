//! Metric data points.

use genspan::{Label, Labels, Timestamp, Value};
use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    metrics::v1::{HistogramDataPoint, NumberDataPoint, number_data_point},
};

use super::value::key_value;
use crate::aggregate::{Distribution, Total};

pub(crate) fn label_attributes(labels: &Labels) -> Vec<KeyValue> {
    labels
        .iter()
        .map(|(key, label)| {
            let value = match label {
                Label::Text(text) => Value::String(text.clone().into_owned()),
                Label::Number(number) => Value::Int(*number),
            };
            key_value(key.to_owned(), value)
        })
        .collect()
}

pub(crate) fn number_point(
    attributes: Vec<KeyValue>,
    (start, at): (Timestamp, Timestamp),
    total: Total,
) -> NumberDataPoint {
    NumberDataPoint {
        attributes,
        start_time_unix_nano: start.unix_nanos(),
        time_unix_nano: at.unix_nanos(),
        value: Some(match total {
            Total::Int(total) => {
                number_data_point::Value::AsInt(i64::try_from(total).unwrap_or(i64::MAX))
            }
            Total::Double(total) => number_data_point::Value::AsDouble(total),
        }),
        ..NumberDataPoint::default()
    }
}

pub(crate) fn histogram_point(
    attributes: Vec<KeyValue>,
    (start, at): (Timestamp, Timestamp),
    bounds: &[f64],
    distribution: &Distribution,
) -> HistogramDataPoint {
    HistogramDataPoint {
        attributes,
        start_time_unix_nano: start.unix_nanos(),
        time_unix_nano: at.unix_nanos(),
        count: distribution.buckets.iter().sum(),
        sum: Some(distribution.sum),
        bucket_counts: distribution.buckets.clone(),
        explicit_bounds: bounds.to_vec(),
        min: Some(distribution.min),
        max: Some(distribution.max),
        ..HistogramDataPoint::default()
    }
}
