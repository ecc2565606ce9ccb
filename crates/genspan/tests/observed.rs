//! Streams of answers, in every way they can end.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt, Stream, StreamExt, stream};
use genspan::{
    Conventions, Inference, Provider, Rendering, Telemetry, Value,
    semconv::{Metric, attribute as key},
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

#[derive(Debug)]
struct Chunk(Option<&'static str>);

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("canary")
    }
}

impl std::error::Error for Broken {}

type Item = Result<Chunk, Broken>;

/// Observes a stream of these items, reads it in the given way, and gives its span.
fn span(
    items: Vec<Item>,
    read: impl FnOnce(&mut (dyn Stream<Item = Item> + Unpin)),
) -> CapturedSpan {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let clock = ManualClock::default().stepping(Duration::from_millis(10));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .build();
    let call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
    let mut observed = Box::pin(call.observe(stream::iter(items), |call, chunk: &Chunk| {
        call.response
            .finish_reasons
            .extend(chunk.0.map(str::to_owned));
    }));
    // The one who reads may panic; the operation ends all the same.
    let _ = catch_unwind(AssertUnwindSafe(|| read(&mut observed)));
    drop(observed);
    assert!(telemetry.shutdown(Duration::from_secs(10)).is_complete());
    let durations = sink
        .measurements()
        .iter()
        .filter(|point| point.metric == Metric::ClientOperationDuration)
        .count();
    assert_eq!(durations, 1);
    let mut spans = sink.spans();
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

fn error_type(span: &CapturedSpan) -> Option<&str> {
    span.signals.get(key::ERROR_TYPE).and_then(Value::as_str)
}

fn next(stream: &mut (dyn Stream<Item = Item> + Unpin)) -> Option<Item> {
    stream.next().now_or_never().unwrap()
}

#[test]
fn read_to_its_end() {
    let span = span(vec![Ok(Chunk(None)), Ok(Chunk(Some("stop")))], |stream| {
        assert_eq!(stream.size_hint(), (2, Some(2)));
        while next(stream).is_some() {}
        assert!(next(stream).is_none());
    });
    assert_eq!(error_type(&span), None);
    assert_eq!(
        span.signals.get(key::GEN_AI_RESPONSE_FINISH_REASONS),
        Some(&Value::Array(vec![Value::from("stop")]))
    );
    assert_eq!(
        span.signals.get(key::GEN_AI_REQUEST_STREAM),
        Some(&Value::Bool(true))
    );
    let chunks = |metric| {
        span.signals
            .measurements
            .iter()
            .filter(|point| point.metric == metric)
            .count()
    };
    assert_eq!(chunks(Metric::ClientOperationTimeToFirstChunk), 1);
    assert_eq!(chunks(Metric::ClientOperationTimePerOutputChunk), 1);
}

#[test]
fn dropped_before_amid_and_after_the_last_word() {
    let items = || vec![Ok(Chunk(None)), Ok(Chunk(Some("stop"))), Ok(Chunk(None))];
    let after = |count: usize| {
        span(items(), |stream| {
            for _ in 0..count {
                assert!(next(stream).is_some());
            }
        })
    };
    assert_eq!(error_type(&after(0)), Some("cancelled"));
    assert_eq!(error_type(&after(1)), Some("cancelled"));
    assert_eq!(error_type(&after(2)), None);
}

#[test]
fn broken_by_an_error() {
    let span = span(vec![Ok(Chunk(None)), Err(Broken), Err(Broken)], |stream| {
        while next(stream).is_some() {}
    });
    assert_eq!(error_type(&span), Some("Broken"));
    assert!(
        !span.signals.status_message.contains("canary"),
        "an error's text is content"
    );
}

#[test]
fn left_by_a_panic() {
    let span = span(vec![Ok(Chunk(None))], |stream| {
        assert!(next(stream).is_some());
        panic!("the reader fails");
    });
    assert_eq!(error_type(&span), Some("cancelled"));
}

#[test]
fn a_note_that_panics_costs_the_note_alone() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    let call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
    let items: Vec<Item> = vec![Ok(Chunk(None)), Ok(Chunk(Some("stop")))];
    let observed = call.observe(stream::iter(items), |_, _: &Chunk| panic!("a bug"));
    assert_eq!(observed.count().now_or_never(), Some(2));
    assert!(telemetry.shutdown(Duration::from_secs(10)).is_complete());
    assert!(!sink.spans()[0].signals.is_error);
}
