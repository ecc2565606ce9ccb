//! OpenTelemetry's context: which span is current in it, and what is being recorded there.

mod baggage;

use std::panic::{AssertUnwindSafe, catch_unwind};

use genspan::{Marker, Scope, Value};
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    baggage::{BaggageExt, KeyValueMetadata},
    trace::{SpanContext, TraceContextExt, TraceState},
};

pub(crate) use self::baggage::Allowed;

/// Keeps a scope of ours in OpenTelemetry's context, wherever that goes.
struct Carried {
    marker: Marker,
    /// The allowed baggage that the marker's facts know of, one for each allowed key.
    told: Vec<Option<String>>,
}

/// Gives the scope that is current in OpenTelemetry's context.
///
/// Work that was handed on with OpenTelemetry's own means, such as `FutureExt::with_current_context`,
/// finds here what it runs within; [`Scope::current`] knows only scopes entered on this thread.
///
/// ```
/// fn agent_name(name: &str) {
///     if let Some(scope) = genspan_otel::current() {
///         scope.telemetry().invoke_agent(name).finish();
///     }
/// }
/// # agent_name("travel");
/// ```
#[must_use]
pub fn current() -> Option<Scope> {
    let telemetry = with_current(|context| {
        let carried = context.get::<Carried>()?;
        Some(carried.marker.telemetry().clone())
    });
    match telemetry.flatten() {
        Some(telemetry) => Some(telemetry.scope()),
        None => Scope::current(),
    }
}

/// Finds an attribute that holds in the scope which a context keeps.
pub(crate) fn fact(context: &Context, key: &str) -> Option<Value> {
    let carried = context.get::<Carried>()?;
    carried.marker.attribute(key).cloned()
}

/// Says to the operation in whose scope a span begins that it must stay.
pub(crate) fn build_on(context: &Context) {
    if let Some(carried) = context.get::<Carried>() {
        carried.marker.build_on();
    }
}

/// Looks at the current context; `None` on a thread that is being torn down and has none.
///
/// What looks must not change the context: it is borrowed meanwhile.
pub(crate) fn with_current<T>(look: impl FnOnce(&Context) -> T) -> Option<T> {
    // The API panics where the thread's own data is gone, and telemetry must not.
    catch_unwind(AssertUnwindSafe(|| Context::map_current(look))).ok()
}

/// Gives a context without a span, but with the baggage that is there.
pub(crate) fn outside(context: &Context) -> Context {
    let baggage = context.baggage();
    if baggage.is_empty() {
        Context::new()
    } else {
        let members = baggage.iter();
        let members = members.map(|(key, (value, metadata))| {
            KeyValueMetadata::new(key.clone(), value.clone(), metadata.clone())
        });
        Context::new().with_baggage(members.collect::<Vec<_>>())
    }
}

/// Gives a context under a span of which only the ids are known.
pub(crate) fn under(context: Context, span: &genspan::SpanContext) -> Context {
    if !span.is_valid() {
        return outside(&context);
    }
    let is_current = {
        let current = context.span();
        let current = current.span_context();
        current.span_id().to_bytes() == span.span_id.0
            && current.trace_id().to_bytes() == span.trace_id.0
    };
    if is_current {
        context
    } else {
        context.with_remote_span_context(to_otel(span, true))
    }
}

/// Gives the context's span, `None` where there is none.
pub(crate) fn span_of(context: &Context) -> Option<genspan::SpanContext> {
    if !context.has_active_span() {
        return None;
    }
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| from_otel(span))
}

/// Reads OpenTelemetry's words for where a span stands.
pub(crate) fn from_otel(span: &SpanContext) -> genspan::SpanContext {
    genspan::SpanContext {
        trace_id: genspan::TraceId(span.trace_id().to_bytes()),
        span_id: genspan::SpanId(span.span_id().to_bytes()),
        sampled: span.is_sampled(),
        trace_state: span.trace_state().header(),
    }
}

/// Says in OpenTelemetry's words where a span stands; a malformed `tracestate` is left out, as
/// propagators do.
pub(crate) fn to_otel(span: &genspan::SpanContext, is_remote: bool) -> SpanContext {
    let state = if span.trace_state.is_empty() {
        TraceState::NONE
    } else {
        span.trace_state.parse().unwrap_or_default()
    };
    SpanContext::new(
        TraceId::from_bytes(span.trace_id.0),
        SpanId::from_bytes(span.span_id.0),
        flags(span),
        is_remote,
        state,
    )
}

/// Says whether a span's trace is sampled.
pub(crate) fn flags(span: &genspan::SpanContext) -> TraceFlags {
    TraceFlags::default().with_sampled(span.sampled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace_state: &str) -> genspan::SpanContext {
        genspan::SpanContext {
            trace_id: genspan::TraceId([1; 16]),
            span_id: genspan::SpanId([2; 8]),
            sampled: true,
            trace_state: trace_state.to_owned(),
        }
    }

    #[test]
    fn a_span_context_survives_both_ways() {
        for state in ["", "vendor=1,other=a:b"] {
            let other = to_otel(&span(state), true);
            assert!(other.is_remote() && other.is_sampled());
            assert_eq!(from_otel(&other), span(state));
        }
        let unsampled = genspan::SpanContext {
            sampled: false,
            ..span("")
        };
        assert_eq!(from_otel(&to_otel(&unsampled, false)), unsampled);
    }

    #[test]
    fn a_malformed_trace_state_costs_only_itself() {
        assert_eq!(from_otel(&to_otel(&span("no list"), false)), span(""));
    }

    #[test]
    fn the_current_span_itself_is_not_taken_for_a_remote_one() {
        let local = Context::new().with_remote_span_context(to_otel(&span(""), false));
        let within = under(local, &span(""));
        assert!(!within.span().span_context().is_remote());
        let elsewhere = under(Context::new(), &span(""));
        assert!(elsewhere.span().span_context().is_remote());
    }
}
