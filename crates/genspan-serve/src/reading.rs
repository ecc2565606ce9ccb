//! What can be asked of the telemetry that is kept.

use genspan::{SpanId, TraceId};
use genspan_store::{Filter, LogFilter, MetricFilter, Page};

/// Holds one question.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reading {
    /// Traces that match, the latest first.
    Traces(Filter, Page),
    /// One trace with its spans, without content.
    Trace {
        /// The trace's id.
        trace: TraceId,
    },
    /// One span with its content.
    Span {
        /// The trace's id.
        trace: TraceId,
        /// The span's id.
        span: SpanId,
    },
    /// Conversations that match, the latest first.
    Conversations(Filter, Page),
    /// One conversation with its traces and calls.
    Conversation {
        /// The conversation's id.
        id: String,
    },
    /// Models and tools in numbers.
    Statistics {
        /// What counts.
        filter: Filter,
        /// The width of a point in the series; 0 leaves the series out.
        bucket_micros: u64,
    },
    /// The words that filters can be chosen from.
    Facets,
    /// Log records that match, the latest first.
    Logs(LogFilter, Page),
    /// One log record with all that it says.
    Log {
        /// Its number in the list.
        id: i64,
    },
    /// The words that filters of log records can be chosen from.
    LogFacets,
    /// Metrics that match, as series.
    Metrics(MetricFilter),
    /// One trace as OTLP/JSON.
    Export {
        /// The trace's id.
        trace: TraceId,
    },
}
