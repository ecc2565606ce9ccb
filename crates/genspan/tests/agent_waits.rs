//! An agent that ends before its own last call is read states that call's tokens all the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use genspan::{
    Amount, Clock, Conventions, Counts, Ended, Event, Handle, Inference, Measured, Open, Outcome,
    Provider, QueueLimits, Record, Rendering, Report, Sink, SpanContext, StartOptions, SystemClock,
    Telemetry, Timestamp, Usage, Value,
    semconv::{Metric, attribute as key},
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

const LONG: Duration = Duration::from_secs(10);

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    (sink, telemetry)
}

fn chat() -> Inference {
    Inference::chat(Provider::OPENAI, "gpt-4o-mini")
}

fn read() -> Record {
    let mut read = chat();
    read.usage = Usage::inclusive(Counts {
        input: Some(9),
        output: Some(3),
        ..Counts::default()
    })
    .0;
    read.into()
}

fn begin(telemetry: &Telemetry) -> Open {
    telemetry.open(chat(), StartOptions::default())
}

/// Gives the names of what was recorded, in order, each with its input tokens.
fn named(spans: &[CapturedSpan]) -> Vec<(&str, Option<i64>)> {
    let named = spans.iter().map(|span| {
        let tokens = match span.signals.get(key::GEN_AI_USAGE_INPUT_TOKENS) {
            Some(Value::Int(tokens)) => Some(*tokens),
            _ => None,
        };
        (span.signals.name.as_str(), tokens)
    });
    named.collect()
}

#[test]
fn an_agent_waits_for_what_is_still_read_of_its_own_calls() {
    for inline in [false, true] {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let builder = Telemetry::builder(Arc::clone(&sink) as _);
        let builder = if inline { builder.inline() } else { builder };
        let telemetry = builder.build();
        let outer = telemetry.invoke_agent("outer");
        let inner = outer.scope().run(|| telemetry.invoke_agent("inner"));
        let turn = inner.scope().run(|| telemetry.step("turn"));
        let call = turn.scope().run(|| telemetry.start(chat()));
        let wire = call.scope().run(|| begin(&telemetry));
        call.finish();
        turn.finish();
        inner.finish();
        outer.finish();
        assert!(telemetry.flush(LONG).is_complete());
        assert_eq!(named(&sink.spans()), [("turn", None)]);
        wire.close(read(), Outcome::Completed);
        assert!(telemetry.flush(LONG).is_complete());
        assert_eq!(
            named(&sink.spans())[1..],
            [
                ("chat gpt-4o-mini", Some(9)),
                ("invoke_agent inner", Some(9)),
                ("invoke_agent outer", None),
            ]
        );
    }
}

#[test]
fn an_agent_is_rendered_after_a_call_that_stands_behind_it_in_the_queue() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let call = agent.scope().run(|| telemetry.start(chat()));
    let wire = call.scope().run(|| begin(&telemetry));
    // The worker is busy, and then everything comes at once.
    let (go, gone) = mpsc::channel::<()>();
    telemetry
        .submit(0, move || gone.recv().unwrap_or_default())
        .unwrap();
    call.finish();
    agent.finish();
    wire.close(read(), Outcome::Completed);
    go.send(()).unwrap();
    assert!(telemetry.shutdown(LONG).is_complete());
    let expected = [("chat gpt-4o-mini", Some(9)), ("invoke_agent a", Some(9))];
    assert_eq!(named(&sink.spans()), expected);
}

#[test]
fn an_agent_does_not_wait_for_what_goes_on_without_it() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let call = agent.scope().run(|| telemetry.start(chat()));
    agent.finish();
    assert!(telemetry.flush(LONG).is_complete());
    assert_eq!(named(&sink.spans()), [("invoke_agent a", None)]);
    call.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    assert_eq!(sink.spans().len(), 2);
}

#[test]
fn an_agent_waits_for_what_ends_late_by_its_nature() {
    for is_discarded in [false, true] {
        let (sink, telemetry) = recorder();
        let agent = telemetry.invoke_agent("a");
        let options = StartOptions {
            awaited: true,
            ..StartOptions::default()
        };
        let call = agent.scope().run(|| telemetry.open(chat(), options));
        agent.finish();
        assert!(telemetry.flush(LONG).is_complete());
        assert_eq!(sink.spans().len(), 0);
        if is_discarded {
            call.discard();
        } else {
            call.close(read(), Outcome::Completed);
        }
        assert!(telemetry.flush(LONG).is_complete());
        let agent = ("invoke_agent a", (!is_discarded).then_some(9));
        assert_eq!(named(&sink.spans()).last(), Some(&agent));
    }
}

#[test]
fn a_shutdown_ends_the_wait() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let call = agent.scope().run(|| telemetry.start(chat()));
    let wire = call.scope().run(|| begin(&telemetry));
    call.finish();
    agent.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    wire.close(read(), Outcome::Completed);
    let expected = [("chat gpt-4o-mini", None), ("invoke_agent a", None)];
    assert_eq!(named(&sink.spans()), expected);
}

#[test]
fn a_shutdown_sums_up_what_it_cancels() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let calls = [(); 3].map(|()| agent.scope().run(|| telemetry.start(chat())));
    assert!(telemetry.shutdown(LONG).is_complete());
    drop((calls, agent));
    assert_eq!(sink.spans().len(), 4);
    let measured = sink.measurements();
    let calls = measured
        .iter()
        .find(|point| point.metric == Metric::InvokeAgentInferenceCalls);
    assert_eq!(calls.unwrap().amount, Amount::Count(3));
}

#[test]
fn a_call_that_found_no_room_keeps_no_agent_waiting() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let limits = QueueLimits {
        items: 8,
        ..QueueLimits::default()
    };
    let builder = Telemetry::builder(Arc::clone(&sink) as _).with_queue(limits);
    let telemetry = builder.build();
    let agent = telemetry.invoke_agent("a");
    let mut calls: Vec<_> = (0..20)
        .map(|_| agent.scope().run(|| telemetry.start(chat())))
        .collect();
    let last = calls.pop().unwrap();
    let (go, gone) = mpsc::channel::<()>();
    telemetry
        .submit(0, move || gone.recv().unwrap_or_default())
        .unwrap();
    for call in calls {
        call.finish();
    }
    go.send(()).unwrap();
    let lost = telemetry.flush(LONG).lost_operations;
    assert!(lost > 0);
    last.finish();
    agent.finish();
    let report = telemetry.shutdown(LONG);
    assert_eq!(report.lost_operations, lost);
    let recorded = u64::try_from(sink.spans().len()).unwrap();
    assert_eq!(recorded + lost, 21);
    assert_eq!(named(&sink.spans()).last().unwrap().0, "invoke_agent a");
}

/// Panics at the end of each call.
#[derive(Debug)]
struct Faulty(Arc<CaptureSink>);

impl Sink for Faulty {
    fn renderings(&self) -> &[Rendering] {
        self.0.renderings()
    }
    fn start(&self, start: genspan::Start) -> Handle {
        self.0.start(start)
    }
    fn finish(&self, handle: Handle, ended: Ended) {
        if ended.signals[0].name.starts_with("chat") {
            panic!("a sink's fault");
        }
        self.0.finish(handle, ended);
    }
    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        self.0.event(within, events);
    }
    fn measure(&self, measured: Vec<Measured>) {
        self.0.measure(measured);
    }
    fn flush(&self, timeout: Duration) -> Report {
        self.0.flush(timeout)
    }
    fn shutdown(&self, timeout: Duration) -> Report {
        self.0.shutdown(timeout)
    }
}

#[test]
fn a_call_whose_sink_panics_keeps_no_agent_waiting() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let faulty = Arc::new(Faulty(Arc::clone(&sink)));
    let telemetry = Telemetry::builder(faulty as _).build();
    let agent = telemetry.invoke_agent("a");
    let call = agent.scope().run(|| telemetry.start(chat()));
    let wire = call.scope().run(|| begin(&telemetry));
    call.finish();
    agent.finish();
    wire.close(read(), Outcome::Completed);
    let _: Report = telemetry.shutdown(LONG);
    assert_eq!(named(&sink.spans()), [("invoke_agent a", Some(9))]);
}

fn awaited() -> StartOptions {
    StartOptions {
        awaited: true,
        ..StartOptions::default()
    }
}

#[test]
fn what_gives_way_to_another_keeps_no_agent_waiting() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let elsewhere = telemetry.step("elsewhere");
    let told = StartOptions {
        told: true,
        ..awaited()
    };
    let heard = agent.scope().run(|| telemetry.open(chat(), told));
    let within = StartOptions {
        within: Some(elsewhere.scope()),
        ..StartOptions::default()
    };
    let call = heard.scope().run(|| telemetry.start_with(chat(), within));
    assert_eq!(heard.context(), call.context(), "it is the other one now");
    agent.finish();
    assert!(telemetry.flush(LONG).is_complete());
    assert_eq!(named(&sink.spans()), [("invoke_agent a", None)]);
}

#[test]
fn an_agent_waits_for_so_long_and_no_longer() {
    for inline in [false, true] {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let clock = Arc::new(ManualClock::default());
        let builder = Telemetry::builder(Arc::clone(&sink) as _);
        let builder = builder.with_clock(Arc::clone(&clock) as _);
        let builder = if inline { builder.inline() } else { builder };
        let telemetry = builder.build();
        let outer = telemetry.invoke_agent("outer");
        let inner = outer.scope().run(|| telemetry.invoke_agent("inner"));
        let stream = inner.scope().run(|| telemetry.open(chat(), awaited()));
        inner.finish();
        outer.finish();
        assert!(telemetry.flush(LONG).is_complete());
        clock.advance(Duration::from_millis(4_900));
        assert!(telemetry.flush(LONG).is_complete());
        assert_eq!(named(&sink.spans()), []);
        clock.advance(Duration::from_millis(200));
        assert!(telemetry.flush(LONG).is_complete());
        let agents = [("invoke_agent inner", None), ("invoke_agent outer", None)];
        assert_eq!(named(&sink.spans()), agents);
        stream.close(read(), Outcome::Completed);
        assert!(telemetry.shutdown(LONG).is_complete());
        let spans = sink.spans();
        assert_eq!(named(&spans)[2..], [("chat gpt-4o-mini", Some(9))]);
    }
}

#[test]
fn a_wait_ends_where_nothing_else_happens() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let fast = ManualClock::default().stepping(Duration::from_millis(4_900));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(fast))
        .build();
    let agent = telemetry.invoke_agent("a");
    let stream = agent.scope().run(|| telemetry.open(chat(), awaited()));
    agent.finish();
    let clock = SystemClock::default();
    let begun = clock.now();
    while sink.spans().is_empty() && clock.now().since(begun) < LONG {
        std::thread::yield_now();
    }
    assert_eq!(named(&sink.spans()), [("invoke_agent a", None)]);
    drop(stream);
}

#[test]
fn what_is_held_back_for_an_agent_may_end_when_it_waits() {
    for inline in [false, true] {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let builder = Telemetry::builder(Arc::clone(&sink) as _);
        // A clock that stands still: no wait ends because its time is over.
        let builder = builder.with_clock(Arc::new(ManualClock::default()));
        let builder = if inline { builder.inline() } else { builder };
        let telemetry = builder.build();
        let held = Arc::new(Mutex::new(None::<Open>));
        let holding = Arc::clone(&held);
        let registered = telemetry.when_agents_wait(move || {
            let ended = holding.lock().unwrap().take_if(|it| it.has_agent_ended());
            if let Some(call) = ended {
                call.close(read(), Outcome::Completed);
            }
        });
        let outer = telemetry.invoke_agent("outer");
        let inner = outer.scope().run(|| telemetry.invoke_agent("inner"));
        let call = inner.scope().run(|| telemetry.open(chat(), awaited()));
        assert!(!call.has_agent_ended());
        *held.lock().unwrap() = Some(call);
        inner.finish();
        outer.finish();
        assert!(telemetry.flush(LONG).is_complete());
        let expected = [
            ("chat gpt-4o-mini", Some(9)),
            ("invoke_agent inner", Some(9)),
            ("invoke_agent outer", None),
        ];
        assert_eq!(named(&sink.spans()), expected);
        drop(registered);
        assert_eq!(Arc::strong_count(&held), 1, "nobody holds the work");
    }
}

#[test]
fn a_shutdown_tells_its_works_what_time_is_left() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let clock = Arc::new(ManualClock::default());
    let telemetry = Telemetry::builder(sink)
        .with_clock(Arc::clone(&clock) as _)
        .build();
    let told = Arc::new(Mutex::new(Vec::new()));
    let [_one, _two, gone] = [(); 3].map(|()| {
        let (told, clock) = (Arc::clone(&told), Arc::clone(&clock));
        telemetry.before_shutdown(move |left| {
            clock.advance(Duration::from_secs(2));
            told.lock().unwrap().push(left.as_secs());
        })
    });
    drop(gone);
    assert!(telemetry.shutdown(Duration::from_secs(3)).is_complete());
    assert_eq!(*told.lock().unwrap(), [3, 1]);
}

#[test]
fn what_begins_before_its_agent_by_its_given_time_counts_at_a_shutdown() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let options = StartOptions {
        at: Some(Timestamp::from_unix_nanos(1)),
        ..StartOptions::default()
    };
    let call = agent.scope().run(|| telemetry.open(chat(), options));
    assert!(telemetry.shutdown(LONG).is_complete());
    drop((call, agent));
    let measured = sink.measurements();
    let calls = measured
        .iter()
        .find(|point| point.metric == Metric::InvokeAgentInferenceCalls);
    assert_eq!(calls.unwrap().amount, Amount::Count(1));
}

#[test]
fn an_agents_provider_is_that_of_the_first_call_that_knows_it() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    for provider in ["", "groq", "openai"] {
        let call = Inference::chat(Provider::new(provider), "m");
        agent.scope().run(|| telemetry.start(call)).finish();
    }
    agent.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
    let spans = sink.spans();
    let agent = spans.last().unwrap();
    let provider = agent.signals.get(key::GEN_AI_PROVIDER_NAME);
    assert_eq!(provider, Some(&Value::from("groq")));
}
