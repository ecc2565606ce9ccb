//! An intake that treats spans as Braintrust's does: what names no parent is taken with thanks and dropped.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;

use crate::collector::{Collector, Reply, Seen};

/// Serves on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Intake {
    collector: Collector,
    seen: Arc<Mutex<Arrived>>,
}

/// Holds what came so far.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// The spans that name a parent, which are all that the real one shows.
    pub kept: Vec<Span>,
    /// How many were dropped without a word.
    pub dropped: usize,
    /// How many log records came.
    pub logs: usize,
    /// The `x-bt-parent` of each request that was taken.
    pub parents: Vec<String>,
    /// Why requests were refused.
    pub refused: Vec<String>,
}

impl Intake {
    /// Takes requests under this key.
    #[must_use]
    pub fn of(key: &'static str) -> Self {
        let seen = Arc::new(Mutex::new(Arrived::default()));
        let desk = Arc::clone(&seen);
        let collector = Collector::new(move |_, request| {
            let mut arrived = desk.lock().unwrap_or_else(PoisonError::into_inner);
            match arrived.take(key, request) {
                Ok(()) => Reply::Taken(Vec::new()),
                Err((status, why)) => {
                    arrived.refused.push(why);
                    Reply::Status(status, Vec::new())
                }
            }
        });
        Self { collector, seen }
    }

    /// Gives what `BRAINTRUST_API_URL` has to say.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.collector.address)
    }

    /// Gives what came so far.
    #[must_use]
    pub fn arrived(&self) -> Arrived {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Arrived {
    fn take(&mut self, key: &str, request: &Seen) -> Result<(), (u16, String)> {
        let header = |name: &str| {
            let value = request.headers.get(name).and_then(|it| it.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        if header("authorization") != format!("Bearer {key}") {
            return Err((401, "the key is another one".to_owned()));
        }
        if header("content-type") != "application/x-protobuf" {
            return Err((415, header("content-type")));
        }
        let broken = |error: prost::DecodeError| (400, error.to_string());
        match request.path.as_str() {
            "/otel/v1/traces" => {
                let message = ExportTraceServiceRequest::decode(request.message());
                let resources = message.map_err(broken)?.resource_spans.into_iter();
                let scopes = resources.flat_map(|resource| resource.scope_spans);
                for span in scopes.flat_map(|scope| scope.spans) {
                    if parent_of(&span.attributes).is_some() {
                        self.kept.push(span);
                    } else {
                        self.dropped += 1;
                    }
                }
            }
            "/otel/v1/logs" => {
                let message = ExportLogsServiceRequest::decode(request.message());
                let resources = message.map_err(broken)?.resource_logs.into_iter();
                let scopes = resources.flat_map(|resource| resource.scope_logs);
                self.logs += scopes.map(|scope| scope.log_records.len()).sum::<usize>();
            }
            other => return Err((404, other.to_owned())),
        }
        self.parents.push(header("x-bt-parent"));
        Ok(())
    }
}

/// Gives the parent that a span's attributes name.
#[must_use]
pub fn parent_of(attributes: &[KeyValue]) -> Option<&str> {
    let mut named = attributes
        .iter()
        .filter(|one| one.key == "braintrust.parent");
    match named.next()?.value.as_ref()?.value.as_ref()? {
        Value::StringValue(parent) if !parent.is_empty() => Some(parent),
        _ => None,
    }
}
