//! `OTEL_PROPAGATORS`.

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use super::environment::{Environment, Notes};

const PROPAGATORS: &str = "OTEL_PROPAGATORS";

/// Reads which propagators carry context in and out; W3C's trace context and baggage unless stated.
pub(super) fn from_environment(
    environment: &Environment,
    notes: &mut Notes,
) -> TextMapCompositePropagator {
    let stated = environment.get(PROPAGATORS);
    let mut names: Vec<&str> = Vec::new();
    for name in stated
        .as_deref()
        .unwrap_or("tracecontext,baggage")
        .split(',')
    {
        let name = name.trim();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let mut propagators: Vec<Box<dyn TextMapPropagator + Send + Sync>> = Vec::new();
    for name in names {
        match name {
            "tracecontext" => propagators.push(Box::new(TraceContextPropagator::new())),
            "baggage" => propagators.push(Box::new(BaggagePropagator::new())),
            "none" => {}
            _ => notes.add(
                PROPAGATORS,
                format_args!(
                    "`{name}` is not supported and passed over; known are `tracecontext`, `baggage` \
                     and `none`"
                ),
            ),
        }
    }
    TextMapCompositePropagator::new(propagators)
}
