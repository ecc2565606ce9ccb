//! Export requests: many items of one signal under one resource.

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{
        ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum,
        Summary, metric::Data,
    },
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::{DecodeError, Message};

use crate::{
    json,
    signal::{Signal, data_points},
};

/// Says how a request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Binary protobuf.
    #[default]
    Protobuf,
    /// OTLP/JSON.
    Json,
}

/// Holds one export request.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Spans.
    Traces(ExportTraceServiceRequest),
    /// Log records.
    Logs(ExportLogsServiceRequest),
    /// Metrics.
    Metrics(ExportMetricsServiceRequest),
}

impl Request {
    /// Tells which signal the request is of.
    #[must_use]
    pub const fn signal(&self) -> Signal {
        match self {
            Self::Traces(_) => Signal::Traces,
            Self::Logs(_) => Signal::Logs,
            Self::Metrics(_) => Signal::Metrics,
        }
    }

    /// Measures the request in bytes of protobuf.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self {
            Self::Traces(request) => request.encoded_len(),
            Self::Logs(request) => request.encoded_len(),
            Self::Metrics(request) => request.encoded_len(),
        }
    }

    /// Counts spans, log records or data points.
    #[must_use]
    pub fn count(&self) -> u64 {
        let count = match self {
            Self::Traces(request) => spans(request).count(),
            Self::Logs(request) => log_records(request).count(),
            Self::Metrics(request) => return metrics(request).map(data_points).sum(),
        };
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    pub(crate) fn encode(&self, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Protobuf => match self {
                Self::Traces(request) => request.encode_to_vec(),
                Self::Logs(request) => request.encode_to_vec(),
                Self::Metrics(request) => request.encode_to_vec(),
            },
            Encoding::Json => {
                let mut out = Vec::new();
                match self {
                    Self::Traces(request) => json::traces(&mut out, &request.resource_spans),
                    Self::Logs(request) => json::logs(&mut out, &request.resource_logs),
                    Self::Metrics(request) => json::metrics(&mut out, &request.resource_metrics),
                }
                out
            }
        }
    }

    pub(crate) fn decode(signal: Signal, bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(match signal {
            Signal::Traces => Self::Traces(Message::decode(bytes)?),
            Signal::Logs => Self::Logs(Message::decode(bytes)?),
            Signal::Metrics => Self::Metrics(Message::decode(bytes)?),
        })
    }

    /// Halves the request by items; `None` where it has but one.
    pub(crate) fn split(self) -> Result<(Self, Self), Self> {
        match self {
            Self::Traces(mut request) => match halve(&mut request.resource_spans, split_spans) {
                Some(resource_spans) => Ok((
                    Self::Traces(request),
                    Self::Traces(ExportTraceServiceRequest { resource_spans }),
                )),
                None => Err(Self::Traces(request)),
            },
            Self::Logs(mut request) => match halve(&mut request.resource_logs, split_logs) {
                Some(resource_logs) => Ok((
                    Self::Logs(request),
                    Self::Logs(ExportLogsServiceRequest { resource_logs }),
                )),
                None => Err(Self::Logs(request)),
            },
            Self::Metrics(mut request) => match halve(&mut request.resource_metrics, split_metrics)
            {
                Some(resource_metrics) => Ok((
                    Self::Metrics(request),
                    Self::Metrics(ExportMetricsServiceRequest { resource_metrics }),
                )),
                None => Err(Self::Metrics(request)),
            },
        }
    }

    /// Adds the items of another request of the same signal behind its own.
    ///
    /// # Errors
    ///
    /// Gives the other one back where the signals differ.
    pub fn append(&mut self, other: Self) -> Result<(), Self> {
        match (self, other) {
            (Self::Traces(request), Self::Traces(other)) => {
                request.resource_spans.extend(other.resource_spans)
            }
            (Self::Logs(request), Self::Logs(other)) => {
                request.resource_logs.extend(other.resource_logs)
            }
            (Self::Metrics(request), Self::Metrics(other)) => {
                request.resource_metrics.extend(other.resource_metrics);
            }
            (_, other) => return Err(other),
        }
        Ok(())
    }
}

pub(crate) fn spans(request: &ExportTraceServiceRequest) -> impl Iterator<Item = &Span> {
    request
        .resource_spans
        .iter()
        .flat_map(|resource| &resource.scope_spans)
        .flat_map(|scope| &scope.spans)
}

pub(crate) fn log_records(request: &ExportLogsServiceRequest) -> impl Iterator<Item = &LogRecord> {
    request
        .resource_logs
        .iter()
        .flat_map(|resource| &resource.scope_logs)
        .flat_map(|scope| &scope.log_records)
}

pub(crate) fn metrics(request: &ExportMetricsServiceRequest) -> impl Iterator<Item = &Metric> {
    request
        .resource_metrics
        .iter()
        .flat_map(|resource| &resource.scope_metrics)
        .flat_map(|scope| &scope.metrics)
}

/// Moves the later half out of a list; a list of one is halved inside its only element.
fn halve<T>(list: &mut Vec<T>, inside: fn(&mut T) -> Option<T>) -> Option<Vec<T>> {
    if let [only] = list.as_mut_slice() {
        return Some(vec![inside(only)?]);
    }
    let half = list.len() / 2;
    (half > 0).then(|| list.split_off(half))
}

fn split_spans(from: &mut ResourceSpans) -> Option<ResourceSpans> {
    let scope_spans = halve(&mut from.scope_spans, |scope| {
        let spans = halve(&mut scope.spans, |_| None)?;
        Some(ScopeSpans {
            scope: scope.scope.clone(),
            spans,
            schema_url: scope.schema_url.clone(),
        })
    })?;
    Some(ResourceSpans {
        resource: from.resource.clone(),
        scope_spans,
        schema_url: from.schema_url.clone(),
    })
}

fn split_logs(from: &mut ResourceLogs) -> Option<ResourceLogs> {
    let scope_logs = halve(&mut from.scope_logs, |scope| {
        let log_records = halve(&mut scope.log_records, |_| None)?;
        Some(ScopeLogs {
            scope: scope.scope.clone(),
            log_records,
            schema_url: scope.schema_url.clone(),
        })
    })?;
    Some(ResourceLogs {
        resource: from.resource.clone(),
        scope_logs,
        schema_url: from.schema_url.clone(),
    })
}

fn split_metrics(from: &mut ResourceMetrics) -> Option<ResourceMetrics> {
    let scope_metrics = halve(&mut from.scope_metrics, |scope| {
        let metrics = halve(&mut scope.metrics, split_points)?;
        Some(ScopeMetrics {
            scope: scope.scope.clone(),
            metrics,
            schema_url: scope.schema_url.clone(),
        })
    })?;
    Some(ResourceMetrics {
        resource: from.resource.clone(),
        scope_metrics,
        schema_url: from.schema_url.clone(),
    })
}

/// Halves a metric by data points; `None` where it has but one.
pub(crate) fn split_points(metric: &mut Metric) -> Option<Metric> {
    let data = match metric.data.as_mut()? {
        Data::Gauge(data) => Data::Gauge(Gauge {
            data_points: halve(&mut data.data_points, |_| None)?,
        }),
        Data::Sum(data) => {
            let data_points = halve(&mut data.data_points, |_| None)?;
            Data::Sum(Sum {
                data_points,
                ..*data
            })
        }
        Data::Histogram(data) => {
            let data_points = halve(&mut data.data_points, |_| None)?;
            Data::Histogram(Histogram {
                data_points,
                ..*data
            })
        }
        Data::ExponentialHistogram(data) => {
            let data_points = halve(&mut data.data_points, |_| None)?;
            Data::ExponentialHistogram(ExponentialHistogram {
                data_points,
                ..*data
            })
        }
        Data::Summary(data) => Data::Summary(Summary {
            data_points: halve(&mut data.data_points, |_| None)?,
        }),
    };
    Some(Metric {
        name: metric.name.clone(),
        description: metric.description.clone(),
        unit: metric.unit.clone(),
        metadata: metric.metadata.clone(),
        data: Some(data),
    })
}
