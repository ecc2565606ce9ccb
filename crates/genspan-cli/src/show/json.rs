//! Spans for other programs: one a line, in the words of the web UI's API.

use std::io::{self, Write};

use genspan_store::read::{FoundSpan, SpanRow};
use genspan_tree::{SpanFacts, Trace};
use serde::Serialize;

/// Holds what an OTLP file tells of a span, as far as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileSpan<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent_id: &'a str,
    name: &'a str,
    start_micros: u64,
    duration_micros: u128,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_first_chunk_micros: Option<u128>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    finish_reasons: &'a [String],
}

#[derive(Serialize)]
struct Cost<'a> {
    amount: String,
    currency: &'a str,
}

impl<'a> From<&'a SpanFacts> for FileSpan<'a> {
    fn from(span: &'a SpanFacts) -> Self {
        Self {
            trace_id: &span.trace_id,
            span_id: &span.span_id,
            parent_id: &span.parent_id,
            name: &span.name,
            start_micros: span.start / 1_000,
            duration_micros: span.duration().as_micros(),
            status: if span.error.is_some() { "error" } else { "ok" },
            error_type: span.error.as_deref(),
            input_tokens: span.tokens.input,
            cached_tokens: span.tokens.cached,
            output_tokens: span.tokens.output,
            cost: span.cost.as_ref().map(|cost| Cost {
                amount: cost.amount.to_string(),
                currency: &cost.currency,
            }),
            time_to_first_chunk_micros: span.first_chunk.map(|time| time.as_micros()),
            finish_reasons: &span.finish_reasons,
        }
    }
}

fn line(out: &mut impl Write, span: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, span)?;
    writeln!(out)
}

/// Writes the spans of traces that were read from a file, in the order of their starts.
pub(super) fn file(out: &mut impl Write, traces: &[Trace]) -> io::Result<()> {
    let mut spans = traces.iter().flat_map(|trace| &trace.spans);
    spans.try_for_each(|span| line(out, &FileSpan::from(span)))
}

/// Writes the spans of a trace of the store.
pub(super) fn stored(out: &mut impl Write, trace: &genspan_store::read::Trace) -> io::Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct StoredSpan<'a> {
        trace_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        service: Option<&'a str>,
        #[serde(flatten)]
        span: &'a SpanRow,
    }
    trace.spans.iter().try_for_each(|span| {
        let stored = StoredSpan {
            trace_id: &trace.trace.trace_id,
            service: trace.trace.service.as_deref(),
            span,
        };
        line(out, &stored)
    })
}

/// Writes a span that was looked for.
pub(crate) fn found(out: &mut impl Write, span: &FoundSpan) -> io::Result<()> {
    line(out, span)
}
