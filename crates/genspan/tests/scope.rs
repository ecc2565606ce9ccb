//! Work within scopes: children, ambient facts, and one operation seen twice.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{future::poll_fn, sync::Arc, task::Poll, thread, time::Duration};

use futures_util::{FutureExt, StreamExt, stream};
use genspan::{
    Capture, Conventions, Counts, ErrorType, Failure, Inference, Outcome, Place, Provider, Record,
    Rendering, Scope, SpanContext, StartOptions, Telemetry, ToolExecution, Usage, Value,
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

fn named<'a>(spans: &'a [CapturedSpan], name: &str) -> &'a CapturedSpan {
    let mut found = spans.iter().filter(|span| span.signals.name == name);
    let span = found.next().unwrap_or_else(|| panic!("no span {name}"));
    assert!(found.next().is_none(), "one span {name}");
    span
}

fn is_child(child: &CapturedSpan, parent: &CapturedSpan) -> bool {
    child.parent.as_ref().map(|parent| parent.span_id) == Some(parent.context.span_id)
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
fn work_within_a_scope_nests_across_threads_and_polls() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("travel");
    agent
        .scope()
        .run(|| telemetry.execute_tool("here").finish());
    let scope = agent.scope();
    thread::scope(|threads| {
        let telemetry = &telemetry;
        threads.spawn(move || {
            let mut polls = 0;
            let work = poll_fn(move |cx| {
                telemetry.execute_tool(format!("poll-{polls}")).finish();
                polls += 1;
                if polls == 2 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            });
            async {
                let mut work = Box::pin(scope.within(work));
                poll_fn(|cx| {
                    let first = work.poll_unpin(cx);
                    assert!(Scope::current().is_none(), "between polls it is left");
                    if first.is_ready() {
                        return first;
                    }
                    work.poll_unpin(cx)
                })
                .await;
            }
            .now_or_never()
            .unwrap();
        });
    });
    telemetry.execute_tool("outside").finish();
    agent.finish();
    let spans = spans(&sink, &telemetry);
    let agent = named(&spans, "invoke_agent travel");
    for name in ["here", "poll-0", "poll-1"] {
        assert!(is_child(
            named(&spans, &format!("execute_tool {name}")),
            agent
        ));
    }
    assert_eq!(named(&spans, "execute_tool outside").parent, None);
}

#[test]
fn streams_and_drops_run_within_their_scope() {
    struct Last(Telemetry);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.execute_tool("clean up").finish();
        }
    }
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("a");
    let last = Last(telemetry.clone());
    let items = stream::iter([1, 2]).map(move |number| {
        last.0.execute_tool(format!("item {number}")).finish();
        number
    });
    let mut items = agent.scope().within(items);
    assert_eq!(items.next().now_or_never(), Some(Some(1)));
    drop(items);
    agent.finish();
    let spans = spans(&sink, &telemetry);
    let agent = named(&spans, "invoke_agent a");
    assert!(is_child(named(&spans, "execute_tool item 1"), agent));
    assert!(is_child(named(&spans, "execute_tool clean up"), agent));
}

#[test]
fn ambient_facts_reach_operations_and_the_own_word_wins() {
    let (sink, telemetry) = recorder();
    // Facts come with the operation they were told to, wherever its scope is entered.
    let scope = telemetry
        .scope()
        .with_conversation_id("c-1")
        .with_attribute("user.id", "u-1")
        .with_attribute("user.id", "u-2");
    let agent = scope.run(|| telemetry.invoke_agent("a"));
    agent.scope().run(|| telemetry.start(chat()).finish());
    scope.run(|| {
        agent.scope().run(|| {
            let mut call = telemetry.chat(Provider::OPENAI, "other");
            call.common.conversation_id = Some("own".to_owned());
            call.common.attributes = vec![("user.id".to_owned(), Value::from("own"))];
            call.finish();
        });
    });
    agent.finish();
    let spans = spans(&sink, &telemetry);
    let facts = |name: &str| {
        let signals = &named(&spans, name).signals;
        let text = |key: &str| signals.get(key).and_then(Value::as_str).map(str::to_owned);
        (text(key::GEN_AI_CONVERSATION_ID), text("user.id"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(facts("invoke_agent a"), (some("c-1"), some("u-2")));
    assert_eq!(facts("chat gpt-4o-mini"), (some("c-1"), some("u-2")));
    assert_eq!(facts("chat other"), (some("own"), some("own")));
    assert!(
        sink.measurements()
            .iter()
            .all(|point| point.labels.get("user.id").is_none())
    );
}

#[test]
fn an_inner_view_of_the_same_call_enriches_it() {
    let (sink, telemetry) = recorder();
    let mut call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    call.request.temperature = Some(0.2);
    let open = call.scope().run(|| {
        let Record::Inference(outline) = seen_on_the_wire() else {
            unreachable!()
        };
        telemetry.open(*outline, StartOptions::default())
    });
    assert!(open.is_contribution());
    assert_eq!(open.context(), call.context());
    open.close(seen_on_the_wire(), Outcome::Completed);
    call.finish();
    let spans = spans(&sink, &telemetry);
    let signals = &named(&spans, "chat gpt-4o-mini").signals;
    assert_eq!(spans.len(), 1);
    assert_eq!(
        signals.get(key::GEN_AI_RESPONSE_ID),
        Some(&Value::from("chatcmpl-wire"))
    );
    assert_eq!(
        signals.get(key::GEN_AI_USAGE_INPUT_TOKENS),
        Some(&Value::Int(9))
    );
    assert_eq!(
        signals.get(key::GEN_AI_REQUEST_TEMPERATURE),
        Some(&Value::Double(0.2)),
        "what the outer one states stays"
    );
}

#[test]
fn the_outer_end_waits_for_the_inner_one_and_keeps_its_time() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    let open = call
        .scope()
        .run(|| telemetry.open(chat(), StartOptions::default()));
    call.finish();
    let ended = telemetry.now();
    assert!(telemetry.flush(LONG).is_complete());
    assert_eq!(sink.spans().len(), 0, "it waits");
    open.close(seen_on_the_wire(), Outcome::Completed);
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert!(spans[0].ended < ended);
    assert!(spans[0].signals.get(key::GEN_AI_RESPONSE_ID).is_some());
}

#[test]
fn an_answer_that_breaks_after_its_owner_spoke_is_a_failure() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    let open = call
        .scope()
        .run(|| telemetry.open(chat(), StartOptions::default()));
    call.finish();
    let broken = Outcome::Failed(ErrorType::Truncated.into());
    open.close(seen_on_the_wire(), broken);
    let spans = spans(&sink, &telemetry);
    let error = spans[0].signals.get(key::ERROR_TYPE);
    assert_eq!(error, Some(&Value::from("truncated")));
}

#[test]
fn an_attempt_that_was_given_up_may_be_made_again() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    for outcome in [Outcome::Cancelled, Outcome::Completed] {
        let open = call
            .scope()
            .run(|| telemetry.open(chat(), StartOptions::default()));
        assert!(open.is_contribution());
        open.close(seen_on_the_wire(), outcome);
    }
    call.finish();
    let spans = spans(&sink, &telemetry);
    let attempts = spans[0].signals.get(key::GENSPAN_ATTEMPTS);
    assert_eq!(attempts, Some(&Value::Int(2)));
    assert_eq!(spans[0].signals.span_events.len(), 1);
}

#[test]
fn an_inner_one_that_says_nothing_costs_nothing() {
    for is_outer_first in [true, false] {
        let (sink, telemetry) = recorder();
        let call = telemetry.start(chat());
        let open = call
            .scope()
            .run(|| telemetry.open(chat(), StartOptions::default()));
        if is_outer_first {
            call.finish();
            drop(open);
        } else {
            open.discard();
            call.finish();
        }
        assert_eq!(spans(&sink, &telemetry).len(), 1);
    }
}

#[test]
fn failed_attempts_further_in_are_events_of_the_call() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    let attempt = || {
        call.scope()
            .run(|| telemetry.open(chat(), StartOptions::default()))
    };
    for status in [429, 503] {
        let error_type = ErrorType::from_http_status(status);
        let failure = Failure::new(error_type).with_status(status);
        attempt().close(chat().into(), Outcome::Failed(failure));
    }
    attempt().close(seen_on_the_wire(), Outcome::Completed);
    let late = attempt();
    assert!(!late.is_contribution(), "another call is another operation");
    late.discard();
    call.finish();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    let signals = &spans[0].signals;
    assert_eq!(signals.get(key::GENSPAN_ATTEMPTS), Some(&Value::Int(3)));
    let events: Vec<_> = signals
        .span_events
        .iter()
        .map(|event| event.attributes[1].value.clone())
        .collect();
    assert_eq!(events, [Value::Int(429), Value::Int(503)]);
    assert!(!signals.is_error);
}

#[test]
fn the_inner_failure_says_what_the_outer_one_cannot() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    let open = call
        .scope()
        .run(|| telemetry.open(chat(), StartOptions::default()));
    let seen = Failure::new(ErrorType::RateLimited).with_status(429);
    open.close(chat().into(), Outcome::Failed(seen));
    call.fail(ErrorType::Other("ApiError".into()));
    let spans = spans(&sink, &telemetry);
    let signals = &named(&spans, "chat gpt-4o-mini").signals;
    assert_eq!(
        signals.get(key::ERROR_TYPE),
        Some(&Value::from("rate_limited"))
    );
    assert!(signals.span_events.is_empty(), "one attempt is no event");
}

#[test]
fn a_call_made_by_a_tool_is_its_own() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    call.scope().run(|| {
        let tool = telemetry.execute_tool("ask another");
        tool.scope().run(|| {
            telemetry.chat(Provider::ANTHROPIC, "claude").finish();
        });
        tool.finish();
    });
    call.finish();
    let spans = spans(&sink, &telemetry);
    let tool = named(&spans, "execute_tool ask another");
    assert!(is_child(named(&spans, "chat claude"), tool));
    assert!(is_child(tool, named(&spans, "chat gpt-4o-mini")));
}

#[test]
fn a_tool_is_the_same_call_only_by_its_id() {
    let (sink, telemetry) = recorder();
    let with_id = |id: &str| ToolExecution {
        call_id: Some(id.to_owned()),
        ..ToolExecution::new("walk")
    };
    let outer = telemetry.start(with_id("call-1"));
    outer.scope().run(|| {
        let mut same = telemetry.start(with_id("call-1"));
        same.result = Value::from("found");
        same.finish();
        telemetry.start(with_id("call-2")).finish();
        telemetry.execute_tool("walk").finish();
    });
    outer.finish();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 3);
    assert!(
        spans
            .iter()
            .any(|span| span.signals.get(key::GEN_AI_TOOL_CALL_RESULT).is_some())
    );
}

#[test]
fn a_shutdown_ends_what_waits_by_its_owners_word() {
    let (sink, telemetry) = recorder();
    let call = telemetry.start(chat());
    let open = call
        .scope()
        .run(|| telemetry.open(chat(), StartOptions::default()));
    call.finish();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert!(
        !spans[0].signals.is_error,
        "the owner had said that it went well"
    );
    drop(open);
    assert_eq!(sink.spans().len(), 1);
}

#[test]
fn a_span_of_elsewhere_can_be_the_parent() {
    let (sink, telemetry) = recorder();
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let remote = SpanContext::from_traceparent(header, None).unwrap();
    let scope = telemetry.scope_under(remote.clone());
    scope.run(|| {
        telemetry.start(chat()).finish();
        assert_eq!(Scope::current().unwrap().context(), Some(&remote));
    });
    assert_eq!(spans(&sink, &telemetry)[0].parent, Some(remote));
}

#[test]
fn what_is_under_way_can_be_decorated_and_only_by_the_same_call() {
    let (sink, telemetry) = recorder();
    let with = |value: &str| [("vendor.tag".to_owned(), Value::from(value))];
    let inference = |value: &str| telemetry.decorate(&chat().into(), &with(value));
    assert!(!inference("nowhere"));
    let agent = telemetry.invoke_agent("a");
    agent.scope().run(|| {
        assert!(!inference("the agent is no call"));
        let call = telemetry.start(chat());
        call.scope().run(|| {
            assert!(inference("first") && inference("last"));
            let wire = telemetry.open(chat(), StartOptions::default());
            assert!(wire.is_contribution(), "the place is free still");
            wire.close(seen_on_the_wire(), Outcome::Completed);
        });
        let scope = call.scope();
        call.finish();
        assert!(!scope.run(|| inference("too late")));
        let mut own = chat();
        own.common.attributes = with("own").to_vec();
        let own = telemetry.start(own);
        assert!(own.scope().run(|| inference("not its own")));
        own.finish();
    });
    agent.finish();
    let spans = spans(&sink, &telemetry);
    let tags: Vec<_> = spans
        .iter()
        .map(|span| {
            let mut all = span.signals.attributes.iter();
            let tag = all.find(|attribute| attribute.key == "vendor.tag");
            tag.map(|attribute| attribute.value.to_json())
        })
        .collect();
    let tag = |word: &str| Some(format!("\"{word}\""));
    assert_eq!(tags, [tag("last"), tag("own"), None]);
}

#[test]
fn a_disabled_recorder_records_nothing_anywhere() {
    let telemetry = Telemetry::disabled();
    let agent = telemetry.invoke_agent("a");
    assert!(!agent.is_recording() && !agent.wants_content() && !agent.context().is_valid());
    agent
        .scope()
        .run(|| telemetry.start(chat()).fail(ErrorType::Timeout));
    let mut items = telemetry
        .start(chat())
        .observe(stream::iter([Ok::<_, std::fmt::Error>(1)]), |_, _| {});
    assert_eq!(items.next().now_or_never(), Some(Some(Ok(1))));
    agent.finish();
    assert!(telemetry.submit(0, || {}).is_err());
    assert!(telemetry.shutdown(LONG).is_complete());
}
