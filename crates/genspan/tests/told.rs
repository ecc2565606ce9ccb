//! Operations that are told of, and those who record the same first-hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{sync::Arc, time::Duration};

use genspan::{
    AgentInvocation, Carrier, Conventions, Counts, ErrorType, Failure, Inference, Open, Outcome,
    Outline, Provider, Record, Rendering, Scope, StartOptions, Telemetry, ToolExecution, Usage,
    semconv::attribute as key,
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

const LONG: Duration = Duration::from_secs(10);

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
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
    let only = found.next().unwrap();
    assert!(found.next().is_none(), "{name} more than once");
    only
}

fn under(span: &CapturedSpan, parent: &CapturedSpan) -> bool {
    span.parent.as_ref().map(|it| it.span_id) == Some(parent.context.span_id)
}

fn value(span: &CapturedSpan, key: &str) -> Option<String> {
    let mut all = span.signals.sampled.iter().chain(&span.signals.attributes);
    Some(all.find(|it| it.key == key)?.value.to_json())
}

fn told() -> StartOptions {
    StartOptions {
        told: true,
        ..StartOptions::default()
    }
}

fn within(scope: Scope) -> StartOptions {
    StartOptions {
        within: Some(scope),
        ..StartOptions::default()
    }
}

fn chat(model: &str) -> Inference {
    Inference::chat(Provider::OPENAI, model)
}

fn tool(name: &str, id: Option<&str>) -> ToolExecution {
    let mut tool = ToolExecution::new(name);
    tool.call_id = id.map(str::to_owned);
    tool
}

fn outline(tool: ToolExecution) -> Outline {
    Record::ToolExecution(Box::new(tool)).into()
}

fn close(open: Open, record: impl Into<Record>) {
    open.close(record.into(), Outcome::Completed);
}

#[test]
fn what_was_told_gives_way_to_who_knows_the_place() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("travel");
    // Told of outside of the agent, as a framework's span may be.
    let heard = telemetry.open(chat("m"), told());
    let (before, scope) = (heard.context().clone(), heard.scope());
    let call = scope.run(|| telemetry.start_with(chat("m"), within(agent.scope())));
    assert_ne!(before.span_id, call.context().span_id);
    assert_eq!(heard.context(), call.context(), "it is the other one now");
    // A scope of the time before leads to the new place.
    let inner = scope.run(|| telemetry.step("inner"));
    inner.finish();
    call.finish();
    close(heard, chat("m"));
    agent.finish();
    let spans = spans(&sink, &telemetry);
    let call = named(&spans, "chat m");
    assert!(under(call, named(&spans, "invoke_agent travel")));
    assert!(under(named(&spans, "inner"), call));
    assert_eq!(spans.len(), 3);
}

#[test]
fn what_is_to_stand_within_the_told_one_adds_to_it() {
    let (sink, telemetry) = recorder();
    let heard = telemetry.open(outline(tool("find", None)), told());
    let run = tool("find", Some("c-1"));
    let run = heard
        .scope()
        .run(|| telemetry.start_with(run, within(telemetry.scope())));
    run.finish();
    close(heard, Record::ToolExecution(Box::new(tool("find", None))));
    let spans = spans(&sink, &telemetry);
    let only = named(&spans, "execute_tool find");
    assert_eq!(value(only, key::GEN_AI_TOOL_CALL_ID).unwrap(), "\"c-1\"");
    assert_eq!(spans.len(), 1);
}

#[test]
fn what_others_build_on_stays_and_is_contributed_to() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("travel");
    let heard = telemetry.open(chat("m"), told());
    heard.scope().run(|| telemetry.step("inner")).finish();
    let call = heard
        .scope()
        .run(|| telemetry.start_with(chat("m"), within(agent.scope())));
    assert_eq!(call.context(), heard.context());
    call.finish();
    close(heard, chat("m"));
    agent.finish();
    let spans = spans(&sink, &telemetry);
    assert!(under(named(&spans, "inner"), named(&spans, "chat m")));
    assert_eq!(spans.len(), 3);
}

#[test]
fn what_was_sent_on_keeps_its_span() {
    let (sink, telemetry) = recorder();
    let agent = telemetry.invoke_agent("travel");
    let heard = telemetry.open(chat("m"), told());
    let sent = Carrier::of_scope(&heard.scope(), &[]).unwrap();
    let call = heard
        .scope()
        .run(|| telemetry.start_with(chat("m"), within(agent.scope())));
    call.finish();
    close(heard, chat("m"));
    agent.finish();
    let parent = sent.context().unwrap();
    let spans = spans(&sink, &telemetry);
    assert_eq!(named(&spans, "chat m").context.span_id, parent.span_id);
}

#[test]
fn what_was_seen_counts_before_what_was_told() {
    let usage = |input| {
        let counts = Counts {
            input: Some(input),
            ..Counts::default()
        };
        Usage::inclusive(counts).0
    };
    for (seen_first_hand, expected) in [(true, "7"), (false, "5")] {
        let (sink, telemetry) = recorder();
        let heard = telemetry.open(chat("told"), told());
        let options = StartOptions {
            told: !seen_first_hand,
            ..StartOptions::default()
        };
        let seen = heard.scope().run(|| telemetry.open(chat("seen"), options));
        assert!(seen.is_contribution());
        let mut record = chat("seen");
        record.usage = usage(7);
        record.response.id = Some("r-1".to_owned());
        let failure = Failure::new(ErrorType::RateLimited).with_status(429);
        seen.close(record.into(), Outcome::Failed(failure));
        let mut record = chat("told");
        record.usage = usage(5);
        record.request.seed = Some(3);
        close(heard, record);
        let spans = spans(&sink, &telemetry);
        let call = named(&spans, "chat told");
        assert_eq!(
            value(call, key::GEN_AI_USAGE_INPUT_TOKENS).unwrap(),
            expected
        );
        assert_eq!(value(call, key::GEN_AI_REQUEST_SEED).unwrap(), "3");
        assert_eq!(value(call, key::GEN_AI_RESPONSE_ID).unwrap(), "\"r-1\"");
        assert_eq!(call.signals.is_error, seen_first_hand);
        assert_eq!(spans.len(), 1);
    }
}

#[test]
fn an_agent_that_was_told_of_is_the_one_that_runs_in_it_by_name() {
    for (told_name, same) in [(Some("travel"), true), (None, true), (Some("guide"), false)] {
        let (sink, telemetry) = recorder();
        let mut record = AgentInvocation::new("any");
        record.name = told_name.map(str::to_owned);
        let heard = telemetry.open(Record::AgentInvocation(Box::new(record.clone())), told());
        let mut agent = heard.scope().run(|| telemetry.invoke_agent("travel"));
        agent.description = Some("plans trips".to_owned());
        let mut call = agent.scope().run(|| telemetry.start(chat("m")));
        call.usage = Usage::inclusive(Counts {
            input: Some(7),
            ..Counts::default()
        })
        .0;
        call.finish();
        agent.finish();
        close(heard, Record::AgentInvocation(Box::new(record)));
        let spans = spans(&sink, &telemetry);
        assert_eq!(spans.len(), if same { 2 } else { 3 });
        let agent = named(&spans, "invoke_agent travel");
        assert!(under(named(&spans, "chat m"), agent));
        assert!(value(agent, key::GEN_AI_AGENT_DESCRIPTION).is_some());
        assert_eq!(value(agent, key::GEN_AI_USAGE_INPUT_TOKENS).unwrap(), "7");
    }
}

#[test]
fn agents_that_are_both_seen_stay_two() {
    let (sink, telemetry) = recorder();
    let outer = telemetry.invoke_agent("travel");
    outer
        .scope()
        .run(|| telemetry.invoke_agent("travel"))
        .finish();
    outer.finish();
    assert_eq!(spans(&sink, &telemetry).len(), 2);
}

#[test]
fn a_tool_is_recognised_by_what_was_told_late() {
    let same = [
        (tool("", None), tool("find", Some("c-1")), true),
        (tool("find", None), tool("find", Some("c-1")), true),
        (tool("find", Some("c-1")), tool("find", Some("c-1")), true),
        (tool("find", Some("c-2")), tool("find", Some("c-1")), false),
        (tool("other", None), tool("find", Some("c-1")), false),
    ];
    for (late, run, is_same) in same {
        let (sink, telemetry) = recorder();
        let agent = telemetry.invoke_agent("travel");
        let heard = telemetry.open(outline(tool("unheard of", Some("c-9"))), told());
        heard.restate(outline(late.clone()));
        let run = heard
            .scope()
            .run(|| telemetry.start_with(run, within(agent.scope())));
        run.finish();
        close(heard, Record::ToolExecution(Box::new(late.clone())));
        agent.finish();
        let count = spans(&sink, &telemetry).len();
        assert_eq!(count, if is_same { 2 } else { 3 }, "{late:?}");
    }
}

#[test]
fn what_is_told_within_what_is_seen_adds_to_it() {
    let (sink, telemetry) = recorder();
    let run = telemetry.start(tool("find", Some("c-1")));
    let heard = run
        .scope()
        .run(|| telemetry.open(outline(tool("find", None)), told()));
    assert!(heard.is_contribution());
    close(heard, Record::ToolExecution(Box::new(tool("find", None))));
    run.finish();
    assert_eq!(spans(&sink, &telemetry).len(), 1);
}

#[test]
fn who_says_the_place_begins_there_whatever_is_current() {
    let (sink, telemetry) = recorder();
    let (here, there) = (
        telemetry.invoke_agent("here"),
        telemetry.invoke_agent("there"),
    );
    let call = here
        .scope()
        .run(|| telemetry.start_with(chat("m"), within(there.scope())));
    call.finish();
    here.finish();
    there.finish();
    let spans = spans(&sink, &telemetry);
    assert!(under(
        named(&spans, "chat m"),
        named(&spans, "invoke_agent there")
    ));
}
