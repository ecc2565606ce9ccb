//! What the server asks of whatever keeps the telemetry.

use genspan::TraceId;
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};

use crate::reading::Reading;

/// Keeps telemetry and answers questions about it.
///
/// Its methods may block: the server calls them on threads of their own, a bounded number at a time.
pub trait Backend: Send + Sync + 'static {
    /// Keeps what came; returns once it would survive a power cut, since the sender is then told that it is kept.
    ///
    /// # Errors
    ///
    /// Nothing of the export may be kept where it fails in a way that a sender repeats.
    fn ingest(&self, export: Export) -> Result<Ingested, Trouble>;

    /// Answers a question as JSON, `None` where what is asked for is not there.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be answered.
    fn read(&self, reading: &Reading) -> Result<Option<Vec<u8>>, Trouble>;

    /// Forgets a trace; false where it was not there.
    ///
    /// # Errors
    ///
    /// Returns why something of it may be left.
    fn forget(&self, trace: &TraceId) -> Result<bool, Trouble>;

    /// Gives a number that grows with everything that changes; must not block.
    fn revision(&self) -> u64;
}

/// Holds what a sender exports: one request of one signal.
#[derive(Clone, Debug, PartialEq)]
pub enum Export {
    /// Spans.
    Traces(ExportTraceServiceRequest),
    /// Log records.
    Logs(ExportLogsServiceRequest),
    /// Metric data points.
    Metrics(ExportMetricsServiceRequest),
}

/// Tells what of an export was not kept, and why; the rest was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Items that were refused for good.
    pub rejected: u64,
    /// Why, or what else the sender should know; empty where there is nothing to say.
    pub reason: String,
}

/// Says why the keeper of telemetry could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trouble {
    /// What the asker should do about it.
    pub kind: TroubleKind,
    /// What was wrong and how to mend it.
    pub message: String,
}

/// Tells what the asker should do about trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Come again soon.
    Busy,
    /// Come again once somebody has made room.
    Full,
    /// Ask otherwise.
    Invalid,
    /// Give up: it would go wrong again.
    Broken,
}
