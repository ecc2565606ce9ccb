//! How it ends.

use std::{sync::mpsc, time::Duration};

use genspan::Provider;
use opentelemetry::{
    metrics::MeterProvider,
    trace::{Span, Tracer, TracerProvider},
};
use testkit::collector::{Collector, Reply};

use crate::{LONG, arrivals::Arrivals, to};

#[test]
fn dropping_the_guard_delivers() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    drop(guard);
    let arrivals = Arrivals::of(&collector);
    assert_eq!((arrivals.spans.len(), arrivals.metrics.len()), (1, 1));
}

#[test]
fn a_second_end_only_reports() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    assert_eq!(guard.shutdown(LONG), guard.shutdown(LONG));
    guard.telemetry().chat(Provider::OPENAI, "late").finish();
    assert!(guard.flush(LONG).is_complete());
    drop(guard);
    assert_eq!(Arrivals::of(&collector).span_names(), ["chat m"]);
}

#[test]
fn it_may_be_done_inside_of_runtimes() {
    let runtimes = [
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build(),
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build(),
    ];
    for runtime in runtimes {
        let collector = Collector::taking();
        runtime.unwrap().block_on(async {
            let guard = to(&collector).init().unwrap();
            guard.telemetry().chat(Provider::OPENAI, "flushed").finish();
            assert!(guard.flush(LONG).is_complete());
            tokio::task::yield_now().await;
            guard.telemetry().chat(Provider::OPENAI, "dropped").finish();
            drop(guard);
        });
        assert_eq!(
            Arrivals::of(&collector).span_names(),
            ["chat flushed", "chat dropped"]
        );
    }
}

#[test]
fn a_runtime_that_is_gone_is_not_missed() {
    let collector = Collector::taking();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let guard = runtime.block_on(async { to(&collector).init().unwrap() });
    drop(runtime);
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    assert!(guard.shutdown(LONG).is_complete());
    assert_eq!(Arrivals::of(&collector).span_names(), ["chat m"]);
}

#[test]
fn what_is_open_is_ended_or_told() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let _call = guard.telemetry().chat(Provider::OPENAI, "m");
    let mut own = guard.tracer_provider().tracer("app").start("own");
    let report = guard.shutdown(LONG);
    own.end();
    assert_eq!(report.undelivered, 1, "{report}: {:?}", report.notes);
    assert_eq!(
        report.notes,
        ["1 span had begun and not ended when the providers were shut down"]
    );
    let arrivals = Arrivals::of(&collector);
    assert_eq!(arrivals.span_names(), ["chat m"]);
    assert_eq!(arrivals.metrics.len(), 1);
}

#[test]
fn providers_that_the_application_shuts_down_first_cost_what_is_told() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    guard.telemetry().chat(Provider::OPENAI, "before").finish();
    assert!(guard.flush(LONG).is_complete());
    let open = guard.telemetry().chat(Provider::OPENAI, "open");
    guard.tracer_provider().shutdown().unwrap();
    open.finish();
    let report = guard.shutdown(LONG);
    assert_eq!(report.undelivered, 1, "{report}: {:?}", report.notes);
    let arrivals = Arrivals::of(&collector);
    assert_eq!(arrivals.span_names(), ["chat before"]);
    let (_, last) = arrivals.metric_counts().pop().unwrap();
    assert_eq!(last, 2);
}

#[test]
fn a_callback_that_hangs_does_not_hold_up_the_end() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let meter = guard.meter_provider().meter("app");
    let _gauge = meter
        .u64_observable_gauge("g")
        .with_callback(move |_| assert!(released.lock().unwrap().recv().is_err()))
        .build();
    let report = guard.flush(Duration::ZERO);
    assert_eq!(
        report.notes,
        ["metrics could not be collected in time; a callback may hang"]
    );
    drop(release);
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    assert!(guard.shutdown(LONG).is_complete());
    assert_eq!(Arrivals::of(&collector).span_names(), ["chat m"]);
}

#[test]
fn no_time_at_all_is_told_and_not_exceeded() {
    let collector = Collector::new(|_, _| Reply::Broken);
    let guard = to(&collector).init().unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    let report = guard.flush(Duration::from_secs(5));
    assert_eq!(report.spooled, 2, "{report}");
    let report = guard.shutdown(Duration::ZERO);
    assert!(report.undelivered >= 2, "{report}: {:?}", report.notes);
}
