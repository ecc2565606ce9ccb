#![allow(missing_docs, clippy::all, clippy::disallowed_methods, clippy::print_stdout, reason = "temporary")]
use std::{sync::Arc, time::{Duration, Instant}};
use genspan::*;
use genspan_otel::OtelSink;
use opentelemetry::{Context, KeyValue, trace::{Span as _, SpanKind as Kind, Tracer, TracerProvider, TraceContextExt}};
use opentelemetry_sdk::{error::OTelSdkResult, trace::{SdkTracerProvider, SpanData, SpanProcessor}};
#[derive(Debug)]
struct Noop;
impl SpanProcessor for Noop {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {}
    fn on_end(&self, span: SpanData) { std::hint::black_box(&span); }
    fn force_flush(&self) -> OTelSdkResult { Ok(()) }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult { Ok(()) }
}
fn main() {
    let n: usize = 2000;
    let provider = SdkTracerProvider::builder().with_span_processor(Noop).build();
    let tracer = provider.tracer("bare");
    let sink = Arc::new(OtelSink::builder(Rendering::default()).with_tracer_provider(&provider).build());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    let mut best = [f64::MAX; 5];
    let model = std::hint::black_box("gpt-4o-mini".to_owned());
    let rounds: usize = std::env::args().nth(1).map_or(300, |a| a.parse().unwrap());
    let only: Option<usize> = std::env::args().nth(2).map(|a| a.parse().unwrap());
    let start = || Start { at: Timestamp::from_unix_nanos(1_700_000_000_000_000_000), parent: Parent::Current, identity: None, kind: SpanKind::Client,
        name: format!("chat {model}"), links: vec![],
        attributes: vec![StartAttribute{key:"gen_ai.operation.name", value: StartValue::Text("chat".into())},
          StartAttribute{key:"gen_ai.provider.name", value: StartValue::Text("openai".into())},
          StartAttribute{key:"gen_ai.request.model", value: StartValue::Text(model.clone().into())}] };
    for _ in 0..rounds {
        for k in 0..5 {
            if only.is_some_and(|o| o != k) { continue; }
            let mut held = Vec::with_capacity(n);
            let mut spans = Vec::with_capacity(n);
            let began = Instant::now();
            for _ in 0..n {
                match k {
                    0 => {
                        let mut span = tracer.span_builder(format!("chat {model}")).with_kind(Kind::Client).with_attributes([
                            KeyValue::new("gen_ai.operation.name", "chat"),
                            KeyValue::new("gen_ai.provider.name", "openai"),
                            KeyValue::new("gen_ai.request.model", model.clone())]).start(&tracer);
                        span.end();
                    }
                    1 => { telemetry.chat(Provider::OPENAI, model.as_str()).finish(); }
                    2 => { held.push(sink.start(start())); }
                    3 => { std::hint::black_box(start()); }
                    _ => {
                        let span = tracer.span_builder(format!("chat {model}")).with_kind(Kind::Client).with_start_time(std::time::SystemTime::UNIX_EPOCH).with_attributes([
                            KeyValue::new("gen_ai.operation.name", "chat"),
                            KeyValue::new("gen_ai.provider.name", "openai"),
                            KeyValue::new("gen_ai.request.model", model.clone())]).start(&tracer);
                        spans.push(Context::current_with_span(span));
                    }
                }
            }
            let took = began.elapsed().as_nanos() as f64 / n as f64;
            if took < best[k] { best[k] = took; }
            if k == 1 { let _ = telemetry.flush(Duration::from_secs(5)); }
        }
    }
    for (what, ns) in ["bare span start+end", "telemetry.chat().finish()", "sink.start (with building Start)", "building Start alone", "bare start into a Context"].iter().zip(best) {
        println!("{what:40} {ns:7.0} ns  {:.2}x", ns / best[0]);
    }
}
