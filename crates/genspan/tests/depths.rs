//! One call seen at more than two depths.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{sync::Arc, time::Duration};

use genspan::{
    Capture, Conventions, Counts, ErrorType, Failure, Inference, Open, Outcome, Place, Provider,
    Record, Rendering, Scope, StartOptions, Telemetry, Usage, Value, semconv::attribute as key,
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
