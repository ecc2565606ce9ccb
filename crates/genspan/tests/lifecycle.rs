//! Every way an operation can end gives one span, one duration point and the right outcome.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use genspan::{
    Active, Conventions, ErrorType, Failure, Inference, Outcome, Parent, Provider, QueueLimits,
    Record, Rendering, StartOptions, Telemetry, ToolExecution, Value,
    semconv::{Metric, attribute},
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

const TIMEOUT: Duration = Duration::from_secs(10);

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(10)));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(clock)
        .build();
    (sink, telemetry)
}

fn chat() -> Inference {
    Inference::chat(Provider::OPENAI, "gpt-4o-mini")
}

/// Runs one ending and gives the one span that it must leave.
fn ending(end: impl FnOnce(&Telemetry, Active<Inference>)) -> CapturedSpan {
    let (sink, telemetry) = recorder();
    let mut call = telemetry.start(chat());
    call.response.id = Some("chatcmpl-1".to_owned());
    end(&telemetry, call);
    let report = telemetry.shutdown(TIMEOUT);
    assert!(report.is_complete(), "{report}");
    let durations = sink
        .measurements()
        .iter()
        .filter(|point| point.metric == Metric::ClientOperationDuration)
        .count();
    assert_eq!(durations, 1, "one duration point");
    let spans = sink.spans();
    assert_eq!(spans.len(), 1, "one span");
    spans[0].clone()
}

fn error_type(span: &CapturedSpan) -> Option<String> {
    assert_eq!(
        span.signals.is_error,
        span.signals.get(attribute::ERROR_TYPE).is_some()
    );
    span.signals
        .get(attribute::ERROR_TYPE)
        .map(|value| value.as_str().unwrap().to_owned())
}

#[test]
fn finished() {
    let span = ending(|_, call| call.finish());
    assert_eq!(error_type(&span), None);
    assert_eq!(
        span.signals.get(attribute::GEN_AI_RESPONSE_ID),
        Some(&Value::from("chatcmpl-1"))
    );
}

#[test]
fn failed() {
    let span = ending(|_, call| call.fail(Failure::new(ErrorType::RateLimited).with_status(429)));
    assert_eq!(error_type(&span).as_deref(), Some("rate_limited"));
    assert_eq!(span.signals.status_message, "HTTP 429");
}

#[test]
fn dropped() {
    let span = ending(|_, call| drop(call));
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
    assert!(
        span.signals.get(attribute::GEN_AI_RESPONSE_ID).is_some(),
        "what was filled in stays"
    );
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
fn open_at_shutdown() {
    let span = ending(|telemetry, call| {
        drop(telemetry.shutdown(TIMEOUT));
        call.finish();
    });
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
    assert_eq!(
        span.signals.get(attribute::GEN_AI_REQUEST_MODEL),
        Some(&Value::from("gpt-4o-mini"))
    );
}

#[test]
fn started_after_shutdown_is_not_recorded() {
    let (sink, telemetry) = recorder();
    drop(telemetry.shutdown(TIMEOUT));
    telemetry.start(chat()).finish();
    assert!(sink.spans().is_empty());
}

#[test]
fn discarded_leaves_nothing() {
    let (sink, telemetry) = recorder();
    telemetry
        .open(Record::from(chat()), StartOptions::default())
        .discard();
    drop(telemetry.shutdown(TIMEOUT));
    assert!(sink.spans().is_empty() && sink.measurements().is_empty());
}

#[test]
fn the_last_holder_on_another_thread_ends_it() {
    let span = ending(|_, call| std::thread::spawn(move || drop(call)).join().unwrap());
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

#[test]
fn unsampled_operations_are_measured() {
    let sink = CaptureSink::unsampled(Rendering::default());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let call = telemetry.start(chat());
    assert!(!call.is_recording());
    call.finish();
    assert!(sink.spans().is_empty());
    assert_eq!(sink.measurements().len(), 1);
}

#[test]
fn operations_nest_under_the_current_span_and_under_named_ones() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.start(genspan::AgentInvocation::new("planner"));
    let attached = agent.scope().enter();
    telemetry.start(chat()).finish();
    drop(attached);
    let options = StartOptions {
        parent: Parent::Span(agent.context().clone()),
        ..StartOptions::default()
    };
    telemetry
        .start_with(ToolExecution::new("search"), options)
        .finish();
    telemetry.start(chat()).finish();
    let agent_id = agent.context().span_id;
    agent.finish();
    drop(telemetry.shutdown(TIMEOUT));
    let parents: Vec<_> = sink
        .spans()
        .iter()
        .map(|span| span.parent.as_ref().map(|parent| parent.span_id))
        .collect();
    assert_eq!(parents, [Some(agent_id), Some(agent_id), None, None]);
}

#[test]
fn a_full_queue_costs_content_first_and_says_so() {
    let sink = CaptureSink::new(Rendering::default());
    let limits = QueueLimits {
        bytes: 1000,
        items: 1000,
    };
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_queue(limits)
        .build();
    let mut tool = telemetry.start(ToolExecution::new("read"));
    tool.result = Value::String("x".repeat(100_000));
    tool.finish();
    let report = telemetry.shutdown(TIMEOUT);
    assert_eq!((report.lost_content, report.lost_operations), (1, 0));
    assert_eq!(report.to_string(), "1 operations without their content");
    let diagnostics = sink.spans()[0]
        .signals
        .get(attribute::GENSPAN_DIAGNOSTICS)
        .cloned();
    assert_eq!(diagnostics, Some(Value::from(vec!["content_dropped"])));
}

#[test]
fn a_panic_in_the_sinks_hook_costs_content_alone() {
    let rendering = Rendering::default().with_hook(Arc::new(|_| panic!("a broken hook")));
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    telemetry.start(chat()).finish();
    telemetry.start(chat()).end_as(Outcome::Completed);
    assert!(telemetry.flush(TIMEOUT).is_complete());
    assert_eq!(sink.spans().len(), 2);
}

#[test]
fn work_is_done_in_order_and_refused_after_shutdown() {
    let (_, telemetry) = recorder();
    let (sender, receiver) = std::sync::mpsc::channel();
    for n in 0..100 {
        let sender = sender.clone();
        telemetry
            .submit(1, move || sender.send(n).unwrap())
            .unwrap();
    }
    assert!(telemetry.flush(TIMEOUT).is_complete());
    assert_eq!(
        receiver.try_iter().collect::<Vec<_>>(),
        (0..100).collect::<Vec<_>>()
    );
    drop(telemetry.shutdown(TIMEOUT));
    assert!(telemetry.submit(1, || ()).is_err());
}
