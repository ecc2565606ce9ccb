//! The points of a series: what each adds to the one before.

use std::collections::HashMap;

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
#[derive(Clone, Copy, Debug, PartialEq)]
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
    // The three have their points' fields in common, and no trait.
    macro_rules! gathered {
        ($data:ident, $point:ident, $sum:expr, $is_delta:expr) => {{
            for $point in $data.data_points {
                let times = ($point.start_time_unix_nano, $point.time_unix_nano);
                let sum = Some($sum);
                push($point.attributes, times, sum, $point.count, $is_delta);
            }
            Meaning::Histogram
        }};
    }
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
            gathered!(histogram, point, point.sum.unwrap_or_default(), is_delta)
        }
        Data::ExponentialHistogram(histogram) => {
            let is_delta = is_delta(histogram.aggregation_temporality);
            gathered!(histogram, point, point.sum.unwrap_or_default(), is_delta)
        }
        Data::Summary(summary) => gathered!(summary, point, point.sum, false),
    };
    Some((meaning, found)).filter(|(_, found)| !found.is_empty())
}

/// Gathers the points that one process tells of one thing by one library, in any order.
#[derive(Debug, Default)]
pub(super) struct Points(Vec<Point>);

impl Points {
    pub(super) fn push(&mut self, point: Point) {
        self.0.push(point);
    }

    /// Finds what each point adds, in the order of time; a point that came twice adds once.
    fn into_steps(mut self, meaning: Meaning) -> Vec<Step> {
        self.0.sort_by(|one, other| {
            let order = |point: &Point| (point.at, point.started, point.count);
            order(one)
                .cmp(&order(other))
                .then_with(|| one.value.total_cmp(&other.value))
        });
        self.0.dedup();
        match meaning {
            Meaning::Gauge => self.0.iter().map(Point::step).collect(),
            Meaning::Counter | Meaning::Histogram => steps(&self.0),
        }
    }
}

/// Sums up what several told of one thing, and shows it; `None` where nothing of it is in the time that was asked for.
pub(super) fn summed(
    told: Vec<Points>,
    meaning: Meaning,
    filter: &MetricFilter,
) -> Option<(Figures, Vec<MetricPoint>)> {
    let is_within = |step: &Step| {
        filter.since_micros.is_none_or(|since| step.at >= since)
            && filter.until_micros.is_none_or(|until| step.at < until)
    };
    let steps = told
        .into_iter()
        .flat_map(|points| points.into_steps(meaning));
    let mut steps: Vec<Step> = steps.filter(is_within).collect();
    steps.sort_by_key(|step| step.at);
    let (first, last) = (steps.first()?, steps.last()?);
    let is_sum = meaning != Meaning::Gauge;
    let figures = Figures {
        points: steps.len() as u64,
        first_micros: first.at,
        last_micros: last.at,
        total: is_sum.then(|| steps.iter().map(|step| step.value).sum()),
        count: (meaning == Meaning::Histogram).then(|| count(&steps)),
        last: (!is_sum).then_some(last.value),
    };
    Some((figures, values(&steps, meaning)))
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

/// Finds what each point adds: one that counts from a beginning adds what is more than the one before of that beginning.
fn steps(points: &[Point]) -> Vec<Step> {
    let mut before: HashMap<i64, Point> = HashMap::new();
    let mut steps = Vec::with_capacity(points.len());
    for point in points {
        let mut step = point.step();
        if !point.is_delta {
            // A program that began anew counts from nothing, whether it says so or not.
            let known = before
                .insert(point.started, *point)
                .filter(|before| before.count <= point.count && before.value <= point.value);
            if let Some(known) = known {
                step.value -= known.value;
                step.count -= known.count;
            }
        }
        steps.push(step);
    }
    steps
}

/// Gives how many values there are; senders may claim more than a number holds.
fn count(steps: &[Step]) -> u64 {
    let counts = steps.iter().map(|step| step.count);
    counts.fold(0, u64::saturating_add)
}

/// Puts neighbours together, so that few enough are left.
fn values(steps: &[Step], meaning: Meaning) -> Vec<MetricPoint> {
    let together = steps.len().div_ceil(SHOWN).max(1);
    let groups = steps.chunks(together);
    let shown = groups.filter_map(|group| {
        let last = group.last()?;
        let value: f64 = group.iter().map(|step| step.value).sum();
        let count = count(group);
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
