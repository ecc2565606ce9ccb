//! What is recorded of what the engine concludes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::sync::{Arc, Mutex};

use genspan::{
    Capture, Counts, Inference, Message, Outcome, Parent, Part, Place, Provider, Record, Rendering,
    Role, SpanContext, SpanId, StartOptions, Telemetry, Timestamp, ToolCallRequest,
    ToolCallResponse, TraceId, Usage, Value,
};
use genspan_infer::{Account, Agents, Caller, EndedCall, Limits};
use testkit::{capture::CaptureSink, tree::tree};

fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_nanos(second * 1_000_000_000)
}

/// A recorder, and what concludes agents for it.
fn start(rendering: Rendering) -> (Arc<CaptureSink>, Telemetry, Agents) {
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let agents = Agents::new(telemetry.clone(), Limits::default());
    (sink, telemetry, agents)
}

fn with_content() -> Rendering {
    Rendering::default().with_capture(Capture::at(Place::Span))
}

/// Records a call from second to second.
fn call(
    (telemetry, agents): (&Telemetry, &Agents),
    parent: Parent,
    (from, to): (u64, u64),
    input: &[Message],
    output: Message,
) {
    let mut record = Inference::chat(Provider::OPENAI, "m");
    record.usage = Usage::inclusive(Counts {
        input: Some(10),
        output: Some(2),
        ..Counts::default()
    })
    .0;
    record.content.input = input.to_vec();
    record.content.output = vec![output];
    let options = StartOptions {
        parent,
        at: Some(at(from)),
        ..StartOptions::default()
    };
    let open = telemetry.open(Record::from(record.clone()), options);
    let begun = agents.begun(Caller::default(), at(from));
    begun.close(open, record.into(), Outcome::Completed, at(to));
}

/// A question, two calls, their results: one of them failed.
fn history() -> [Message; 3] {
    let want = |id: &str, city: &str| {
        Part::ToolCallRequest(ToolCallRequest {
            id: Some(id.to_owned()),
            name: "weather".to_owned(),
            arguments: Value::from_json(&format!(r#"{{"city":"{city}"}}"#)).unwrap(),
        })
    };
    let tell = |id: &str, result: &str| {
        Part::ToolCallResponse(ToolCallResponse {
            id: Some(id.to_owned()),
            response: Value::from_json(result).unwrap(),
        })
    };
    [
        Message::text(Role::User, "Weather? canary"),
        Message::new(
            Role::Assistant,
            vec![want("a", "canary"), want("b", "Rome")],
        ),
        Message::new(
            Role::Tool,
            vec![
                tell("a", r#"{"sky":"canary"}"#),
                tell("b", r#"{"content":"no canary","is_error":true}"#),
            ],
        ),
    ]
}

fn two_calls(telemetry: &Telemetry, agents: &Agents, parent: &Parent) {
    let history = history();
    let first = (&history[..1], history[1].clone());
    call(
        (telemetry, agents),
        parent.clone(),
        (1, 2),
        first.0,
        first.1,
    );
    let last = Message::text(Role::Assistant, "Fine. canary");
    call((telemetry, agents), parent.clone(), (5, 6), &history, last);
    agents.end_all();
}

#[test]
fn an_agent_is_recorded_with_its_tools_and_sums() {
    let (sink, telemetry, agents) = start(with_content());
    two_calls(&telemetry, &agents, &Parent::Root);
    insta::assert_snapshot!(tree(&sink.spans()));
    let spans = sink.spans();
    let tools = spans
        .iter()
        .filter(|span| span.signals.name.starts_with("execute_tool"));
    assert_eq!(tools.count(), 2);
    // Calls alone are measured: what is concluded has no times that could be.
    let names: Vec<_> = sink
        .measurements()
        .iter()
        .map(|it| it.metric.name())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| !name.contains("tool") && !name.contains("agent")),
        "{names:?}"
    );
    assert!(!names.is_empty());
}

#[test]
fn tools_are_linked_to_the_call_that_asked_for_them() {
    let (sink, telemetry, agents) = start(Rendering::default());
    two_calls(&telemetry, &agents, &Parent::Root);
    let spans = sink.spans();
    let asked = spans.iter().find(|it| it.ended == at(2)).unwrap();
    let links: Vec<_> = sink
        .starts()
        .into_iter()
        .filter(|it| it.at == at(2))
        .flat_map(|it| it.links)
        .collect();
    assert_eq!(links.len(), 2);
    assert!(links.iter().all(
        |link| link.span_id == asked.context.span_id && link.trace_id == asked.context.trace_id
    ));
}

#[test]
fn without_content_nothing_of_it_is_recorded() {
    let (sink, telemetry, agents) = start(Rendering::default());
    two_calls(&telemetry, &agents, &Parent::Root);
    assert_eq!(sink.spans().len(), 5);
    let text = format!(
        "{:?}{:?}{:?}",
        sink.spans(),
        sink.events(),
        sink.measurements()
    );
    assert!(!text.contains("canary") && !text.contains("Rome"), "{text}");
}

#[test]
fn calls_that_have_a_parent_stay_there() {
    let (sink, telemetry, agents) = start(Rendering::default());
    let parent = SpanContext {
        trace_id: TraceId([7; 16]),
        span_id: SpanId([7; 8]),
        sampled: true,
        ..SpanContext::default()
    };
    two_calls(&telemetry, &agents, &Parent::Span(parent.clone()));
    let spans = sink.spans();
    assert_eq!(spans.len(), 2);
    assert!(
        spans
            .iter()
            .all(|span| span.parent.as_ref() == Some(&parent))
    );
}

#[test]
fn what_waits_is_recorded_in_time_or_at_the_end() {
    let (sink, telemetry, agents) = start(Rendering::default());
    let history = history();
    let both = (&telemetry, &agents);
    call(
        both,
        Parent::Root,
        (1, 2),
        &history[..1],
        history[1].clone(),
    );
    assert!(!agents.is_due(|| at(11)));
    assert!(agents.is_due(|| at(12)));
    assert_eq!(sink.spans().len(), 0);
    agents.tick(at(12));
    assert_eq!(sink.spans().len(), 1);
    let other = Message::text(Role::User, "Other?");
    call(both, Parent::Root, (20, 21), &[other], history[1].clone());
    assert_eq!(sink.spans().len(), 1);
    agents.end_all();
    assert_eq!(sink.spans().len(), 2);
    assert!(sink.spans().iter().all(|span| span.parent.is_none()));
}

#[test]
fn a_sink_that_cannot_move_spans_gets_them_as_they_are() {
    let telemetry = Telemetry::disabled();
    let agents = Agents::new(telemetry.clone(), Limits::default());
    two_calls(&telemetry, &agents, &Parent::Root);
}

/// Takes all calls of an account, and gives every second one back at the end.
#[derive(Debug, Default)]
struct Keeper(Mutex<Vec<EndedCall>>);

impl Account for Keeper {
    fn is_of(&self, _: &Caller) -> bool {
        true
    }

    fn begun(&self, _: u64, _: Timestamp) {}

    fn over(&self, _: u64) {}

    fn ended(&self, call: EndedCall) -> Vec<EndedCall> {
        self.0.lock().unwrap().push(call);
        Vec::new()
    }

    fn settle(&self) -> Vec<EndedCall> {
        let mut rest = Vec::new();
        for (at, call) in self.0.lock().unwrap().drain(..).enumerate() {
            if at % 2 == 0 {
                rest.push(call);
            } else {
                call.close();
            }
        }
        rest
    }
}

#[test]
fn who_knows_better_gets_calls_first_and_the_rest_is_concluded() {
    let (sink, telemetry, _) = start(Rendering::default());
    let keeper = Arc::new(Keeper::default());
    let agents = Agents::with_account(telemetry.clone(), Limits::default(), keeper);
    two_calls(&telemetry, &agents, &Parent::Root);
    let spans = sink.spans();
    assert_eq!(spans.len(), 2, "each once, and no agent of one call");
    assert!(
        !format!("{spans:?}").contains("canary"),
        "content is nobody's"
    );
}
