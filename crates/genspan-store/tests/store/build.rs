//! Spans and requests, as programs send them.

mod calls;

use genspan_store::Store;
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    trace::v1::{Span, Status, status::StatusCode},
};

pub(crate) use self::calls::*;

pub(crate) fn open(name: &str) -> Store {
    open_at(&folder(name))
}

pub(crate) trait Placed: Sized {
    fn under(self, parent: u64) -> Self;
    fn failed(self, error: &str, message: &str) -> Self;
}

impl Placed for Span {
    fn under(mut self, parent: u64) -> Self {
        self.parent_span_id = span_id(parent).0.to_vec();
        self
    }

    fn failed(mut self, error: &str, message: &str) -> Self {
        self.status = Some(Status {
            message: message.to_owned(),
            code: StatusCode::Error.into(),
        });
        self.with_text("error.type", error)
    }
}

pub(crate) fn agent(trace: u64, number: u64, name: &str) -> Span {
    span(trace, number, &format!("invoke_agent {name}"))
        .with_text("gen_ai.operation.name", "invoke_agent")
        .with_text("gen_ai.agent.name", name)
}

pub(crate) fn tool(trace: u64, number: u64, name: &str, call: &str) -> Span {
    span(trace, number, &format!("execute_tool {name}"))
        .with_text("gen_ai.operation.name", "execute_tool")
        .with_text("gen_ai.tool.name", name)
        .with_text("gen_ai.tool.call.id", call)
}

pub(crate) fn log_request(log_records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs {
                log_records,
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
}

/// Takes spans in, and waits until they are in lists and search.
pub(crate) fn take(store: &Store, spans: Vec<Span>) {
    let count = spans.len() as u64;
    let ingested = store.ingest_traces(&request(spans)).unwrap();
    assert_eq!((ingested.accepted, ingested.rejected), (count, 0));
    store.settle().unwrap();
}

pub(crate) fn holds(bytes: &[u8], canary: &str) -> bool {
    bytes
        .windows(canary.len())
        .any(|window| window == canary.as_bytes())
}
