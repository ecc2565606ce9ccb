//! Contexts under spans of which only ids are known, and their W3C headers.

use genspan::{Carrier, SpanContext, SpanId, TraceId};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt, trace::TraceContextExt};

use super::{live_roots, place};
use crate::context::{to_otel, with_current};

/// Gives a context under a span that was handed on as a W3C `traceparent`; `None` where that is not valid.
///
/// It is read strictly (32 and 16 lower-case digits) and needs no propagator. [`context_from_carrier`] reads
/// `tracestate` and baggage as well.
#[must_use]
pub fn context_from_traceparent(traceparent: &str) -> Option<Context> {
    let span = SpanContext::from_traceparent(traceparent, None)?;
    Some(under(span))
}

/// Gives a context under a span that was written down, with its `tracestate` and its baggage as far as allowed.
#[must_use]
pub fn context_from_carrier(carrier: &Carrier, allowed: &[&str]) -> Option<Context> {
    let context = under(carrier.context()?);
    let members = carrier.members(allowed);
    if members.is_empty() {
        return Some(context);
    }
    let members = members
        .into_iter()
        .map(|(key, value)| KeyValue::new(key, value));
    Some(context.with_baggage(members))
}

/// Gives a context under the span of these ids.
///
/// Where that is the span of a run that is live here, what runs in it is the run's own, and sampled as the
/// run is. Ids alone do not say whether their span is sampled: it is taken to be.
/// [`remote_parent_context_with_sampling`], or better a whole [`Carrier`], says so.
#[must_use]
pub fn remote_parent_context(trace_id_hex: &str, span_id_hex: &str) -> Option<Context> {
    remote_parent_context_with_sampling(trace_id_hex, span_id_hex, true)
}

/// Gives a context under the span of these ids, which is sampled or not.
#[must_use]
pub fn remote_parent_context_with_sampling(
    trace_id_hex: &str,
    span_id_hex: &str,
    sampled: bool,
) -> Option<Context> {
    Some(under(named(trace_id_hex, span_id_hex, sampled)?))
}

/// Writes the W3C `traceparent` of the span of these ids, with the true flag of a run that is live here.
#[must_use]
pub fn traceparent_from_ids(trace_id_hex: &str, span_id_hex: &str) -> Option<String> {
    traceparent_from_ids_with_sampling(trace_id_hex, span_id_hex, true)
}

/// Writes the W3C `traceparent` of the span of these ids, which is sampled or not.
#[must_use]
pub fn traceparent_from_ids_with_sampling(
    trace_id_hex: &str,
    span_id_hex: &str,
    sampled: bool,
) -> Option<String> {
    let span = named(trace_id_hex, span_id_hex, sampled)?;
    let known = live(&span).and_then(|scope| scope.context().cloned());
    Some(known.unwrap_or(span).to_traceparent())
}

fn named(trace_id_hex: &str, span_id_hex: &str, sampled: bool) -> Option<SpanContext> {
    let span = SpanContext {
        trace_id: TraceId::from_hex(trace_id_hex)?,
        span_id: SpanId::from_hex(span_id_hex)?,
        sampled,
        trace_state: String::new(),
    };
    span.is_valid().then_some(span)
}

/// Gives the scope of the run that is live here and whose span this is.
fn live(span: &SpanContext) -> Option<genspan::Scope> {
    live_roots(&place::telemetry()?).scope_of(span)
}

fn under(span: SpanContext) -> Context {
    let current = with_current(Context::clone).unwrap_or_default();
    let outer = place::scope();
    let scope = match live(&span) {
        Some(scope) => Some(scope),
        None => outer
            .as_ref()
            .map(|outer| outer.telemetry().scope_under(span.clone())),
    };
    let truly = scope.as_ref().and_then(|scope| scope.context()).cloned();
    let context = current.with_remote_span_context(to_otel(&truly.unwrap_or(span), true));
    match scope {
        Some(scope) => {
            let outside = outer.and_then(|outer| outer.context().cloned());
            context.with_value(place::Within::new(scope, outside))
        }
        None => context,
    }
}
