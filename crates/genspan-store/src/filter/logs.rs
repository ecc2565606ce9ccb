//! Which log records and metrics are looked for.

use std::str::FromStr;

use genspan::TraceId;

use crate::Error;

/// Says which log records are wanted; all that is stated must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Words in the name, the body or the attributes, each anywhere and in any case; those in double quotes side by side.
    pub text: Option<String>,
    /// The program that said so, by `service.name`.
    pub service: Option<String>,
    /// The event's name.
    pub name: Option<String>,
    /// The least severity; records without one are none of it.
    pub severity: Option<Severity>,
    /// A conversation, or a session of an agent, by id.
    pub conversation: Option<String>,
    /// A trace.
    pub trace: Option<TraceId>,
    /// Whether only those are wanted that belong to no trace.
    pub is_alone: bool,
    /// The earliest moment, in microseconds since the Unix epoch.
    pub since_micros: Option<i64>,
    /// The moment before which it was, in microseconds since the Unix epoch.
    pub until_micros: Option<i64>,
}

/// Says which metrics are wanted; all that is stated must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFilter {
    /// A part of the name or of the description, in any case.
    pub text: Option<String>,
    /// The metric's whole name.
    pub name: Option<String>,
    /// The program that measured, by `service.name`.
    pub service: Option<String>,
    /// The earliest moment, in microseconds since the Unix epoch.
    pub since_micros: Option<i64>,
    /// The moment before which it was, in microseconds since the Unix epoch.
    pub until_micros: Option<i64>,
}

/// Says how serious what a log record tells is, as OpenTelemetry groups it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The finest.
    Trace,
    /// For those who look for a mistake.
    Debug,
    /// Something happened.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot go on.
    Fatal,
}

impl Severity {
    const ALL: [Self; 6] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
        Self::Fatal,
    ];

    /// Reads OTLP's number; `None` where it says nothing.
    pub(crate) const fn of(number: i32) -> Option<Self> {
        Some(match number {
            1..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 => Self::Info,
            13..=16 => Self::Warn,
            17..=20 => Self::Error,
            21..=24 => Self::Fatal,
            _ => return None,
        })
    }

    /// Gives its name as it is written and read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

impl FromStr for Severity {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let known = Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word);
        known.ok_or_else(|| Error::Invalid {
            what: format!(
                "severity `{word}`: expected `trace`, `debug`, `info`, `warn`, `error` or `fatal`"
            ),
        })
    }
}
