//! The process's global providers: who has them, who gets them, who finds nothing.
//!
//! All of it is one test, since it is one process: each step begins with what the one before left.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../init/arrivals.rs"]
#[expect(dead_code, reason = "other tests read more of what arrives")]
mod arrivals;

use std::{collections::HashMap, time::Duration};

use genspan::Provider;
use genspan_otel::{Builder, Guard, InitError, NoProvider};
use opentelemetry::{
    Context, KeyValue, global,
    trace::{TraceContextExt, Tracer},
};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider,
    trace::{Sampler, SdkTracerProvider},
};
use testkit::collector::Collector;

use arrivals::Arrivals;

const LONG: Duration = Duration::from_secs(3600);

fn to(collector: &Collector) -> Builder {
    genspan_otel::builder()
        .with_environment(|_| None)
        .with_destination(format!("http://{}", collector.address))
}

#[test]
fn globals() {
    nobody_set_any();
    another_version_set_its_own();
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    everybody_records_through_them(&guard, &collector);
    they_are_not_taken_twice(&collector);
    an_application_s_own_serve(&guard, &collector);
    assert!(guard.shutdown(LONG).is_complete());
    nobody_set_any();
    an_application_s_own_are_left_alone();
}

fn nobody_set_any() {
    assert_eq!(
        genspan_otel::from_globals().unwrap_err(),
        NoProvider::Tracer
    );
    let loggers = SdkLoggerProvider::builder().build();
    let error = genspan_otel::from_globals_with_logs(&loggers).unwrap_err();
    assert_eq!(error, NoProvider::Tracer);
}

/// The application set its providers up with a version that shares nothing with ours.
fn another_version_set_its_own() {
    let provider = opentelemetry_sdk_0_32::trace::SdkTracerProvider::builder().build();
    opentelemetry_0_32::global::set_tracer_provider(provider);
    let probe = opentelemetry_0_32::trace::Tracer::start(
        &opentelemetry_0_32::global::tracer("app"),
        "theirs",
    );
    let theirs = opentelemetry_0_32::trace::Span::span_context(&probe);
    assert!(theirs.is_valid(), "the other version records");
    let error = genspan_otel::from_globals().unwrap_err();
    insta::assert_snapshot!(error, @"`opentelemetry` 0.33 has no global tracer provider, so nothing would be recorded: either none was set before this call (set one, or use `genspan_otel::init`), or the one that was set belongs to another version of `opentelemetry`, with which 0.33 shares nothing; `cargo tree --invert opentelemetry` shows the versions in this program and who brings them");
}

/// Code that knows only the `opentelemetry` crate, and ours, in one trace.
fn everybody_records_through_them(guard: &Guard, collector: &Collector) {
    let mut headers = HashMap::new();
    global::tracer("app::web").in_span("GET /", |context| {
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut headers)
        });
        guard.telemetry().chat(Provider::OPENAI, "m").finish();
    });
    assert!(headers["traceparent"].ends_with("-01"), "{headers:?}");
    let counter = global::meter("app::web").u64_counter("requests").build();
    counter.add(1, &[KeyValue::new("route", "/")]);
    assert!(guard.flush(LONG).is_complete());
    let arrivals = Arrivals::of(collector);
    let (own, ours) = (arrivals.span("GET /"), arrivals.span("chat m"));
    assert_eq!(arrivals.spans.len(), 2);
    assert_eq!(
        (own.scope.name.as_str(), ours.scope.name.as_str()),
        ("app::web", "genspan")
    );
    assert_eq!(ours.item.parent_span_id, own.item.span_id);
    assert_eq!(
        arrivals.metric_counts(),
        [("gen_ai.client.operation.duration", 1), ("requests", 1)]
    );
}

fn they_are_not_taken_twice(collector: &Collector) {
    let error = to(collector).init().unwrap_err();
    assert!(matches!(error, InitError::GlobalsTaken));
    insta::assert_snapshot!(error, @"this program has a global tracer provider already, which `init` would replace: record through it with `genspan_otel::from_globals()`, or leave it alone with `builder().without_globals()`");
    // Beside them it works.
    assert!(to(collector).without_globals().init().is_ok());
}

/// What knows an application's providers only as the globals finds them.
fn an_application_s_own_serve(guard: &Guard, collector: &Collector) {
    let telemetry = genspan_otel::from_globals().unwrap();
    telemetry.chat(Provider::OPENAI, "by-globals").finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    assert!(guard.flush(LONG).is_complete());
    let arrivals = Arrivals::of(collector);
    assert_eq!(arrivals.span_names(), ["chat by-globals"]);
}

/// Looking for providers records nothing with them.
fn an_application_s_own_are_left_alone() {
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOn)
        .build();
    global::set_tracer_provider(provider);
    let collector = Collector::taking();
    assert!(matches!(
        to(&collector).init(),
        Err(InitError::GlobalsTaken)
    ));
    let span = global::tracer("app").start("still theirs");
    let context = Context::new().with_span(span);
    assert!(context.span().is_recording());
}
