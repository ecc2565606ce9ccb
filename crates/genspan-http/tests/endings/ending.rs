//! The ways to end, and what is to come of each.

use genspan::{Value, semconv::attribute};
use testkit::{CaptureSink, CapturedSpan};

use crate::stream::Stream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    WithUsage,
    WithoutUsage,
    Closed,
    Cut,
    ErrorEvent,
    Timeout,
    Cancelled,
}

impl Ending {
    pub(crate) const ALL: [Self; 7] = [
        Self::WithUsage,
        Self::WithoutUsage,
        Self::Closed,
        Self::Cut,
        Self::ErrorEvent,
        Self::Timeout,
        Self::Cancelled,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::WithUsage => "read whole, usage stated",
            Self::WithoutUsage => "read whole, none stated",
            Self::Closed => "closed early",
            Self::Cut => "cut by the server",
            Self::ErrorEvent => "error event",
            Self::Timeout => "timeout",
            Self::Cancelled => "task cancelled",
        }
    }

    /// The error that the span names.
    pub(crate) const fn error_type(self, stream: &Stream) -> Option<&'static str> {
        match self {
            Self::WithUsage | Self::WithoutUsage => None,
            Self::Closed | Self::Cancelled => Some("cancelled"),
            Self::Cut => Some("connection_lost"),
            Self::ErrorEvent => Some(stream.error_type),
            Self::Timeout => Some("timeout"),
        }
    }
}

/// The tokens that a span tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) input: bool,
    pub(crate) output: bool,
    pub(crate) is_estimated: bool,
}

/// Gives what the one span tells, once it is sure that there is one and that it ended as it should.
pub(crate) fn told(sink: &CaptureSink, ending: Ending, stream: &Stream) -> Told {
    let context = format!("{}, {ending:?}", stream.name);
    let spans = sink.spans();
    assert_eq!(spans.len(), 1, "{context}: {}", testkit::tree(&spans));
    let span = &spans[0];
    let error = span
        .signals
        .get(attribute::ERROR_TYPE)
        .and_then(Value::as_str);
    assert_eq!(error, ending.error_type(stream), "{context}");
    assert_eq!(span.signals.is_error, error.is_some(), "{context}");
    let is_duration = |name: &str| name == "gen_ai.client.operation.duration";
    let durations = sink
        .measurements()
        .iter()
        .filter(|it| is_duration(it.metric.name()))
        .count();
    assert_eq!(durations, 1, "{context}");
    let has = |key| span.signals.get(key).is_some();
    Told {
        input: has(attribute::GEN_AI_USAGE_INPUT_TOKENS),
        output: has(attribute::GEN_AI_USAGE_OUTPUT_TOKENS),
        is_estimated: is_estimated(span),
    }
}

fn is_estimated(span: &CapturedSpan) -> bool {
    span.signals.get(attribute::GENSPAN_USAGE_ESTIMATED) == Some(&Value::Bool(true))
}
