//! Whatever order messages come in, whichever are lost or come again: no call is lost, none is told twice.

use std::collections::BTreeSet;

use genspan::Value;
use genspan_claude::{End, Moment, Session};
use proptest::{prelude::*, sample::Index};
use testkit::CapturedSpan;

use crate::{
    fixtures::fixture,
    scene::{Scene, attribute, check},
};

fn messages() -> Vec<Value> {
    ["everything", "pieces", "refused", "cut", "twice"]
        .into_iter()
        .flat_map(|name| {
            let text = fixture(name).text;
            let lines: Vec<Value> = text
                .lines()
                .filter_map(|line| Value::from_json(line).ok())
                .collect();
            lines
        })
        .collect()
}

/// Finds what the messages that are left say: the ids of answers, and of the tools that were asked for.
fn told(messages: &[Value]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut calls, mut tools) = (BTreeSet::new(), BTreeSet::new());
    for line in messages {
        let message = match line.get("type").and_then(Value::as_str) {
            Some("assistant") => line.get("message"),
            Some("stream_event") => line.get("event").and_then(|event| event.get("message")),
            _ => None,
        };
        let Some(message) = message else { continue };
        if message.get("model") == Some(&Value::from("<synthetic>")) {
            continue;
        }
        calls.extend(message.get("id").and_then(Value::as_str).map(str::to_owned));
        if let Some(Value::Array(blocks)) = message.get("content") {
            let asked = blocks
                .iter()
                .filter(|block| block.get("type") == Some(&Value::from("tool_use")));
            tools.extend(asked.filter_map(|block| Some(block.get("id")?.as_str()?.to_owned())));
        }
    }
    (calls, tools)
}

fn named(spans: &[CapturedSpan], operation: &str, key: &str) -> Vec<String> {
    let of = |span: &&CapturedSpan| span.signals.name.split(' ').next() == Some(operation);
    let mut found: Vec<String> = spans
        .iter()
        .filter(of)
        .filter_map(|span| attribute(span, key))
        .map(|id| id.trim_matches('"').to_owned())
        .collect();
    found.sort();
    found
}

fn play(messages: &[Value], end: Option<End>) -> Vec<CapturedSpan> {
    let scene = Scene::with_content();
    let mut session = Session::new(&scene.telemetry, genspan_claude::Options::default());
    let mut at = 1_000;
    for message in messages {
        at += 1_000_000;
        session.message(message, moment(at));
    }
    match end {
        Some(end) => drop(session.finish(end, moment(at + 1))),
        None => drop(session),
    }
    let spans = scene.spans();
    assert_eq!(
        spans.len(),
        scene.sink.starts().len(),
        "every span that began has ended"
    );
    spans
}

fn moment(nanos: u64) -> Moment {
    Moment::stated(genspan::Timestamp::from_unix_nanos(
        1_795_220_000_000_000_000 + nanos,
    ))
}

fn ends() -> impl Strategy<Value = Option<End>> {
    prop_oneof![
        Just(None),
        Just(Some(End::Cut)),
        Just(Some(End::Cancelled)),
        Just(Some(End::Complete)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_call_is_lost_or_told_twice(
        order in Just((0..messages().len()).collect::<Vec<usize>>()).prop_shuffle(),
        lost in 0_usize..20,
        again in prop::collection::vec(any::<Index>(), 0..20),
        is_shuffled in any::<bool>(),
        end in ends(),
    ) {
        let all = messages();
        let mut order = order;
        order.truncate(all.len() - lost);
        if !is_shuffled {
            order.sort_unstable();
        }
        let mut left: Vec<Value> = order.iter().map(|at| all[*at].clone()).collect();
        for index in again {
            let (from, to) = (index.index(left.len()), index.index(left.len() + 1));
            left.insert(to, left[from].clone());
        }
        let spans = play(&left, end);
        let (calls, tools) = told(&left);
        prop_assert_eq!(named(&spans, "chat", "gen_ai.response.id"), Vec::from_iter(calls));
        prop_assert_eq!(named(&spans, "execute_tool", "gen_ai.tool.call.id"), Vec::from_iter(tools));
        check(&spans);
    }

    #[test]
    fn any_json_is_survived(texts in prop::collection::vec("[a-z\"{}\\[\\]:,0-9.\\-]{0,60}", 0..20), at in any::<Index>(), kind in 0_usize..6) {
        let mut all = messages();
        for text in texts {
            let index = at.index(all.len());
            let value = Value::from_json(&text).unwrap_or(Value::String(text));
            // Any member of a message may have any type.
            if let Value::Map(members) = &mut all[index] {
                let member = at.index(members.len());
                members[member].1 = value;
            }
            all.insert(index, Value::Map(vec![
                ("type".to_owned(), Value::from(["assistant", "user", "result", "system", "stream_event", "new"][kind])),
                ("message".to_owned(), Value::Array(vec![Value::Null])),
            ]));
        }
        check(&play(&all, None));
    }
}
