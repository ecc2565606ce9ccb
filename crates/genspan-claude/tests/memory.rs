//! A stream may last for days: what is remembered of it stays bounded.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use genspan::{
    Capture, Conventions, Ended, Event, Handle, Measured, Parent, Place, Rendering, Report, Sink,
    SpanContext, SpanId, Start, Telemetry, Timestamp, TraceId, Value,
};
use genspan_claude::{End, Moment, Options, Session};

/// Counts spans and keeps nothing of them.
#[derive(Debug)]
struct Counting {
    renderings: [Rendering; 1],
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Sink for Counting {
    fn renderings(&self) -> &[Rendering] {
        &self.renderings
    }

    fn start(&self, start: Start) -> Handle {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let parent = match start.parent {
            Parent::Current => self.current(),
            Parent::Root => None,
            Parent::Span(span) => Some(span),
        };
        Handle {
            context: SpanContext {
                trace_id: TraceId(1_u128.to_be_bytes()),
                span_id: SpanId(number.to_be_bytes()),
                sampled: true,
                trace_state: String::new(),
            },
            parent,
            is_recording: true,
            started: start.at,
            links: start.links,
            state: None,
        }
    }

    fn finish(&self, _handle: Handle, _ended: Ended) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    fn event(&self, _within: Option<&SpanContext>, _events: Vec<Option<Event>>) {}

    fn measure(&self, _measured: Vec<Measured>) {}

    fn flush(&self, _timeout: Duration) -> Report {
        Report::default()
    }

    fn shutdown(&self, _timeout: Duration) -> Report {
        Report::default()
    }
}

/// Tells of one turn: a call in two lines, its tool, a sub-agent now and then, hooks, and what nobody knows.
fn turn(nth: u64) -> Vec<String> {
    let words = "word ".repeat(100);
    let usage = r#"{"input_tokens":9,"cache_read_input_tokens":90,"output_tokens":1}"#;
    let assistant = |parent: &str, id: &str, block: &str| {
        format!(
            r#"{{"type":"assistant","uuid":"{id}-{}","session_id":"s","parent_tool_use_id":{parent},"message":{{"id":"{id}","model":"m","usage":{usage},"content":[{block}]}}}}"#,
            block.get(..40).unwrap_or_default().replace('"', ""),
        )
    };
    let user = |tool: &str, is_error: bool| {
        format!(
            r#"{{"type":"user","uuid":"u-{tool}","session_id":"s","message":{{"content":[{{"type":"tool_result","tool_use_id":"{tool}","is_error":{is_error},"content":"{words}"}}]}}}}"#
        )
    };
    let ask = |id: &str, name: &str| {
        format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{{"text":"{words}"}}}}"#)
    };
    let text = format!(r#"{{"type":"text","text":"{words}"}}"#);
    let (call, tool, task) = (
        format!("msg_{nth}"),
        format!("tool_{nth}"),
        format!("task_{nth}"),
    );
    vec![
        format!(
            r#"{{"type":"system","subtype":"hook_response","uuid":"h{nth}","hook_name":"n","hook_event":"Stop"}}"#
        ),
        format!(r#"{{"type":"system","subtype":"api_retry","uuid":"r{nth}","error_status":529}}"#),
        format!(r#"{{"type":"novelty_{}","uuid":"n{nth}"}}"#, nth % 500),
        format!(
            r#"{{"type":"system","subtype":"permission_denied","uuid":"p{nth}","tool_use_id":"{tool}"}}"#
        ),
        assistant("null", &call, &text),
        assistant("null", &call, &ask(&tool, "Bash")),
        assistant("null", &call, &ask(&task, "Task")),
        user(&tool, nth.is_multiple_of(3)),
        assistant(&format!("\"{task}\""), &format!("sub_{nth}"), &text),
        // Of some tools and sub-agents the result never comes, and of some results the tool.
        user(
            &if nth.is_multiple_of(5) {
                format!("lost_{nth}")
            } else {
                task
            },
            false,
        ),
    ]
}

#[test]
fn a_day_of_messages_takes_no_more_than_an_hour() {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
    let sink = Arc::new(Counting {
        renderings: [rendering],
        begun: AtomicU64::new(0),
        ended: AtomicU64::new(0),
    });
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let mut session = Session::new(&telemetry, Options::default());
    let mut held = Vec::new();
    for nth in 0..7_500_u64 {
        let now = Moment::stated(Timestamp::from_unix_nanos(1_000_000_000 * (1 + nth)));
        for line in turn(nth) {
            session.message(&Value::from_json(&line).unwrap(), now);
        }
        if nth % 2_500 == 2_499 {
            // All that it holds shows in this.
            held.push(format!("{session:?}").len());
        }
    }
    let open = sink.begun.load(Ordering::Relaxed) - sink.ended.load(Ordering::Relaxed);
    assert!(open < 200, "{open} spans are open");
    let (first, last) = (held[0], held[2]);
    assert!(last < first + first / 50, "{held:?}");
    assert!(last < 8 * 1024 * 1024, "{held:?}");
    let tally = session.finish(End::Cut, Moment::default());
    assert_eq!((tally.calls, tally.runs), (15_000, 1));
    assert_eq!(
        sink.begun.load(Ordering::Relaxed),
        sink.ended.load(Ordering::Relaxed)
    );
}
