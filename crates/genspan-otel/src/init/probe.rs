//! Whether OpenTelemetry's globals lead anywhere.

use opentelemetry::{
    Context, global,
    trace::{
        Span, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
        Tracer,
    },
};

/// Tells whether this version's global tracer provider is the one that does nothing.
///
/// Where telemetry is suppressed, the SDK's tracer gives a span without a context, and the one that
/// does nothing still hands its parent's context on. Nothing is recorded either way.
pub(super) fn is_global_tracer_noop() -> bool {
    is_noop(&global::tracer("genspan"))
}

fn is_noop(tracer: &impl Tracer) -> bool {
    let parent = SpanContext::new(
        TraceId::from(1),
        SpanId::from(1),
        TraceFlags::NOT_SAMPLED,
        true,
        TraceState::NONE,
    );
    let context = Context::new()
        .with_remote_span_context(parent.clone())
        .with_telemetry_suppressed();
    let span = tracer.build_with_context(SpanBuilder::from_name("genspan"), &context);
    *span.span_context() == parent
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{TracerProvider, noop::NoopTracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};

    use super::*;

    #[test]
    fn the_sdk_s_is_told_from_the_one_that_does_nothing() {
        assert!(is_noop(&NoopTracerProvider::new().tracer("t")));
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_simple_exporter(exporter.clone())
            .build();
        assert!(!is_noop(&provider.tracer("t")));
        assert_eq!(exporter.get_finished_spans().unwrap(), []);
    }
}
