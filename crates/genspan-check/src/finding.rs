//! What a rule has to say.

use serde::Serialize;

/// Says what is wrong at one place, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The rule, a word with dashes.
    pub rule: &'static str,
    /// Where it was found.
    pub place: Place,
    /// The key or name that it is about; empty where there is none.
    pub subject: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// Grades a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The conventions forbid it.
    Violation,
    /// The conventions allow it, but it could be better.
    Advice,
}

impl Level {
    /// Names the level as reports do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Advice => "advice",
        }
    }
}

/// Locates a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The file, as it was named to the checker.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line in the file, from 1; of a document of several lines the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What kind of thing it is about.
    pub signal: Signal,
    /// The name of the span, event or metric.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The id of the span.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub span_id: String,
}

/// Names the kind of thing that a finding is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The file itself.
    #[default]
    File,
    /// A resource or its scope.
    Resource,
    /// A span.
    Span,
    /// An event on a span.
    SpanEvent,
    /// A log record.
    Log,
    /// A metric.
    Metric,
}

impl Signal {
    /// Names the kind for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Resource => "resource",
            Self::Span => "span",
            Self::SpanEvent => "event on a span",
            Self::Log => "log record",
            Self::Metric => "metric",
        }
    }
}
