//! The points of one series: what each adds to the one before.

use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    metrics::v1::{AggregationTemporality, metric::Data, number_data_point::Value},
};

use crate::{
    MetricFilter,
    prepare::nanos,
    query::micros,
    read::{Figures, MetricPoint},
};

/// Points of a series that are shown; neighbours are put together where there are more.
const SHOWN: usize = 120;

/// Says what a metric's numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Counts what happened; points may be added up.
    Counter,
    /// Says how things stand; the last one counts.
    Gauge,
    /// Gathers values, by their number and sum.
    Histogram,
}

impl Meaning {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Holds one point as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// When what it counts began, in nanoseconds; 0 where it does not say.
    started: i64,
    at: i64,
    value: f64,
    count: u64,
    /// Whether it counts only what happened since the point before.
    is_delta: bool,
}

type Found = Vec<(Vec<KeyValue>, Point)>;

/// Reads points of any kind; those without a number are left out.
pub(super) fn read(data: Data) -> Option<(Meaning, Found)> {
    let is_delta = |temporality: i32| temporality == AggregationTemporality::Delta as i32;
    let number = |value: Option<Value>| match value? {
        Value::AsDouble(number) => Some(number).filter(|number| number.is_finite()),
        #[allow(clippy::cast_precision_loss, reason = "as charts show it")]
        Value::AsInt(number) => Some(number as f64),
    };
    let mut found = Vec::new();
    let mut push = |attributes, (started, at): (u64, u64), value: Option<f64>, count, is_delta| {
        let value = value.filter(|value| value.is_finite());
        found.extend(value.map(|value| {
            let point = Point {
                started: nanos(started),
                at: nanos(at),
                value,
                count,
                is_delta,
            };
            (attributes, point)
        }));
    };
    let meaning = match data {
        Data::Gauge(gauge) => {
            for point in gauge.data_points {
                let times = (0, point.time_unix_nano);
                push(point.attributes, times, number(point.value), 0, false);
            }
            Meaning::Gauge
        }
        Data::Sum(sum) => {
            let is_delta = is_delta(sum.aggregation_temporality);
            for point in sum.data_points {
                let times = (point.start_time_unix_nano, point.time_unix_nano);
                push(point.attributes, times, number(point.value), 0, is_delta);
            }
            if sum.is_monotonic || is_delta {
                Meaning::Counter
            } else {
                Meaning::Gauge
            }
        }
        Data::Histogram(histogram) => {
            let is_delta = is_delta(histogram.aggregation_temporality);
            for point in histogram.data_points {
                let times = (point.start_time_unix_nano, point.time_unix_nano);
                let sum = Some(point.sum.unwrap_or_default());
                push(point.attributes, times, sum, point.count, is_delta);
            }
            Meaning::Histogram
        }
        Data::ExponentialHistogram(histogram) => {
            let is_delta = is_delta(histogram.aggregation_temporality);
            for point in histogram.data_points {
                let times = (point.start_time_unix_nano, point.time_unix_nano);
                let sum = Some(point.sum.unwrap_or_default());
                push(point.attributes, times, sum, point.count, is_delta);
            }
            Meaning::Histogram
        }
        Data::Summary(summary) => {
            for point in summary.data_points {
                let times = (point.start_time_unix_nano, point.time_unix_nano);
                push(point.attributes, times, Some(point.sum), point.count, false);
            }
            Meaning::Histogram
        }
    };
    Some((meaning, found)).filter(|(_, found)| !found.is_empty())
}

/// Gathers the points of one series, in any order.
#[derive(Debug, Default)]
pub(super) struct Points(Vec<Point>);

impl Points {
    pub(super) fn push(&mut self, point: Point) {
        self.0.push(point);
    }

    /// Sums the points up and shows them; `None` where none is in the time that was asked for.
    pub(super) fn into_values(
        mut self,
        meaning: Meaning,
        filter: &MetricFilter,
    ) -> Option<(Figures, Vec<MetricPoint>)> {
        self.0.sort_by_key(|point| (point.at, point.started));
        let steps: Vec<Step> = match meaning {
            Meaning::Gauge => self.0.iter().map(|point| point.step()).collect(),
            Meaning::Counter | Meaning::Histogram => steps(&self.0),
        };
        let is_within = |step: &&Step| {
            filter.since_micros.is_none_or(|since| step.at >= since)
                && filter.until_micros.is_none_or(|until| step.at < until)
        };
        let steps: Vec<Step> = steps.iter().filter(is_within).copied().collect();
        let (first, last) = (steps.first()?, steps.last()?);
        let is_sum = meaning != Meaning::Gauge;
        let is_histogram = meaning == Meaning::Histogram;
        let figures = Figures {
            points: steps.len() as u64,
            first_micros: first.at,
            last_micros: last.at,
            total: is_sum.then(|| steps.iter().map(|step| step.value).sum()),
            count: is_histogram.then(|| steps.iter().map(|step| step.count).sum()),
            last: (!is_sum).then_some(last.value),
        };
        Some((figures, values(&steps, meaning)))
    }
}

impl Point {
    const fn step(&self) -> Step {
        Step {
            at: micros(self.at),
            value: self.value,
            count: self.count,
        }
    }
}

/// Holds what a point adds to the one before.
#[derive(Clone, Copy, Debug)]
struct Step {
    at: i64,
    value: f64,
    count: u64,
}

/// Finds what each point adds: one that counts from the beginning adds what is more than the one before of that beginning.
fn steps(points: &[Point]) -> Vec<Step> {
    let mut before: Option<Point> = None;
    let mut steps = Vec::with_capacity(points.len());
    for point in points {
        let mut step = point.step();
        if !point.is_delta {
            // A program that began anew counts from nothing, whether it says so or not.
            let known = before.filter(|before| {
                before.started == point.started
                    && before.count <= point.count
                    && before.value <= point.value
            });
            if let Some(known) = known {
                step.value -= known.value;
                step.count -= known.count;
            }
            before = Some(*point);
        }
        steps.push(step);
    }
    steps
}

/// Puts neighbours together, so that few enough are left.
fn values(steps: &[Step], meaning: Meaning) -> Vec<MetricPoint> {
    let together = steps.len().div_ceil(SHOWN).max(1);
    let groups = steps.chunks(together);
    let shown = groups.filter_map(|group| {
        let last = group.last()?;
        let value: f64 = group.iter().map(|step| step.value).sum();
        let count: u64 = group.iter().map(|step| step.count).sum();
        let at_micros = last.at;
        Some(match meaning {
            Meaning::Counter => MetricPoint {
                at_micros,
                value,
                count: None,
            },
            Meaning::Gauge => MetricPoint {
                at_micros,
                value: last.value,
                count: None,
            },
            #[allow(clippy::cast_precision_loss, reason = "a mean, as charts show it")]
            Meaning::Histogram => MetricPoint {
                at_micros,
                value: if count == 0 {
                    0.0
                } else {
                    value / count as f64
                },
                count: Some(count),
            },
        })
    });
    shown.collect()
}
