//! Metrics as OTLP/JSON.

use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
    HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary,
    SummaryDataPoint, exemplar, exponential_histogram_data_point::Buckets, metric::Data,
    number_data_point, summary_data_point::ValueAtQuantile,
};

use super::{
    key_value,
    object::{Object, list, write_double, write_string, write_wide},
    resource, scope,
};

pub(super) fn resource_metrics(out: &mut Vec<u8>, metrics: &ResourceMetrics) {
    let mut object = Object::open(out);
    object.optional("resource", metrics.resource.as_ref(), resource);
    object.list("scopeMetrics", &metrics.scope_metrics, scope_metrics);
    object.text("schemaUrl", &metrics.schema_url);
    object.close();
}

fn scope_metrics(out: &mut Vec<u8>, metrics: &ScopeMetrics) {
    let mut object = Object::open(out);
    object.optional("scope", metrics.scope.as_ref(), scope);
    object.list("metrics", &metrics.metrics, metric);
    object.text("schemaUrl", &metrics.schema_url);
    object.close();
}

pub(super) fn metric(out: &mut Vec<u8>, metric: &Metric) {
    let mut object = Object::open(out);
    object.text("name", &metric.name);
    object.text("description", &metric.description);
    object.text("unit", &metric.unit);
    match &metric.data {
        None => {}
        Some(Data::Gauge(data)) => object.optional("gauge", Some(data), gauge),
        Some(Data::Sum(data)) => object.optional("sum", Some(data), sum),
        Some(Data::Histogram(data)) => object.optional("histogram", Some(data), histogram),
        Some(Data::ExponentialHistogram(data)) => {
            object.optional("exponentialHistogram", Some(data), exponential);
        }
        Some(Data::Summary(data)) => object.optional("summary", Some(data), summary),
    }
    object.list("metadata", &metric.metadata, key_value);
    object.close();
}

fn gauge(out: &mut Vec<u8>, gauge: &Gauge) {
    let mut object = Object::open(out);
    object.list("dataPoints", &gauge.data_points, number);
    object.close();
}

fn sum(out: &mut Vec<u8>, sum: &Sum) {
    let mut object = Object::open(out);
    object.list("dataPoints", &sum.data_points, number);
    object.narrow("aggregationTemporality", sum.aggregation_temporality.into());
    object.truth("isMonotonic", sum.is_monotonic);
    object.close();
}

fn histogram(out: &mut Vec<u8>, histogram: &Histogram) {
    let mut object = Object::open(out);
    object.list("dataPoints", &histogram.data_points, histogram_point);
    object.narrow(
        "aggregationTemporality",
        histogram.aggregation_temporality.into(),
    );
    object.close();
}

fn exponential(out: &mut Vec<u8>, histogram: &ExponentialHistogram) {
    let mut object = Object::open(out);
    object.list("dataPoints", &histogram.data_points, exponential_point);
    object.narrow(
        "aggregationTemporality",
        histogram.aggregation_temporality.into(),
    );
    object.close();
}

fn summary(out: &mut Vec<u8>, summary: &Summary) {
    let mut object = Object::open(out);
    object.list("dataPoints", &summary.data_points, summary_point);
    object.close();
}

fn number(out: &mut Vec<u8>, point: &NumberDataPoint) {
    let mut object = Object::open(out);
    object.list("attributes", &point.attributes, key_value);
    object.wide("startTimeUnixNano", point.start_time_unix_nano);
    object.wide("timeUnixNano", point.time_unix_nano);
    match point.value {
        None => {}
        Some(number_data_point::Value::AsDouble(value)) => object.double("asDouble", Some(value)),
        Some(number_data_point::Value::AsInt(value)) => as_int(&mut object, value),
    }
    object.list("exemplars", &point.exemplars, exemplar);
    object.narrow("flags", point.flags.into());
    object.close();
}

fn as_int(object: &mut Object<'_>, value: i64) {
    object.key("asInt");
    write_string(object.out(), &value.to_string());
}

fn histogram_point(out: &mut Vec<u8>, point: &HistogramDataPoint) {
    let mut object = Object::open(out);
    object.list("attributes", &point.attributes, key_value);
    object.wide("startTimeUnixNano", point.start_time_unix_nano);
    object.wide("timeUnixNano", point.time_unix_nano);
    object.wide("count", point.count);
    object.double("sum", point.sum);
    object.list("bucketCounts", &point.bucket_counts, write_wide);
    if !point.explicit_bounds.is_empty() {
        object.key("explicitBounds");
        list(object.out(), &point.explicit_bounds, |out, bound| {
            write_double(out, *bound)
        });
    }
    object.list("exemplars", &point.exemplars, exemplar);
    object.narrow("flags", point.flags.into());
    object.double("min", point.min);
    object.double("max", point.max);
    object.close();
}

fn exponential_point(out: &mut Vec<u8>, point: &ExponentialHistogramDataPoint) {
    let mut object = Object::open(out);
    object.list("attributes", &point.attributes, key_value);
    object.wide("startTimeUnixNano", point.start_time_unix_nano);
    object.wide("timeUnixNano", point.time_unix_nano);
    object.wide("count", point.count);
    object.double("sum", point.sum);
    object.narrow("scale", point.scale.into());
    object.wide("zeroCount", point.zero_count);
    object.optional("positive", point.positive.as_ref(), buckets);
    object.optional("negative", point.negative.as_ref(), buckets);
    object.narrow("flags", point.flags.into());
    object.list("exemplars", &point.exemplars, exemplar);
    object.double("min", point.min);
    object.double("max", point.max);
    object.double(
        "zeroThreshold",
        (point.zero_threshold != 0.0).then_some(point.zero_threshold),
    );
    object.close();
}

fn buckets(out: &mut Vec<u8>, buckets: &Buckets) {
    let mut object = Object::open(out);
    object.narrow("offset", buckets.offset.into());
    object.list("bucketCounts", &buckets.bucket_counts, write_wide);
    object.close();
}

fn summary_point(out: &mut Vec<u8>, point: &SummaryDataPoint) {
    let mut object = Object::open(out);
    object.list("attributes", &point.attributes, key_value);
    object.wide("startTimeUnixNano", point.start_time_unix_nano);
    object.wide("timeUnixNano", point.time_unix_nano);
    object.wide("count", point.count);
    object.double("sum", Some(point.sum));
    object.list("quantileValues", &point.quantile_values, quantile);
    object.narrow("flags", point.flags.into());
    object.close();
}

fn quantile(out: &mut Vec<u8>, value: &ValueAtQuantile) {
    let mut object = Object::open(out);
    object.double("quantile", Some(value.quantile));
    object.double("value", Some(value.value));
    object.close();
}

fn exemplar(out: &mut Vec<u8>, exemplar: &Exemplar) {
    let mut object = Object::open(out);
    object.list(
        "filteredAttributes",
        &exemplar.filtered_attributes,
        key_value,
    );
    object.wide("timeUnixNano", exemplar.time_unix_nano);
    object.hex("spanId", &exemplar.span_id);
    object.hex("traceId", &exemplar.trace_id);
    match exemplar.value {
        None => {}
        Some(exemplar::Value::AsDouble(value)) => object.double("asDouble", Some(value)),
        Some(exemplar::Value::AsInt(value)) => as_int(&mut object, value),
    }
    object.close();
}
