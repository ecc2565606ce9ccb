//! The layer beside `tracing-opentelemetry`, over one SDK.

use std::sync::Arc;

use genspan::{Rendering, Telemetry};
use genspan_otel::OtelSink;
use opentelemetry::trace::{SpanId, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::{Span, field::Empty, info_span};
use tracing_subscriber::{Layer, layer::SubscriberExt};

struct Spans(Vec<SpanData>);

impl Spans {
    fn get(&self, name: &str) -> &SpanData {
        let mut found = self.0.iter().filter(|span| span.name == name);
        let span = found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {:#?}", self.0));
        assert_eq!(found.count(), 0, "{name} is there twice");
        span
    }

    fn is_under(&self, child: &str, parent: &str) -> bool {
        let (child, parent) = (self.get(child), self.get(parent));
        child.parent_span_id == parent.span_context.span_id()
            && child.span_context.trace_id() == parent.span_context.trace_id()
    }
}

/// Runs work under both, and gives what an exporter gets.
fn spans(activation: bool, work: impl FnOnce(&Telemetry)) -> Spans {
    let memory = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(memory.clone())
        .build();
    let sink = OtelSink::builder(Rendering::default())
        .with_tracer_provider(&tracers)
        .build();
    let telemetry = Telemetry::builder(Arc::new(sink)).inline().build();
    let bridge = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("application"))
        .with_context_activation(activation)
        .with_filter(genspan_tracing::others());
    let subscriber = tracing_subscriber::registry()
        .with(genspan_tracing::layer(&telemetry))
        .with(bridge);
    let listening = testkit::listen(subscriber);
    work(&telemetry);
    drop(listening);
    Spans(memory.get_finished_spans().unwrap())
}

fn chat(model: &str) -> Span {
    info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = model,
        gen_ai.usage.input_tokens = Empty
    )
}

#[test]
fn each_span_comes_out_once_and_under_its_parent() {
    let spans = spans(true, |telemetry| {
        info_span!("request").in_scope(|| {
            let call = chat("m");
            call.in_scope(|| {
                info_span!("connect").in_scope(|| {
                    telemetry.execute_tool("by-hand").finish();
                    drop(chat("inner"));
                });
            });
            call.record("gen_ai.usage.input_tokens", 12_u64);
        });
    });
    assert!(spans.is_under("chat m", "request"));
    assert!(spans.is_under("connect", "chat m"));
    assert!(spans.is_under("execute_tool by-hand", "connect"));
    assert_eq!(spans.0.len(), 4, "the inner call adds to the outer one");
    let call = spans.get("chat m");
    assert_eq!(call.span_kind, opentelemetry::trace::SpanKind::Client);
    let mut attributes = call.attributes.iter();
    let count = attributes.find(|one| one.key.as_str() == "gen_ai.usage.input_tokens");
    assert_eq!(count.map(|one| &one.value), Some(&12_i64.into()));
}

#[test]
fn an_error_in_an_operation_is_not_one_of_the_span_around_it() {
    let spans = spans(true, |_| {
        info_span!("request").in_scope(|| {
            chat("m").in_scope(|| tracing::error!("no"));
            tracing::info!("well");
        });
    });
    let request = spans.get("request");
    assert_eq!(request.status, opentelemetry::trace::Status::Unset);
    assert_eq!(request.events.len(), 1);
    assert!(matches!(
        spans.get("chat m").status,
        opentelemetry::trace::Status::Error { .. }
    ));
}

/// What the bridge makes of an explicit parent that it does not see, and of contexts that it does not activate; the
/// crate's page says so.
#[test]
fn the_bridge_does_not_find_parents_that_are_no_spans_of_its_own() {
    let explicit = spans(true, |_| {
        info_span!("request").in_scope(|| {
            let call = chat("m");
            info_span!(parent: &call, "connect").in_scope(|| {});
        });
    });
    let connect = explicit.get("connect");
    assert_eq!(connect.parent_span_id, SpanId::INVALID);
    let inactive = spans(false, |_| {
        info_span!("request").in_scope(|| {
            chat("m").in_scope(|| info_span!("connect").in_scope(|| {}));
        });
    });
    assert!(inactive.is_under("connect", "request"));
    assert_eq!(inactive.get("chat m").parent_span_id, SpanId::INVALID);
}
