//! Calls under OpenTelemetry's own context.

use std::sync::Arc;

use genspan::{Conventions, Provider, Rendering, Telemetry, semconv::attribute};
use genspan_http::{Recorder, RecorderOptions};
use genspan_otel::OtelSink;
use opentelemetry::{
    Context, Value,
    context::FutureExt,
    trace::{SpanId, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use testkit::{CaptureSink, provider::Script};

use crate::{
    fronts::{Front, Read, ask},
    rig::{Ask, LIMIT, Rig},
};

struct Application {
    rig: Rig,
    tracers: SdkTracerProvider,
    spans: InMemorySpanExporter,
}

impl Application {
    fn new() -> Self {
        let mut rig = Rig::over(Script::scenarios(), CaptureSink::new(Rendering::default()));
        let spans = InMemorySpanExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .build();
        let sink = OtelSink::builder(Rendering::new(Conventions::V1_41));
        let sink = sink.with_tracer_provider(&tracers).build();
        rig.telemetry = Telemetry::builder(Arc::new(sink)).build();
        rig.recorder = Recorder::new(rig.telemetry.clone(), RecorderOptions::default());
        Self {
            rig,
            tracers,
            spans,
        }
    }

    fn spans(&self) -> Vec<SpanData> {
        assert!(self.rig.recorder.settle(LIMIT));
        assert!(self.rig.telemetry.flush(LIMIT).is_complete());
        self.spans.get_finished_spans().unwrap()
    }
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let mut found = spans.iter().filter(|span| span.name == name);
    found.next().unwrap_or_else(|| panic!("no {name}"))
}

fn value(span: &SpanData, key: &str) -> Option<Value> {
    let mut found = span.attributes.iter().filter(|it| it.key.as_str() == key);
    let value = found.next().map(|it| it.value.clone());
    assert!(found.next().is_none(), "{key} stands twice");
    value
}

#[tokio::test]
async fn a_hand_made_span_is_enriched_also_below_spans_of_the_application() {
    for front in Front::RECORDED {
        let application = Application::new();
        let rig = &application.rig;
        let call = rig.telemetry.chat(Provider::OPENAI, "my-model");
        // The client is faster than the worker.
        let blocked = rig.block_worker();
        let work = async {
            let tracer = application.tracers.tracer("application");
            let step = Context::current_with_span(tracer.start("step"));
            for _ in 0..2 {
                let it = Ask::chat("retry-429");
                let asking = ask(front, rig, &it, Read::All);
                asking.with_context(step.clone()).await.unwrap();
            }
        };
        call.scope().within(work).await;
        drop(blocked);
        call.finish();
        let spans = application.spans();
        assert_eq!(spans.len(), 2, "{front:?}: {spans:?}");
        let call = named(&spans, "chat my-model");
        let step = named(&spans, "step");
        assert_eq!(step.parent_span_id, call.span_context.span_id());
        assert_eq!(
            value(call, attribute::GENSPAN_ATTEMPTS),
            Some(Value::I64(2))
        );
        let tokens = value(call, attribute::GEN_AI_USAGE_INPUT_TOKENS);
        assert_eq!(tokens, Some(Value::I64(12)));
    }
}

#[tokio::test]
async fn calls_are_children_of_the_applications_span() {
    for front in Front::RECORDED {
        let application = Application::new();
        let tracer = application.tracers.tracer("application");
        let step = Context::current_with_span(tracer.start("step"));
        let it = Ask::streamed("text");
        let asking = ask(front, &application.rig, &it, Read::All);
        asking.with_context(step.clone()).await.unwrap();
        step.span().end();
        let spans = application.spans();
        assert_eq!(spans.len(), 2);
        let call = named(&spans, "chat gpt-test");
        assert_ne!(call.parent_span_id, SpanId::INVALID);
        let step = named(&spans, "step").span_context.span_id();
        assert_eq!(call.parent_span_id, step, "{front:?}");
    }
}
