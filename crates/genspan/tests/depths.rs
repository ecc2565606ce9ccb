//! One call seen at more than two depths.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{sync::Arc, time::Duration};

use genspan::{
    Capture, Conventions, Counts, ErrorType, Failure, Inference, Open, Outcome, Place, Provider,
    Record, Rendering, ResponseFetch, Scope, StartOptions, Telemetry, Usage, Value,
    semconv::attribute as key,
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

const LONG: Duration = Duration::from_secs(10);

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
    let sink = CaptureSink::new(rendering);
    let clock = ManualClock::default().stepping(Duration::from_millis(10));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .build();
    (sink, telemetry)
}

fn spans(sink: &CaptureSink, telemetry: &Telemetry) -> Vec<CapturedSpan> {
    assert!(telemetry.shutdown(LONG).is_complete());
    sink.spans()
}

fn chat() -> Inference {
    Inference::chat(Provider::OPENAI, "gpt-4o-mini")
}

/// What instrumentation further in learns of a call.
fn seen_on_the_wire() -> Record {
    let mut seen = chat();
    seen.request.temperature = Some(0.5);
    seen.response.id = Some("chatcmpl-wire".to_owned());
    seen.response.finish_reasons = vec!["stop".to_owned()];
    seen.usage = Usage::inclusive(Counts {
        input: Some(9),
        output: Some(3),
        ..Counts::default()
    })
    .0;
    seen.into()
}

#[test]
fn a_call_seen_three_times_is_one_span_whichever_ends_last() {
    for inner_ends_last in [false, true] {
        let (sink, telemetry) = recorder();
        let begin = |within: Scope| within.run(|| telemetry.open(chat(), StartOptions::default()));
        let call = telemetry.start(chat());
        let layer = begin(call.scope());
        let failure = Failure::new(ErrorType::RateLimited).with_status(429);
        begin(layer.scope()).close(chat().into(), Outcome::Failed(failure));
        let transport = begin(layer.scope());
        assert!(layer.is_contribution() && transport.is_contribution());
        assert!(!begin(layer.scope()).is_contribution(), "a second at once");
        let said = |layer: Open| {
            let mut record = chat();
            record.request.seed = Some(7);
            layer.close(record.into(), Outcome::Completed);
        };
        let seen = |transport: Open| transport.close(seen_on_the_wire(), Outcome::Completed);
        if inner_ends_last {
            said(layer);
            call.finish();
            seen(transport);
        } else {
            seen(transport);
            said(layer);
            call.finish();
        }
        let spans = spans(&sink, &telemetry);
        let signals = &spans.last().unwrap().signals;
        assert_eq!(spans.len(), 2, "the call, and the second at once");
        for (attribute, value) in [
            (key::GEN_AI_RESPONSE_ID, Value::from("chatcmpl-wire")),
            (key::GEN_AI_REQUEST_SEED, Value::Int(7)),
            (key::GENSPAN_ATTEMPTS, Value::Int(2)),
        ] {
            assert_eq!(signals.get(attribute), Some(&value));
        }
        assert_eq!(signals.span_events.len(), 1);
    }
}

#[test]
fn what_one_between_does_not_say_reaches_the_call_all_the_same() {
    let (sink, telemetry) = recorder();
    let begin = |within: Scope| within.run(|| telemetry.open(chat(), StartOptions::default()));
    let call = telemetry.start(chat());
    let layer = begin(call.scope());
    let transport = begin(layer.scope());
    drop(layer);
    call.finish();
    transport.close(seen_on_the_wire(), Outcome::Completed);
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert_eq!(
        spans[0].signals.get(key::GEN_AI_RESPONSE_ID),
        Some(&Value::from("chatcmpl-wire"))
    );
}

/// Opens the owner of a call who knows nothing, and what sees an attempt within it.
fn attempted(telemetry: &Telemetry) -> (Open, impl Fn() -> Open + use<>) {
    let call = telemetry.open(chat(), StartOptions::default());
    let (scope, telemetry) = (call.scope(), telemetry.clone());
    let begin = move || scope.run(|| telemetry.open(chat(), StartOptions::default()));
    (call, begin)
}

fn refused() -> Outcome {
    Outcome::Failed(Failure::new(ErrorType::RateLimited).with_status(429))
}

fn error_type(span: &CapturedSpan) -> Option<&str> {
    span.signals.get(key::ERROR_TYPE).and_then(Value::as_str)
}

#[test]
fn an_owner_who_knows_nothing_ends_as_the_last_contribution_does() {
    for is_first_to_end in [true, false] {
        let (sink, telemetry) = recorder();
        let (call, begin) = attempted(&telemetry);
        begin().close(chat().into(), refused());
        let last = begin();
        let seen = |last: Open| last.close(seen_on_the_wire(), Outcome::Completed);
        if is_first_to_end {
            call.close_as_contributed();
            assert_eq!(sink.spans().len(), 0, "it waits");
            seen(last);
        } else {
            seen(last);
            call.close_as_contributed();
        }
        let spans = spans(&sink, &telemetry);
        assert_eq!(spans.len(), 1);
        let signals = &spans[0].signals;
        assert_eq!(signals.get(key::GENSPAN_ATTEMPTS), Some(&Value::Int(2)));
        let id = signals.get(key::GEN_AI_RESPONSE_ID);
        assert_eq!(id, Some(&Value::from("chatcmpl-wire")));
        assert_eq!(
            (signals.span_events.len(), error_type(&spans[0])),
            (1, None)
        );
    }
}

#[test]
fn its_end_is_that_of_the_contribution_and_not_the_owners_own() {
    let (sink, telemetry) = recorder();
    let (call, begin) = attempted(&telemetry);
    let attempt = begin();
    let at = telemetry.now();
    attempt.close_at(seen_on_the_wire(), Outcome::Cancelled, at);
    call.close_as_contributed();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans[0].ended, at);
    assert_eq!(error_type(&spans[0]), Some("cancelled"));
}

#[test]
fn a_call_of_which_nobody_has_a_word_to_say_is_forgotten() {
    let (sink, telemetry) = recorder();
    let (call, begin) = attempted(&telemetry);
    begin().discard();
    call.close_as_contributed();
    assert_eq!(spans(&sink, &telemetry).len(), 0);
    assert_eq!(sink.measurements().len(), 0);
}

#[test]
fn what_is_still_read_at_a_shutdown_is_cancelled() {
    let (sink, telemetry) = recorder();
    let (call, begin) = attempted(&telemetry);
    begin().close(chat().into(), refused());
    let under_way = begin();
    call.close_as_contributed();
    let spans = spans(&sink, &telemetry);
    drop(under_way);
    assert_eq!(spans.len(), 1);
    assert_eq!(error_type(&spans[0]), Some("cancelled"));
    assert_eq!(spans[0].signals.span_events.len(), 1, "the refused attempt");
}

#[test]
fn an_attempt_that_failed_before_a_call_ended_otherwise_is_an_event() {
    let (sink, telemetry) = recorder();
    for outcome in [
        Outcome::Cancelled,
        Outcome::Failed(Failure::new(ErrorType::Timeout)),
        refused(),
    ] {
        let (call, begin) = attempted(&telemetry);
        begin().close(chat().into(), refused());
        call.close(chat().into(), outcome);
    }
    let seen: Vec<_> = spans(&sink, &telemetry)
        .iter()
        .map(|span| {
            let error = error_type(span).map(str::to_owned);
            (error, span.signals.span_events.len())
        })
        .collect();
    let expected = [("cancelled", 1), ("timeout", 1), ("rate_limited", 0)];
    assert_eq!(
        seen,
        expected.map(|(error, events)| (Some(error.to_owned()), events))
    );
}

#[test]
fn the_reading_of_a_stored_response_is_one_span_too() {
    let (sink, telemetry) = recorder();
    let fetch = || ResponseFetch::new(Provider::OPENAI, "resp_1");
    let record = |it: ResponseFetch| Record::ResponseFetch(Box::new(it));
    let begin = || telemetry.open(record(fetch()), StartOptions::default());
    let call = begin();
    let seen = ResponseFetch {
        response_model: Some("gpt-4o-mini".to_owned()),
        ..fetch()
    };
    let attempt = call.scope().run(begin);
    attempt.close(record(seen), Outcome::Completed);
    call.close(record(fetch()), Outcome::Completed);
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert_eq!(
        spans[0].signals.get(key::GEN_AI_RESPONSE_MODEL),
        Some(&Value::from("gpt-4o-mini"))
    );
}
