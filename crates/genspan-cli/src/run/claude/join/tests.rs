//! Whatever comes first, is lost or comes again: each call is told once, and what waits is bounded.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use genspan::{
    Conventions, Counts, Inference, Message, Part, Provider, Rendering, Role, StartOptions,
    Telemetry, Timestamp, ToolCallResponse, Usage, Value, semconv::attribute,
};
use genspan_infer::{Account, Caller, EndedCall, Session};
use proptest::prelude::*;
use testkit::{CaptureSink, ManualClock};

use super::{super::calls::Waiting, *};

/// What was seen and told, and what came of it.
struct Run {
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
    clock: Arc<ManualClock>,
    join: Arc<Join>,
    /// Calls that the join knows nothing of.
    rest: Vec<EndedCall>,
}

impl Run {
    fn new() -> Self {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let clock = Arc::new(ManualClock::at(1_795_220_000));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::clone(&clock) as _)
            .inline()
            .build();
        let join = Join::new(&telemetry, Asked { prompt: None });
        Self {
            sink,
            telemetry,
            clock,
            join,
            rest: Vec::new(),
        }
    }

    fn line(&self, text: &str) {
        self.clock.advance(Duration::from_millis(1));
        self.join
            .line(text.as_bytes().to_vec(), self.telemetry.now());
    }

    fn begun(&self, number: u64) -> Timestamp {
        self.clock.advance(Duration::from_millis(1));
        let at = self.telemetry.now();
        self.join.begun(number, at);
        at
    }

    /// Ends a call that began at a moment; `result` is what its question tells of a tool.
    fn ended(&mut self, id: &str, began: Timestamp, result: Option<&str>, weight: usize) {
        self.clock.advance(Duration::from_millis(1));
        let mut record = Inference::chat(Provider::ANTHROPIC, "opus");
        record.response.id = Some(id.to_owned());
        record.usage = Usage::inclusive(Counts {
            input: Some(10),
            output: Some(3),
            ..Counts::default()
        })
        .0;
        let results = result.into_iter().map(|id| {
            let result = Part::ToolCallResponse(ToolCallResponse {
                id: Some(id.to_owned()),
                response: Value::Null,
            });
            Message::new(Role::User, vec![result])
        });
        record.content.input.extend(results);
        let options = StartOptions {
            at: Some(began),
            ..StartOptions::default()
        };
        let call = EndedCall {
            caller: Caller {
                client: 1,
                session: Session::from_headers(|name| {
                    (name == "x-claude-code-session-id").then_some("s")
                }),
            },
            open: self.telemetry.open(&record, options),
            record: Box::new(record),
            outcome: genspan::Outcome::Completed,
            at: self.telemetry.now(),
            weight,
        };
        self.rest.extend(self.join.ended(call));
    }

    fn call(&mut self, number: u64, result: Option<&str>, weight: usize) {
        let began = self.begun(number);
        self.ended(&format!("msg_{number}"), began, result, weight);
        self.join.over(number);
    }

    /// What waits: lines, calls, calls that may still be seen, sub-agents, and calls under way.
    fn held(&self) -> [usize; 5] {
        let state = self.join.lock();
        let (calls, unseen) = state.calls.lock().held();
        let (tasks, under_way) = (state.tasks.len(), state.under_way.len());
        [state.lines.len(), calls, unseen, tasks, under_way]
    }

    /// Ends it; counts the spans of calls by their answers' ids, and of tools by theirs.
    fn settled(mut self) -> BTreeMap<String, usize> {
        self.rest.extend(self.join.settle());
        self.rest.drain(..).for_each(EndedCall::close);
        let mut counts = BTreeMap::new();
        for span in self.sink.spans() {
            let mut attributes = span.signals.sampled.iter().chain(&span.signals.attributes);
            let ids = [
                attribute::GEN_AI_RESPONSE_ID,
                attribute::GEN_AI_TOOL_CALL_ID,
            ];
            let id = attributes.find(|it| ids.contains(&it.key.as_ref()));
            if let Some(id) = id.and_then(|it| it.value.as_str()) {
                *counts.entry(id.to_owned()).or_default() += 1;
            }
            assert!(span.ended >= span.started, "{}", span.signals.name);
        }
        assert!(self.telemetry.scope().context().is_none());
        counts
    }
}

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"s","model":"opus"}"#;

fn assistant(number: u64, tool: &str) -> String {
    let usage = r#"{"input_tokens":10,"output_tokens":1}"#;
    let block = format!(r#"{{"type":"tool_use","id":"{tool}","name":"Bash","input":{{}}}}"#);
    format!(
        r#"{{"type":"assistant","session_id":"s","message":{{"id":"msg_{number}","model":"opus","usage":{usage},"content":[{block}]}}}}"#
    )
}

fn user(tool: &str) -> String {
    let block = format!(r#"{{"type":"tool_result","tool_use_id":"{tool}","content":"ok"}}"#);
    format!(r#"{{"type":"user","session_id":"s","message":{{"content":[{block}]}}}}"#)
}

#[test]
fn calls_that_no_line_tells_of_give_way_to_newer_ones() {
    let mut run = Run::new();
    run.line(INIT);
    for number in 0..1_000 {
        run.call(number, None, 1_024);
        assert!(run.held()[1] <= Waiting::MAX, "{:?}", run.held());
    }
    assert_eq!(run.held()[1], Waiting::MAX);
    assert!(run.rest.is_empty(), "they are recorded, within the agent");
    let sink = Arc::clone(&run.sink);
    let counts = run.settled();
    assert_eq!(counts.len(), 1_000);
    assert!(counts.values().all(|count| *count == 1));
    let roots = sink.spans().iter().filter(|it| it.parent.is_none()).count();
    assert_eq!(roots, 1);
}

#[test]
fn heavy_calls_give_way_by_their_weight() {
    const MIB: usize = 1024 * 1024;
    let mut run = Run::new();
    for number in 0..100 {
        run.call(number, None, MIB);
        assert!(run.held()[1] * MIB <= Waiting::MAX_WEIGHT);
    }
    assert_eq!(run.held()[1], Waiting::MAX_WEIGHT / MIB);
    // Without any line nobody knows whose they are.
    assert_eq!(run.rest.len(), 100 - Waiting::MAX_WEIGHT / MIB);
    let counts = run.settled();
    assert_eq!(counts.len(), 100);
    assert!(counts.values().all(|count| *count == 1));
}

#[test]
fn lines_that_wait_for_a_call_without_end_are_read_without_it() {
    let mut run = Run::new();
    run.line(INIT);
    let began = run.begun(0);
    for number in 1..20_000 {
        run.line(&assistant(number, &format!("tool_{number}")));
        assert!(run.held()[0] <= State::MAX_LINES, "{:?}", run.held());
    }
    assert_eq!(run.held()[0], State::MAX_LINES);
    run.ended("msg_0", began, None, 1_024);
    run.join.over(0);
    assert_eq!(run.held()[0], 0);
    let counts = run.settled();
    assert_eq!(counts.len(), 2 * 19_999 + 1);
    assert!(counts.values().all(|count| *count == 1));
}

#[test]
fn long_lines_that_wait_are_read_by_their_weight() {
    let run = Run::new();
    run.begun(0);
    let text = "x".repeat(64 * 1024);
    for number in 0..1_000 {
        run.line(&format!(
            r#"{{"type":"system","subtype":"status","n":{number},"text":"{text}"}}"#
        ));
        let weight = run.join.lock().weight;
        assert!(weight <= State::MAX_WEIGHT + 2 * text.len(), "{weight}");
    }
    assert!((100..=State::MAX_WEIGHT / text.len() + 1).contains(&run.held()[0]));
}

/// Turns of which some lines, some calls and some results never come; sub-agents; attempts that are repeated.
#[test]
fn a_day_leaves_no_more_behind_than_an_hour() {
    const TURNS: u64 = 9_000;
    let mut run = Run::new();
    run.line(INIT);
    let mut most = [[0; 5]; 3];
    for number in 0..TURNS {
        let tool = format!("tool_{number}");
        if number % 2 != 0 {
            run.call(number, Some(&format!("tool_{}", number.max(1) - 1)), 2_048);
        }
        if number % 5 != 0 {
            run.line(&assistant(number, &tool));
        }
        if number % 2 == 0 {
            run.line(&format!(
                r#"{{"type":"system","subtype":"task_started","session_id":"s","task_id":"a{number}","tool_use_id":"{tool}","task_type":"local_agent"}}"#
            ));
            run.line(
                r#"{"type":"system","subtype":"api_retry","session_id":"s","error_status":529}"#,
            );
        }
        if number % 11 != 0 {
            run.line(&user(&tool));
        }
        let phase = usize::try_from(number / (TURNS / 3)).unwrap();
        for (most, held) in most[phase].iter_mut().zip(run.held()) {
            *most = held.max(*most);
        }
    }
    assert_eq!(most[1], most[2], "the last third of it takes no more");
    let [lines, calls, unseen, tasks, under_way] = most[2];
    assert!(calls <= Waiting::MAX + 128 + Waiting::MAX_RETRIES && unseen <= Waiting::MAX_UNSEEN);
    assert!(
        tasks <= State::MAX_TASKS && lines == 0 && under_way == 0,
        "{most:?}"
    );
    let counts = run.settled();
    for number in 0..TURNS {
        let is_there = number % 2 != 0 || number % 5 != 0;
        let count = counts.get(&format!("msg_{number}")).copied();
        assert_eq!(count, is_there.then_some(1), "{number}");
    }
}

#[test]
fn a_tool_ends_at_the_latest_when_its_result_is_sent() {
    let mut run = Run::new();
    run.line(INIT);
    run.call(0, None, 1);
    run.line(&assistant(0, "t"));
    run.clock.advance(Duration::from_secs(1));
    let sent = run.begun(1);
    // The line is seen late, and the call that holds its result is over later still.
    run.line(&user("t"));
    run.ended("msg_1", sent, Some("t"), 1);
    run.join.over(1);
    run.line(&assistant(1, "u"));
    let sink = Arc::clone(&run.sink);
    run.settled();
    let spans = sink.spans();
    let tool = spans
        .iter()
        .find(|it| it.signals.name == "execute_tool Bash");
    assert_eq!(tool.unwrap().ended, sent);
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    /// The call with this number goes through the proxy: begins, ends, is over.
    Begun(u64),
    Ended(u64),
    Line(String),
}

fn events(turns: u64) -> Vec<Event> {
    let mut events = vec![Event::Line(INIT.to_owned())];
    for number in 0..turns {
        let tool = format!("tool_{number}");
        events.extend([
            Event::Begun(number),
            Event::Ended(number),
            Event::Line(assistant(number, &tool)),
            Event::Line(user(&tool)),
        ]);
    }
    events.push(Event::Line(
        r#"{"type":"result","subtype":"success","is_error":false,"session_id":"s"}"#.to_owned(),
    ));
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What becomes of an event: how far it is moved, whether it is lost, whether it comes again.
    #[test]
    fn in_any_order_each_call_is_told_once(
        turns in 1_u64..8,
        far in prop_oneof![Just(1_u64), Just(6), Just(60)],
        fates in prop::collection::vec((any::<u8>(), prop::bool::weighted(0.15), prop::bool::weighted(0.15)), 48),
    ) {
        let mut ordered = Vec::new();
        for (at, (event, (place, is_lost, comes_again))) in events(turns).into_iter().zip(fates.iter().cycle()).enumerate() {
            let place = at as u64 * 4 + u64::from(*place) % (4 * far);
            let is_line = matches!(event, Event::Line(_));
            if *comes_again && is_line {
                ordered.push((place + 5, event.clone()));
            }
            if !*is_lost {
                ordered.push((place, event));
            }
        }
        ordered.sort_by_key(|(place, _)| *place);
        let mut run = Run::new();
        let (mut under_way, mut calls) = (BTreeMap::new(), std::collections::BTreeSet::new());
        for (_, event) in &ordered {
            match event {
                Event::Begun(number) => {
                    under_way.insert(*number, run.begun(*number));
                }
                Event::Ended(number) => {
                    // One whose beginning was lost began before anybody looked.
                    let began = under_way.remove(number).unwrap_or_default();
                    let began = began.max(Timestamp::from_unix_nanos(1_795_220_000_000_000_000));
                    let result = format!("tool_{}", number.max(&1) - 1);
                    run.ended(&format!("msg_{number}"), began, Some(&result), 1_024);
                    run.join.over(*number);
                    calls.insert(format!("msg_{number}"));
                }
                Event::Line(text) => {
                    run.line(text);
                    let line = Value::from_json(text).unwrap();
                    let id = line.get("message").and_then(|it| it.get("id"));
                    calls.extend(id.and_then(Value::as_str).map(str::to_owned));
                }
            }
        }
        let counts = run.settled();
        let told = counts.iter().filter(|(id, _)| id.starts_with("msg_"));
        let told: BTreeMap<_, _> = told.map(|(id, count)| (id.clone(), *count)).collect();
        let once: BTreeMap<_, _> = calls.into_iter().map(|id| (id, 1)).collect();
        prop_assert_eq!(told, once);
        prop_assert!(counts.iter().all(|(_, count)| *count == 1), "{:?}", counts);
    }
}
