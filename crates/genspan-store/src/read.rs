//! What is read from a store, as it goes out as JSON.
//!
//! Times are microseconds since the Unix epoch, durations microseconds; ids are lower-case hexadecimal digits. What is not
//! known is absent.

mod conversation;
mod detail;
mod logs;
mod metrics;
mod statistics;
mod trace;

pub use conversation::{Conversation, ConversationCall, ConversationPage, ConversationRow};
pub use detail::{
    Chunks, CostPart, Event, KeyValue, Message, Part, Previous, Scope, SourceDetail, SpanDetail,
    ToolDefinition,
};
pub use logs::{LogDetail, LogFacets, LogPage, LogRow};
pub use metrics::{Figures, Metric, MetricPage, MetricPoint, MetricSeries};
pub use statistics::{Facets, ModelPoint, ModelStatistics, Statistics, ToolPoint, ToolStatistics};
pub use trace::{
    Amount, FoundSpan, Link, Match, SpanPage, SpanRow, Tokens, Trace, TracePage, TraceRow,
};
