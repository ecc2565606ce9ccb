//! Traces for other programs: one a line.

use std::io::{self, Write};

use serde::Serialize;

use genspan_tree::{SpanFacts, Trace};

#[derive(Serialize)]
struct JsonTrace<'a> {
    trace_id: &'a str,
    spans: Vec<JsonSpan<'a>>,
}

/// Leaves out what is not known.
#[derive(Serialize)]
struct JsonSpan<'a> {
    span_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent_span_id: &'a str,
    name: &'a str,
    start_unix_nanos: u64,
    duration_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_first_chunk_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    unpriced_calls: u64,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    finish_reasons: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'a str>,
}

impl<'a> From<&'a SpanFacts> for JsonSpan<'a> {
    fn from(span: &'a SpanFacts) -> Self {
        Self {
            span_id: &span.span_id,
            parent_span_id: &span.parent_id,
            name: &span.name,
            start_unix_nanos: span.start,
            duration_seconds: span.duration().as_secs_f64(),
            time_to_first_chunk_seconds: span.first_chunk.map(|time| time.as_secs_f64()),
            input_tokens: span.tokens.input,
            cached_input_tokens: span.tokens.cached,
            output_tokens: span.tokens.output,
            cost: span.cost.as_ref().map(|cost| cost.amount.as_f64()),
            currency: span.cost.as_ref().map(|cost| cost.currency.as_str()),
            unpriced_calls: span.unpriced_calls,
            finish_reasons: &span.finish_reasons,
            error_type: span.error.as_deref(),
        }
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands references over"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Writes each trace as one line of JSON, spans in the order of their starts.
pub(super) fn write(out: &mut impl Write, traces: &[Trace]) -> io::Result<()> {
    for trace in traces {
        let spans = trace.spans.iter().map(JsonSpan::from).collect();
        serde_json::to_writer(
            &mut *out,
            &JsonTrace {
                trace_id: &trace.id,
                spans,
            },
        )?;
        writeln!(out)?;
    }
    Ok(())
}
