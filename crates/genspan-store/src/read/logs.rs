//! Log records.

use genspan::Value;
use serde::Serialize;

use super::{KeyValue, Scope};

/// Shows a log record in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRow {
    /// Its number in the store.
    pub id: i64,
    /// When it happened, or else was observed.
    pub time_micros: i64,
    /// How serious it is: `trace`, `debug`, `info`, `warn`, `error` or `fatal`; absent where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    /// The event's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The conversation, or the session of an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// What it says in short: its body or attributes; where words were looked for, what stands around them.
    pub text: String,
    /// Its trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Its span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Whether spans of its trace are in the store, so that there is something to open.
    pub has_trace: bool,
}

/// Holds a part of the list of log records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// The records, the latest first.
    pub logs: Vec<LogRow>,
    /// Where the next part begins, where there is more to look at: a part ends after 5,000 records, or 32 MiB of them, though few
    /// or none of them were looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The records that were looked at for this part.
    pub looked_at: u64,
    /// The moment of the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_until_micros: Option<i64>,
}

/// Shows a log record with all that it says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDetail {
    /// What its row shows.
    #[serde(flatten)]
    pub row: LogRow,
    /// The severity in the program's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_text: Option<String>,
    /// When it was observed, where that is another moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_micros: Option<i64>,
    /// Whether its conversation is in the list of conversations.
    pub has_conversation: bool,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The attributes as they came.
    pub attributes: Vec<KeyValue>,
    /// What is said of the program.
    pub resource: Vec<KeyValue>,
    /// The library that made it.
    pub scope: Scope,
}

/// Holds what there is to choose from among the latest log records; each list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogFacets {
    /// Programs.
    pub services: Vec<String>,
    /// Names of events.
    pub names: Vec<String>,
}
