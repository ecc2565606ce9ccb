//! What arrived at a collector, signal by signal.

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    metrics::v1::{Metric, metric::Data},
    resource::v1::Resource,
    trace::v1::Span,
};
use prost::Message;
use testkit::collector::{Collector, Seen};

/// Stands under its scope, and that scope's schema.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Under<T> {
    pub(crate) scope: InstrumentationScope,
    pub(crate) schema_url: String,
    pub(crate) item: T,
}

#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    pub(crate) resources: Vec<Resource>,
    pub(crate) spans: Vec<Under<Span>>,
    pub(crate) logs: Vec<Under<LogRecord>>,
    pub(crate) metrics: Vec<Under<Metric>>,
    /// The size of each request.
    pub(crate) sizes: Vec<usize>,
}

impl Arrivals {
    /// Reads all that was taken so far and not read yet.
    pub(crate) fn of(collector: &Collector) -> Self {
        let mut arrivals = Self::default();
        for seen in collector.rest().iter().filter(|seen| seen.was_taken) {
            arrivals.read(seen);
        }
        arrivals
    }

    fn read(&mut self, seen: &Seen) {
        self.sizes.push(seen.message().len());
        if seen.is_of("traces") {
            self.read_spans(seen);
        } else if seen.is_of("logs") {
            self.read_logs(seen);
        } else {
            self.read_metrics(seen);
        }
    }

    fn read_spans(&mut self, seen: &Seen) {
        let request = ExportTraceServiceRequest::decode(seen.message()).unwrap();
        for resource in request.resource_spans {
            self.resources.extend(resource.resource);
            for one in resource.scope_spans {
                let scope = one.scope.unwrap_or_default();
                self.spans.extend(one.spans.into_iter().map(|item| Under {
                    scope: scope.clone(),
                    schema_url: one.schema_url.clone(),
                    item,
                }));
            }
        }
    }

    fn read_logs(&mut self, seen: &Seen) {
        let request = ExportLogsServiceRequest::decode(seen.message()).unwrap();
        for resource in request.resource_logs {
            self.resources.extend(resource.resource);
            for one in resource.scope_logs {
                let scope = one.scope.unwrap_or_default();
                self.logs
                    .extend(one.log_records.into_iter().map(|item| Under {
                        scope: scope.clone(),
                        schema_url: one.schema_url.clone(),
                        item,
                    }));
            }
        }
    }

    fn read_metrics(&mut self, seen: &Seen) {
        let request = ExportMetricsServiceRequest::decode(seen.message()).unwrap();
        for resource in request.resource_metrics {
            self.resources.extend(resource.resource);
            for one in resource.scope_metrics {
                let scope = one.scope.unwrap_or_default();
                self.metrics
                    .extend(one.metrics.into_iter().map(|item| Under {
                        scope: scope.clone(),
                        schema_url: one.schema_url.clone(),
                        item,
                    }));
            }
        }
    }

    pub(crate) fn span_names(&self) -> Vec<&str> {
        self.spans
            .iter()
            .map(|one| one.item.name.as_str())
            .collect()
    }

    pub(crate) fn span(&self, name: &str) -> &Under<Span> {
        self.spans
            .iter()
            .find(|one| one.item.name == name)
            .unwrap_or_else(|| panic!("no span {name} in {:?}", self.span_names()))
    }

    /// Names the metrics with the number of values that each counts.
    pub(crate) fn metric_counts(&self) -> Vec<(&str, u64)> {
        let mut counts: Vec<(&str, u64)> = self
            .metrics
            .iter()
            .map(|one| (one.item.name.as_str(), values(&one.item)))
            .collect();
        counts.sort_unstable();
        counts
    }
}

fn values(metric: &Metric) -> u64 {
    match metric.data.as_ref().unwrap() {
        Data::Histogram(data) => data.data_points.iter().map(|point| point.count).sum(),
        Data::Sum(data) => data.data_points.len() as u64,
        other => panic!("unexpected {other:?}"),
    }
}

/// Finds an attribute's value, which must stand once.
pub(crate) fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let mut found = attributes.iter().filter(|attribute| attribute.key == key);
    let first = found.next()?;
    assert_eq!(found.next(), None, "{key} stands twice");
    first.value.as_ref()?.value.as_ref()
}

pub(crate) fn text<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    match value(attributes, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key} is {other:?}"),
    }
}

/// Writes attributes one a line.
pub(crate) fn lines(attributes: &[KeyValue]) -> String {
    let line = |attribute: &KeyValue| {
        let shown = match &attribute.value {
            Some(AnyValue { value: Some(value) }) => format!("{value:?}"),
            _ => "nothing".to_owned(),
        };
        format!("{} = {shown}", attribute.key)
    };
    attributes.iter().map(line).collect::<Vec<_>>().join("\n")
}
