//! What stands round the items of a request: the resource, and a scope for each origin.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::InstrumentationScope,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{Metric, ResourceMetrics, ScopeMetrics},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;

use crate::{Encoding, json, request::Request};

/// Says what made an item, and which schema its names follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// What made it.
    pub scope: InstrumentationScope,
    /// The schema that its names follow; empty where none is stated.
    pub schema_url: String,
}

/// Says where an item's origin is found.
#[derive(Clone, Debug, Default)]
pub(crate) enum Under {
    /// It is the lane's.
    #[default]
    Lane,
    /// It is the lane's, under another schema.
    Schema(&'static str),
    /// It is the item's own.
    Origin(Arc<Origin>),
}

/// Holds items of one origin.
#[derive(Clone, Debug)]
pub(crate) struct Group<T> {
    pub(crate) under: Under,
    pub(crate) items: Vec<T>,
}

/// Holds what stands round the items of a lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Envelope {
    pub(crate) resource: Resource,
    pub(crate) origin: Origin,
}

/// The most that lengths and keys round a list add once it holds something, in either encoding.
const LENGTHS: usize = 32;

impl Envelope {
    pub(crate) fn spans(&self, groups: Vec<Group<Span>>) -> Request {
        let scope_spans = self.scopes(groups, |scope, spans, schema_url| ScopeSpans {
            scope,
            spans,
            schema_url,
        });
        let resource = Some(self.resource.clone());
        Request::Traces(ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource,
                scope_spans,
                schema_url: String::new(),
            }],
        })
    }

    pub(crate) fn logs(&self, groups: Vec<Group<LogRecord>>) -> Request {
        let scope_logs = self.scopes(groups, |scope, log_records, schema_url| ScopeLogs {
            scope,
            log_records,
            schema_url,
        });
        let resource = Some(self.resource.clone());
        Request::Logs(ExportLogsServiceRequest {
            resource_logs: vec![ResourceLogs {
                resource,
                scope_logs,
                schema_url: String::new(),
            }],
        })
    }

    pub(crate) fn metrics(&self, groups: Vec<Group<Metric>>) -> Request {
        let scope_metrics = self.scopes(groups, |scope, metrics, schema_url| ScopeMetrics {
            scope,
            metrics,
            schema_url,
        });
        let resource = Some(self.resource.clone());
        Request::Metrics(ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource,
                scope_metrics,
                schema_url: String::new(),
            }],
        })
    }

    fn scopes<T, S>(
        &self,
        groups: Vec<Group<T>>,
        make: impl Fn(Option<InstrumentationScope>, Vec<T>, String) -> S,
    ) -> Vec<S> {
        groups
            .into_iter()
            .map(|Group { under, items }| {
                let (scope, schema_url) = self.resolve(&under);
                make(Some(scope.clone()), items, schema_url.to_owned())
            })
            .collect()
    }

    fn resolve<'a>(&'a self, under: &'a Under) -> (&'a InstrumentationScope, &'a str) {
        match under {
            Under::Lane => (&self.origin.scope, &self.origin.schema_url),
            Under::Schema(schema_url) => (&self.origin.scope, schema_url),
            Under::Origin(origin) => (&origin.scope, &origin.schema_url),
        }
    }

    /// Tells whether items stand in the same scope.
    pub(crate) fn is_same(&self, one: &Under, other: &Under) -> bool {
        match (one, other) {
            (Under::Lane, Under::Lane) => true,
            (Under::Origin(one), Under::Origin(other)) if Arc::ptr_eq(one, other) => true,
            _ => self.resolve(one) == self.resolve(other),
        }
    }

    /// Measures what stands round all scopes of a request.
    pub(crate) fn size(&self, encoding: Encoding) -> usize {
        self.spans(Vec::new()).encode(encoding).len() + LENGTHS
    }

    /// Measures what stands round the items of one scope.
    pub(crate) fn size_of(&self, under: &Under, encoding: Encoding) -> usize {
        let (scope, schema_url) = self.resolve(under);
        let own = match encoding {
            Encoding::Protobuf => scope.encoded_len() + schema_url.len(),
            Encoding::Json => {
                let mut out = Vec::new();
                json::scope_of(&mut out, scope, schema_url);
                out.len()
            }
        };
        own + LENGTHS
    }
}
