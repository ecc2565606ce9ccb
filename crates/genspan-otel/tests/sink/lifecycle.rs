//! Every way an operation can end gives one span, one duration point and the right outcome.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use futures_util::{FutureExt, StreamExt, stream};
use genspan::{
    Active, Conventions, ErrorType, Failure, Inference, Provider, QueueLimits, Rendering,
    Telemetry,
    semconv::{Metric, attribute as key},
};
use genspan_otel::OtelSink;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{Sampler, SpanData};
use testkit::ManualClock;

use crate::rig::{Rig, TIMEOUT, Work, attribute};

fn rig() -> Rig {
    let rendering = Rendering::new(Conventions::V1_41);
    Rig::with(rendering, Sampler::AlwaysOn, Work::Worker, |sink| sink)
}

/// Runs one ending and gives the one span that it must leave.
fn ending(end: impl FnOnce(&Rig, Active<Inference>)) -> SpanData {
    let rig = rig();
    let mut call = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    call.response.id = Some("chatcmpl-1".to_owned());
    end(&rig, call);
    let report = rig.telemetry.shutdown(TIMEOUT);
    assert!(
        report.is_complete() && report.notes.is_empty(),
        "{report:?}"
    );
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 1);
    assert_eq!(rig.spans().len(), 1);
    rig.span("chat gpt-4o-mini")
}

fn error_type(span: &SpanData) -> Option<String> {
    let error = attribute(span, key::ERROR_TYPE).map(|error| error.as_str().into_owned());
    assert_eq!(error.is_some(), matches!(span.status, Status::Error { .. }));
    error
}

#[test]
fn finished() {
    let span = ending(|_, call| call.finish());
    assert_eq!(error_type(&span), None);
    assert_eq!(
        attribute(&span, key::GEN_AI_RESPONSE_ID),
        Some("chatcmpl-1".into())
    );
}

#[test]
fn failed() {
    let span = ending(|_, call| call.fail(Failure::new(ErrorType::RateLimited)));
    assert_eq!(error_type(&span).as_deref(), Some("rate_limited"));
}

#[test]
fn dropped_before_the_answer() {
    let span = ending(|_, call| drop(call));
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

/// A stream of which the first chunk comes, and no end.
fn chunks() -> impl futures_util::Stream<Item = Result<u8, std::fmt::Error>> {
    stream::iter([Ok(1)]).chain(stream::pending())
}

#[test]
fn dropped_in_the_middle_of_a_stream() {
    let span = ending(|_, call| {
        let mut answer = Box::pin(call.observe(chunks(), |_, _: &u8| {}));
        assert!(answer.next().now_or_never().is_some());
        assert!(answer.next().now_or_never().is_none());
    });
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

#[test]
fn a_stream_that_came_to_its_end() {
    let span = ending(|_, call| {
        let chunks = stream::iter([Ok::<_, std::fmt::Error>(1)]);
        let answer = pin!(call.observe(chunks, |_, _| {}));
        assert_eq!(answer.count().now_or_never(), Some(1));
    });
    assert_eq!(error_type(&span), None);
}

#[test]
fn dropped_by_a_panic() {
    let span = ending(|_, call| {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _call = call;
            panic!("the application's own");
        }));
        assert!(caught.is_err());
    });
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

#[test]
fn open_when_the_recorder_is_shut_down() {
    let span = ending(|rig, call| {
        assert!(rig.telemetry.shutdown(TIMEOUT).is_complete());
        call.finish();
    });
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

#[test]
fn started_after_the_recorder_was_shut_down() {
    let rig = rig();
    assert!(rig.telemetry.shutdown(TIMEOUT).is_complete());
    rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
    assert!(rig.spans().is_empty());
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 0);
}

#[test]
fn providers_shut_down_first_are_told_of() {
    let rig = rig();
    let open = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    rig.tracers.shutdown().unwrap();
    rig.loggers.shutdown().unwrap();
    open.finish();
    let late = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    assert!(!late.is_recording());
    late.finish();
    let report = rig.telemetry.shutdown(TIMEOUT);
    // The span that was open is the SDK's loss, which it does not tell; the later one is known.
    assert_eq!(report.undelivered, 1);
    insta::assert_snapshot!(report.notes.join("\n"), @"1 span found no tracer provider: OpenTelemetry's was shut down before, or never set");
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 2);
}

#[test]
fn an_operation_that_the_queue_has_no_room_for_is_no_success() {
    let rig = rig();
    let sink = OtelSink::builder(Rendering::default())
        .with_tracer_provider(&rig.tracers)
        .build();
    let telemetry = Telemetry::builder(std::sync::Arc::new(sink))
        .with_clock(std::sync::Arc::new(ManualClock::default()))
        .with_queue(QueueLimits { bytes: 0, items: 0 })
        .build();
    telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
    let report = telemetry.shutdown(TIMEOUT);
    assert_eq!(report.lost_operations, 1);
    let span = rig.span("chat gpt-4o-mini");
    assert_eq!(attribute(&span, "genspan.discarded"), Some(true.into()));
}

#[test]
fn a_provider_that_is_not_ours_stays_open() {
    let rig = rig();
    rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
    assert!(rig.telemetry.shutdown(TIMEOUT).is_complete());
    use opentelemetry::trace::{Tracer, TracerProvider};
    drop(rig.tracers.tracer("application").start("later"));
    assert_eq!(rig.span("later").name, "later");
}
