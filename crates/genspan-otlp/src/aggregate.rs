//! Sums measurements up into series until it is time to send them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use genspan::{
    Amount, AnyMetric, Labels, Measurement, Timestamp,
    semconv::{Instrument, ValueType},
};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    metrics::v1::{AggregationTemporality, Histogram, Metric, Sum, metric::Data},
};

use crate::{
    MetricSource, Temporality,
    convert::{histogram_point, label_attributes, number_point},
};

/// Bounds the series of one metric; the last one takes all that has no series of its own.
const MAX_SERIES: usize = 2_000;

/// Marks the series that takes the rest, as OpenTelemetry's SDKs do.
const OVERFLOW: &str = "otel.metric.overflow";

/// Holds the metrics of one destination.
#[derive(Debug)]
pub(crate) struct Aggregates {
    temporality: Temporality,
    /// Whether series are sent again though nothing came: receivers take a series that falls silent for ended.
    repeats: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    start: Timestamp,
    has_news: bool,
    metrics: BTreeMap<AnyMetric, Family>,
}

/// Holds the series of one metric, in the order in which they began.
#[derive(Debug, Default)]
struct Family {
    places: HashMap<Labels, usize>,
    series: Vec<(Labels, Series)>,
    /// The place of the last measurement: the chunks of a stream have their labels in common.
    last: usize,
    overflow: Option<Series>,
}

#[derive(Debug)]
enum Series {
    Histogram(Distribution),
    Counter(Total),
}

/// Holds how values are spread.
#[derive(Debug)]
pub(crate) struct Distribution {
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// How many values are in each bucket; a value equal to a bound is below it.
    pub(crate) buckets: Vec<u64>,
}

/// Holds a sum.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Total {
    Int(u64),
    Double(f64),
}

impl Aggregates {
    pub(crate) fn new(start: Timestamp, temporality: Temporality, repeats: bool) -> Self {
        let state = State {
            start,
            has_news: false,
            metrics: BTreeMap::new(),
        };
        Self {
            temporality,
            repeats,
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere costs at most the measurement that it interrupted.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self, measurements: Vec<Measurement>) {
        if measurements.is_empty() {
            return;
        }
        let mut state = self.lock();
        state.has_news = true;
        for Measurement {
            metric,
            amount,
            labels,
        } in measurements
        {
            let family = state.metrics.entry(metric).or_default();
            family.series(metric, labels).add(metric, amount);
        }
    }
}

impl MetricSource for Aggregates {
    fn collect(&self, at: Timestamp) -> Vec<Metric> {
        let mut state = self.lock();
        let is_delta = self.temporality == Temporality::Delta;
        if !state.has_news && (is_delta || !self.repeats) {
            return Vec::new();
        }
        let times = (state.start, at.max(state.start));
        let temporality = if is_delta {
            AggregationTemporality::Delta
        } else {
            AggregationTemporality::Cumulative
        };
        let metrics = state
            .metrics
            .iter()
            .map(|(&metric, family)| family.to_metric(metric, times, temporality));
        let metrics = metrics.collect();
        state.has_news = false;
        if is_delta {
            state.metrics.clear();
            state.start = times.1;
        }
        metrics
    }
}

impl Family {
    fn series(&mut self, metric: AnyMetric, labels: Labels) -> &mut Series {
        let has_room = self.series.len() < MAX_SERIES - 1;
        let last = self.series.get(self.last);
        let last = last.and_then(|(known, _)| (*known == labels).then_some(self.last));
        let known = last.or_else(|| self.places.get(&labels).copied());
        let place = known.or_else(|| {
            has_room.then(|| {
                let place = self.series.len();
                self.places.insert(labels.clone(), place);
                self.series.push((labels, Series::new(metric)));
                place
            })
        });
        self.last = place.unwrap_or(self.last);
        match place.and_then(|place| self.series.get_mut(place)) {
            Some((_, series)) => series,
            None => self.overflow.get_or_insert_with(|| Series::new(metric)),
        }
    }

    fn to_metric(
        &self,
        metric: AnyMetric,
        times: (Timestamp, Timestamp),
        temporality: AggregationTemporality,
    ) -> Metric {
        let bounds = metric.buckets();
        let all = self
            .series
            .iter()
            .map(|(labels, series)| (label_attributes(labels), series))
            .chain(
                self.overflow
                    .iter()
                    .map(|series| (vec![overflow()], series)),
            );
        let mut histogram = Vec::new();
        let mut counter = Vec::new();
        for (attributes, series) in all {
            match series {
                Series::Histogram(values) => {
                    histogram.push(histogram_point(attributes, times, bounds, values))
                }
                Series::Counter(total) => counter.push(number_point(attributes, times, *total)),
            }
        }
        let aggregation_temporality = temporality.into();
        Metric {
            name: metric.name().to_owned(),
            description: metric.brief().to_owned(),
            unit: metric.unit().to_owned(),
            data: Some(match metric.instrument() {
                Instrument::Histogram => Data::Histogram(Histogram {
                    data_points: histogram,
                    aggregation_temporality,
                }),
                Instrument::Counter => Data::Sum(Sum {
                    data_points: counter,
                    aggregation_temporality,
                    is_monotonic: true,
                }),
            }),
            ..Metric::default()
        }
    }
}

impl Series {
    fn new(metric: AnyMetric) -> Self {
        match (metric.instrument(), metric.value_type()) {
            (Instrument::Histogram, _) => Self::Histogram(Distribution {
                sum: 0.0,
                min: f64::INFINITY,
                max: f64::NEG_INFINITY,
                buckets: vec![0; metric.buckets().len() + 1],
            }),
            (Instrument::Counter, ValueType::Int) => Self::Counter(Total::Int(0)),
            (Instrument::Counter, ValueType::Double) => Self::Counter(Total::Double(0.0)),
        }
    }

    fn add(&mut self, metric: AnyMetric, amount: Amount) {
        match self {
            Self::Histogram(values) => {
                let value = metric.number(amount);
                let bounds = metric.buckets();
                values.sum += value;
                values.min = values.min.min(value);
                values.max = values.max.max(value);
                if let Some(bucket) = values
                    .buckets
                    .get_mut(bounds.partition_point(|bound| *bound < value))
                {
                    *bucket += 1;
                }
            }
            Self::Counter(Total::Double(total)) => *total += metric.number(amount),
            Self::Counter(Total::Int(total)) => {
                let more = match amount {
                    Amount::Count(count) => count,
                    Amount::Time(time) => time.as_secs(),
                };
                *total = total.saturating_add(more);
            }
        }
    }
}

fn overflow() -> KeyValue {
    let value = Some(AnyValue {
        value: Some(Value::BoolValue(true)),
    });
    KeyValue {
        key: OVERFLOW.to_owned(),
        value,
        key_strindex: 0,
    }
}
