//! What is looked for.

mod logs;

use std::{fmt, str::FromStr};

pub use self::logs::{LogFilter, MetricFilter, Severity};

use crate::Error;

/// Says which traces, spans or conversations are wanted; all that is stated must hold.
///
/// Names are compared as they are, whole. Of a trace, each of `model`, `provider`, `tool`, `agent`, `conversation`, `service`,
/// `operation` and `source` must hold for one of its spans, not all for the same; the others hold for the trace as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Words that were said: prompts, answers, arguments and results of tools, texts of errors.
    ///
    /// Any text is fine. Each word must be there, in any case and with or without accents, the last one as a beginning
    /// where it has three letters; words in double quotes must stand side by side.
    ///
    /// Of the messages that hold them the 10,000 that came in last are considered, and of 20,000 spans those that came in last.
    /// Where there are more, lists look at their newest 4,000 rows besides, from where the page begins, whatever these say and
    /// whenever it came: what is new is found though older things were imported since. What may be missing is what is further
    /// back, and said what very many said after it.
    pub text: Option<String>,
    /// The model that answered, or else the one that was asked for.
    pub model: Option<String>,
    /// Who runs the model.
    pub provider: Option<String>,
    /// A tool by name.
    pub tool: Option<String>,
    /// An agent by name.
    pub agent: Option<String>,
    /// A conversation by id.
    pub conversation: Option<String>,
    /// The program that said so, by `service.name`.
    pub service: Option<String>,
    /// What was done, as the conventions name operations: `chat`, `execute_tool`, ….
    pub operation: Option<String>,
    /// How it went; a trace counts as failed where any of its spans did.
    pub status: Option<StatusFilter>,
    /// The least amount spent, in units of its currency.
    pub min_cost: Option<f64>,
    /// The least tokens, input and output together.
    pub min_tokens: Option<u64>,
    /// The least time it took, in microseconds.
    pub min_duration_micros: Option<u64>,
    /// The earliest beginning, in microseconds since the Unix epoch.
    pub since_micros: Option<i64>,
    /// The moment before which it began, in microseconds since the Unix epoch.
    pub until_micros: Option<i64>,
    /// Whose telemetry it is, such as `genspan` or `openinference`.
    pub source: Option<String>,
}

/// Says how what is looked for went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Nothing failed.
    Ok,
    /// Something failed.
    Error,
    /// It was given up.
    Cancelled,
}

impl FromStr for StatusFilter {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "ok" => Ok(Self::Ok),
            "error" => Ok(Self::Error),
            "cancelled" => Ok(Self::Cancelled),
            other => Err(Error::Invalid {
                what: format!("status `{other}`: expected `ok`, `error` or `cancelled`"),
            }),
        }
    }
}

/// Says which part of a list is wanted; the newest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most that are given, of which at most 1,000 count.
    pub limit: usize,
    /// Where the page before ended.
    pub before: Option<Cursor>,
}

impl Default for Page {
    /// Wants the first 50.
    fn default() -> Self {
        Self {
            limit: 50,
            before: None,
        }
    }
}

impl Page {
    pub(crate) fn limit(&self) -> usize {
        self.limit.clamp(1, 1_000)
    }
}

/// Marks where a page ended; its text goes into URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) row: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.row)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text
            .split_once('.')
            .and_then(|(at, row)| Some((at.parse().ok()?, row.parse().ok()?)));
        match parsed {
            Some((at, row)) => Ok(Self { at, row }),
            None => Err(Error::Invalid {
                what: format!("cursor `{text}`: expected what `next` of the page before says"),
            }),
        }
    }
}

/// Says what is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// One trace.
    Trace(genspan::TraceId),
    /// What began before a moment, in microseconds since the Unix epoch.
    Before(i64),
    /// Everything.
    All,
}

/// Counts what was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Traces.
    pub traces: u64,
    /// Spans.
    pub spans: u64,
    /// Log records.
    pub log_records: u64,
    /// Requests of metrics.
    pub metrics: u64,
}

/// Counts what was taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// The spans, log records or data points that are safe on disk; one that was there already counts.
    pub accepted: u64,
    /// Those that cannot be kept, whenever they are sent.
    pub rejected: u64,
    /// Why; empty where nothing was rejected.
    pub reason: String,
}
