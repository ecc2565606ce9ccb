//! What is delivered, and how it is counted.

use std::fmt;

use opentelemetry_proto::tonic::{
    logs::v1::LogRecord,
    metrics::v1::{Metric, metric::Data},
    trace::v1::Span,
};
use prost::Message;

/// Names one of the three kinds of telemetry that OTLP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records and events.
    Logs,
    /// Metric data points.
    Metrics,
}

impl Signal {
    /// Lists all signals in the order in which they are written.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Logs, Self::Metrics];

    /// Gives the word that OTLP uses in paths and file names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
        }
    }

    /// Gives the word for the items themselves, as `genspan.drop.signal` states it.
    pub(crate) const fn items(self) -> &'static str {
        match self {
            Self::Traces => "spans",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.as_str() == word)
    }
}

/// Carries one finished piece of telemetry to a [`Pipeline`](crate::Pipeline).
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A finished span.
    Span(Box<Span>),
    /// A log record or event.
    Log(Box<LogRecord>),
    /// A metric with its data points.
    Metric(Box<Metric>),
}

impl Item {
    /// Tells which signal the item belongs to.
    #[must_use]
    pub const fn signal(&self) -> Signal {
        match self {
            Self::Span(_) => Signal::Traces,
            Self::Log(_) => Signal::Logs,
            Self::Metric(_) => Signal::Metrics,
        }
    }

    /// Counts what receivers count: spans, log records, data points.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Span(_) | Self::Log(_) => 1,
            Self::Metric(metric) => data_points(metric),
        }
    }

    /// Measures the item in bytes of protobuf.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self {
            Self::Span(span) => span.encoded_len(),
            Self::Log(record) => record.encoded_len(),
            Self::Metric(metric) => metric.encoded_len(),
        }
    }
}

pub(crate) fn data_points(metric: &Metric) -> u64 {
    let points = match &metric.data {
        None => 0,
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        Some(Data::Histogram(histogram)) => histogram.data_points.len(),
        Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
        Some(Data::Summary(summary)) => summary.data_points.len(),
    };
    u64::try_from(points).unwrap_or(u64::MAX)
}

/// Counts items by signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of spans.
    pub spans: u64,
    /// Number of log records.
    pub log_records: u64,
    /// Number of metric data points.
    pub data_points: u64,
}

impl Counts {
    /// Tells whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Gives the number counted for one signal.
    #[must_use]
    pub const fn of(&self, signal: Signal) -> u64 {
        match signal {
            Signal::Traces => self.spans,
            Signal::Logs => self.log_records,
            Signal::Metrics => self.data_points,
        }
    }

    fn of_mut(&mut self, signal: Signal) -> &mut u64 {
        match signal {
            Signal::Traces => &mut self.spans,
            Signal::Logs => &mut self.log_records,
            Signal::Metrics => &mut self.data_points,
        }
    }

    /// Adds to the number of one signal.
    pub fn add(&mut self, signal: Signal, count: u64) {
        let counted = self.of_mut(signal);
        *counted = counted.saturating_add(count);
    }

    pub(crate) fn take_off(&mut self, signal: Signal, count: u64) {
        let counted = self.of_mut(signal);
        *counted = counted.saturating_sub(count);
    }
}

impl fmt::Display for Counts {
    /// Writes `3 spans, 1 log record`, or `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.spans, "span"),
            (self.log_records, "log record"),
            (self.data_points, "metric data point"),
        ];
        let mut separator = "";
        for (count, word) in words {
            if count > 0 {
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "{separator}{count} {word}{plural}")?;
                separator = ", ";
            }
        }
        if separator.is_empty() {
            f.write_str("nothing")?;
        }
        Ok(())
    }
}
