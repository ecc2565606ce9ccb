//! The instruments of measurements.

use std::sync::{Mutex, OnceLock, PoisonError};

use genspan::{
    Amount, AnyMetric, Label, Labels, Measurement,
    semconv::{self, Metric, ValueType},
};
use opentelemetry::{
    KeyValue, StringValue,
    metrics::{Counter, Histogram, Meter},
};

/// Holds the instruments of one meter, each made when it is first needed.
pub(super) struct Instruments {
    meter: Meter,
    all: Vec<(Metric, OnceLock<Instrument>)>,
    /// Those that the conventions do not have.
    own: Mutex<Vec<(AnyMetric, Instrument)>>,
}

enum Instrument {
    Times(Histogram<f64>),
    Numbers(Histogram<u64>),
    TimeSum(Counter<f64>),
    NumberSum(Counter<u64>),
}

impl Instruments {
    pub(super) fn new(meter: Meter) -> Self {
        let all = Metric::ALL.iter();
        Self {
            meter,
            all: all.map(|metric| (*metric, OnceLock::new())).collect(),
            own: Mutex::default(),
        }
    }

    /// Records measurements, whatever became of their span.
    pub(super) fn record(&self, measurements: Vec<Measurement>) {
        // The chunks of a stream, one after another, have their labels in common.
        let mut last: Option<(Labels, Vec<KeyValue>)> = None;
        for measurement in measurements {
            let known = last
                .take()
                .filter(|(known, _)| *known == measurement.labels);
            let (_, labels) = last.insert(known.unwrap_or_else(|| {
                let labels = labels(&measurement.labels);
                (measurement.labels, labels)
            }));
            self.add(measurement.metric, measurement.amount, labels);
        }
    }

    fn add(&self, metric: AnyMetric, amount: Amount, labels: &[KeyValue]) {
        let mut all = self.all.iter();
        if let Some((_, place)) = all.find(|(standard, _)| metric == *standard) {
            let instrument = place.get_or_init(|| Instrument::new(&self.meter, metric));
            instrument.record(metric, amount, labels);
            return;
        }
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if !own.iter().any(|(known, _)| *known == metric) {
            own.push((metric, Instrument::new(&self.meter, metric)));
        }
        for (_, instrument) in own.iter().filter(|(known, _)| *known == metric) {
            instrument.record(metric, amount, labels);
        }
    }
}

impl Instrument {
    fn new(meter: &Meter, metric: AnyMetric) -> Self {
        let bounds = metric.buckets().to_vec();
        match (metric.instrument(), metric.value_type()) {
            (semconv::Instrument::Histogram, ValueType::Double) => Self::Times(
                meter
                    .f64_histogram(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.brief())
                    .with_boundaries(bounds)
                    .build(),
            ),
            (semconv::Instrument::Histogram, ValueType::Int) => Self::Numbers(
                meter
                    .u64_histogram(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.brief())
                    .with_boundaries(bounds)
                    .build(),
            ),
            (semconv::Instrument::Counter, ValueType::Double) => Self::TimeSum(
                meter
                    .f64_counter(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.brief())
                    .build(),
            ),
            (semconv::Instrument::Counter, ValueType::Int) => Self::NumberSum(
                meter
                    .u64_counter(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.brief())
                    .build(),
            ),
        }
    }

    fn record(&self, metric: AnyMetric, amount: Amount, labels: &[KeyValue]) {
        match self {
            Self::Times(histogram) => histogram.record(metric.number(amount), labels),
            Self::Numbers(histogram) => histogram.record(whole(amount), labels),
            Self::TimeSum(counter) => counter.add(metric.number(amount), labels),
            Self::NumberSum(counter) => counter.add(whole(amount), labels),
        }
    }
}

const fn whole(amount: Amount) -> u64 {
    match amount {
        Amount::Count(count) => count,
        Amount::Time(time) => time.as_secs(),
    }
}

fn labels(labels: &Labels) -> Vec<KeyValue> {
    let labels = labels.iter();
    labels
        .map(|(key, label)| match label {
            Label::Text(text) => KeyValue::new(key, StringValue::from(text.clone())),
            Label::Number(number) => KeyValue::new(key, *number),
        })
        .collect()
}
