//! Metrics.

use genspan::Value;

use super::{
    Item,
    member::{as_double, as_signed, as_unsigned, attributes, list, member, text, unsigned},
};
use crate::view::{Histogram, Instrument, MetricView, Number, PointView};

pub(super) fn metric(value: &Value, schema_url: &str, items: &mut Vec<Item>) {
    let mut view = MetricView {
        name: text(value, "name", items),
        unit: text(value, "unit", items),
        schema_url: schema_url.to_owned(),
        ..MetricView::default()
    };
    if let Some(data) = member(value, "histogram") {
        view.instrument = Instrument::Histogram;
        view.points = points(data, items, histogram);
    } else if let Some(data) = member(value, "exponentialHistogram") {
        view.instrument = Instrument::ExponentialHistogram;
        view.points = points(data, items, exponential);
    } else if let Some(data) = member(value, "sum") {
        let is_monotonic = member(data, "isMonotonic") == Some(&Value::Bool(true));
        view.instrument = if is_monotonic {
            Instrument::Counter
        } else {
            Instrument::UpDownCounter
        };
        view.points = points(data, items, number);
    } else if let Some(data) = member(value, "gauge") {
        view.instrument = Instrument::Gauge;
        view.points = points(data, items, number);
    } else if let Some(data) = member(value, "summary") {
        view.instrument = Instrument::Summary;
        view.points = points(data, items, |_, _, _| {});
    }
    items.push(Item::Metric(view));
}

fn points(
    data: &Value,
    items: &mut Vec<Item>,
    read: fn(&Value, &mut PointView, &mut Vec<Item>),
) -> Vec<PointView> {
    let list = list(data, "dataPoints", items);
    let points = list.iter().map(|point| {
        let mut view = PointView {
            attributes: attributes(point, items),
            ..PointView::default()
        };
        read(point, &mut view, items);
        view
    });
    points.collect()
}

fn number(point: &Value, view: &mut PointView, items: &mut Vec<Item>) {
    let int = member(point, "asInt").map(|value| as_signed(value).map(Number::Int));
    let double = || member(point, "asDouble").map(|value| as_double(value).map(Number::Double));
    match int.or_else(double) {
        Some(None) => items.push(Item::Fault("a point's value is no number".to_owned())),
        read => view.value = read.flatten(),
    }
}

fn histogram(point: &Value, view: &mut PointView, items: &mut Vec<Item>) {
    let bounds = list(point, "explicitBounds", items);
    let read = Histogram {
        count: unsigned(point, "count", items),
        buckets: counts(point, items),
        bounds: bounds
            .iter()
            .map(|bound| as_double(bound).unwrap_or(f64::NAN))
            .collect(),
    };
    view.histogram = Some(read);
}

fn exponential(point: &Value, view: &mut PointView, items: &mut Vec<Item>) {
    let mut buckets = vec![unsigned(point, "zeroCount", items)];
    for side in ["positive", "negative"] {
        if let Some(side) = member(point, side) {
            buckets.extend(counts(side, items));
        }
    }
    let read = Histogram {
        count: unsigned(point, "count", items),
        buckets,
        bounds: Vec::new(),
    };
    view.histogram = Some(read);
}

fn counts(value: &Value, items: &mut Vec<Item>) -> Vec<u64> {
    let list = list(value, "bucketCounts", items);
    let counts = list.iter().map(|count| {
        as_unsigned(count).unwrap_or_else(|| {
            items.push(Item::Fault(
                "a bucket's count is no whole number".to_owned(),
            ));
            0
        })
    });
    counts.collect()
}
