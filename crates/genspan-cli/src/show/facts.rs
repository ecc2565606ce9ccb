//! What the store knows of a span, as trees show it.

use std::time::Duration;

use genspan::Money;
use genspan_store::read::SpanRow;
use genspan_tree::{SpanFacts, Spent, Tokens, Trace};

/// Gives what is shown of a span.
pub(crate) fn facts(trace_id: &str, span: &SpanRow) -> SpanFacts {
    let start = u64::try_from(span.start_micros).unwrap_or_default();
    let error = (span.status != "ok").then(|| match &span.error_type {
        Some(error) => error.clone(),
        None => span.status.to_owned(),
    });
    let cost = span.cost.as_ref().and_then(|cost| {
        Some(Spent {
            amount: cost.amount.parse::<Money>().ok()?,
            currency: cost.currency.clone(),
        })
    });
    SpanFacts {
        trace_id: trace_id.to_owned(),
        span_id: span.span_id.clone(),
        parent_id: span.parent_id.clone().unwrap_or_default(),
        name: span.name.clone(),
        start: start.saturating_mul(1_000),
        end: start
            .saturating_add(span.duration_micros)
            .saturating_mul(1_000),
        first_chunk: span.time_to_first_chunk_micros.map(Duration::from_micros),
        tokens: Tokens {
            input: span.tokens.input,
            cached: span.tokens.cached,
            output: span.tokens.output,
        },
        is_model_call: matches!(span.kind, "chat" | "embeddings"),
        cost,
        unpriced_calls: 0,
        finish_reasons: span.finish_reasons.clone(),
        error,
    }
}

/// Gives a trace as trees show it.
pub(crate) fn tree(trace: &genspan_store::read::Trace) -> Trace {
    let id = &trace.trace.trace_id;
    Trace {
        id: id.clone(),
        spans: trace.spans.iter().map(|span| facts(id, span)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use genspan_store::read::Amount;

    use super::*;

    #[test]
    fn a_span_of_the_store_is_shown_with_all_its_figures() {
        let span = SpanRow {
            span_id: "b".to_owned(),
            name: "chat m".to_owned(),
            kind: "chat",
            start_micros: 5,
            duration_micros: 7,
            status: "cancelled",
            cost: Some(Amount {
                amount: "0.25".to_owned(),
                currency: "USD".to_owned(),
            }),
            ..SpanRow::default()
        };
        let facts = facts("a", &span);
        assert_eq!((facts.start, facts.end), (5_000, 12_000));
        assert_eq!(facts.error.as_deref(), Some("cancelled"));
        assert_eq!(facts.cost.unwrap().amount.to_string(), "0.25");
        assert!(facts.is_model_call);
    }
}
