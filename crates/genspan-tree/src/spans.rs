//! What is shown of spans, read from OTLP/JSON lines.

mod read;

use std::time::Duration;

use genspan::Money;

pub use read::{ReadSpans, is_model_call, read};

/// Holds what is shown of one span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanFacts {
    /// The trace's id in hexadecimal digits.
    pub trace_id: String,
    /// The span's id in hexadecimal digits.
    pub span_id: String,
    /// The id of the span it stands within; empty where there is none.
    pub parent_id: String,
    /// The span's name.
    pub name: String,
    /// When it began, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// When it ended, in nanoseconds since the Unix epoch.
    pub end: u64,
    /// How long the first chunk of a streamed answer took to come.
    pub first_chunk: Option<Duration>,
    /// The tokens of the call.
    pub tokens: Tokens,
    /// Whether it is one call to a model, and not an agent or a tool.
    pub is_model_call: bool,
    /// What it cost, where that is known.
    pub cost: Option<Spent>,
    /// The calls within an agent whose cost is not known, so that its own lacks them.
    pub unpriced_calls: u64,
    /// Why each choice ended, in the provider's words.
    pub finish_reasons: Vec<String>,
    /// The class of the error; `error` where none is stated.
    pub error: Option<String>,
}

/// Holds the tokens of a call, as far as they are stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens of the input, cached ones included.
    pub input: Option<u64>,
    /// The part of the input that came from a cache.
    pub cached: Option<u64>,
    /// Tokens of the output, reasoning included.
    pub output: Option<u64>,
}

/// Holds an amount that was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The amount, in units of the currency.
    pub amount: Money,
    /// The currency by its code of three letters.
    pub currency: String,
}

/// Holds the spans of one trace, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The trace's id in hexadecimal digits.
    pub id: String,
    /// Its spans, ordered by start; never empty.
    pub spans: Vec<SpanFacts>,
}

impl SpanFacts {
    /// Gives how long it took.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        Duration::from_nanos(self.end.saturating_sub(self.start))
    }
}

impl Trace {
    /// Gives when its earliest known span began.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.start)
    }
}

/// Sorts spans into traces, the earliest first; of a span that came twice the later one stands.
#[must_use]
pub fn into_traces(spans: Vec<SpanFacts>) -> Vec<Trace> {
    let mut spans: Vec<_> = spans.into_iter().enumerate().collect();
    spans.sort_by(|(one_at, one), (other_at, other)| {
        (&one.trace_id, &one.span_id, other_at).cmp(&(&other.trace_id, &other.span_id, one_at))
    });
    spans.dedup_by(|(_, later), (_, kept)| {
        // Spans without an id are not known to be the same.
        !kept.span_id.is_empty()
            && (&later.trace_id, &later.span_id) == (&kept.trace_id, &kept.span_id)
    });
    let mut traces: Vec<Trace> = Vec::new();
    for (_, span) in spans {
        match traces.last_mut() {
            Some(trace) if trace.id == span.trace_id => trace.spans.push(span),
            _ => traces.push(Trace {
                id: span.trace_id.clone(),
                spans: vec![span],
            }),
        }
    }
    for trace in &mut traces {
        // An operation that holds others began no later than they did and ended no earlier.
        trace.spans.sort_by(|one, other| {
            (one.start, other.end, &one.span_id).cmp(&(other.start, one.end, &other.span_id))
        });
    }
    traces.sort_by(|one, other| (one.start(), &one.id).cmp(&(other.start(), &other.id)));
    traces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace: &str, id: &str, start: u64) -> SpanFacts {
        SpanFacts {
            trace_id: trace.to_owned(),
            span_id: id.to_owned(),
            start,
            end: start + 1,
            ..SpanFacts::default()
        }
    }

    #[test]
    fn traces_and_their_spans_stand_in_the_order_of_time() {
        let traces = into_traces(vec![
            span("b", "1", 5),
            span("a", "3", 9),
            span("b", "2", 4),
            span("a", "4", 7),
        ]);
        let ids: Vec<_> = traces
            .iter()
            .flat_map(|trace| trace.spans.iter().map(|span| span.span_id.as_str()))
            .collect();
        assert_eq!(ids, ["2", "1", "4", "3"]);
    }

    #[test]
    fn a_span_that_came_twice_is_shown_as_it_came_last() {
        let traces = into_traces(vec![
            span("a", "1", 5),
            span("a", "1", 6),
            span("a", "", 7),
            span("a", "", 7),
        ]);
        let starts: Vec<_> = traces[0].spans.iter().map(|span| span.start).collect();
        assert_eq!(starts, [6, 7, 7]);
    }
}
