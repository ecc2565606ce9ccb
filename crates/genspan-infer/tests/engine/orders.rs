//! Whatever the order in which calls come, and whichever are lost or come again: none is lost or doubled.

use std::collections::{HashMap, HashSet};

use genspan::Message;
use genspan_infer::{Act, Limits};
use proptest::prelude::*;

use crate::talk::{Ended, Told, assistant, ended, results, user, wants};

/// The tools of each turn of one conversation; its calls have spans from `first` on.
fn conversation(first: u64, turns: &[u8], has_ids: bool) -> Vec<Ended> {
    let mut history: Vec<Message> = vec![user(&format!("question {first}"))];
    let mut calls = Vec::new();
    for (turn, tools) in turns.iter().enumerate() {
        let span = first + turn as u64;
        // Ids that come again in each turn, as in recordings.
        let id = |nth: u8| {
            if has_ids {
                format!("call_{nth}")
            } else {
                String::new()
            }
        };
        let wanted: Vec<_> = (0..*tools)
            .map(|nth| (id(nth), format!("tool_{span}_{nth}")))
            .collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(id, name)| (id.as_str(), name.as_str(), "{\"x\":1}"))
            .collect();
        let said = if wanted.is_empty() {
            assistant(&format!("answer {span}"))
        } else {
            wants(&wanted)
        };
        let seconds = (span * 2, span * 2 + 1);
        calls.push(ended(span, seconds, &history, said.clone()));
        history.push(said);
        let told: Vec<_> = wanted.iter().map(|(id, name, _)| (*id, *name)).collect();
        history.push(if told.is_empty() {
            user("go on")
        } else {
            results(&told)
        });
    }
    calls
}

/// What must hold of everything that is said, whatever was told.
fn check(told: &Told, calls: &[Ended]) -> HashMap<String, usize> {
    let (mut begun, mut ended, mut placed) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut tools = HashMap::new();
    for act in &told.acts {
        match act {
            Act::Begin(begin) => assert!(begun.insert(begin.context.span_id), "begun twice"),
            Act::Place { call, within } => {
                assert!(placed.insert(*call), "placed twice");
                let is_open = |agent| begun.contains(agent) && !ended.contains(agent);
                assert!(
                    within.as_ref().is_none_or(is_open),
                    "within what is not there"
                );
            }
            Act::Tool(run) => {
                assert!(begun.contains(&run.agent) && !ended.contains(&run.agent));
                assert!(run.started <= run.ended);
                *tools.entry(run.name.clone()).or_default() += 1;
            }
            Act::End(end) => assert!(ended.insert(end.agent), "ended twice"),
            _ => {}
        }
    }
    assert_eq!(begun, ended, "all closed");
    assert_eq!(placed.len(), calls.len(), "each call once");
    assert_eq!(told.engine.remembered(), (0, 0));
    tools
}

fn tools_of(call: &Ended) -> impl Iterator<Item = String> {
    let parts = &call.record.content.output[0].parts;
    parts.iter().filter_map(|part| match part {
        genspan::Part::ToolCallRequest(call) => Some(call.name.clone()),
        _ => None,
    })
}

/// What becomes of a call: its place in the order, whether it is lost, whether it comes again.
type Fate = (u16, bool, bool);

fn shapes() -> impl Strategy<Value = (Vec<Vec<u8>>, bool, Vec<Fate>)> {
    (
        proptest::collection::vec(proptest::collection::vec(0_u8..4, 1..6), 1..4),
        any::<bool>(),
        proptest::collection::vec((any::<u16>(), any::<bool>(), any::<bool>()), 24),
    )
}

fn told(conversations: &[Vec<u8>], has_ids: bool, fates: &[Fate], repeats: bool) -> Vec<Ended> {
    let all = conversations
        .iter()
        .enumerate()
        .flat_map(|(nth, turns)| conversation(100 * (nth as u64 + 1), turns, has_ids));
    let mut ordered = Vec::new();
    for (call, (place, is_lost, comes_again)) in all.zip(fates.iter().cycle()) {
        if *is_lost {
            continue;
        }
        if *comes_again && repeats {
            let span = call.span + 10_000;
            ordered.push((
                place.wrapping_mul(31),
                Ended {
                    span,
                    ..call.clone()
                },
            ));
        }
        ordered.push((*place, call));
    }
    ordered.sort_by_key(|(place, _)| *place);
    ordered.into_iter().map(|(_, call)| call).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_order_and_any_loss((conversations, has_ids, fates) in shapes()) {
        let calls = told(&conversations, has_ids, &fates, false);
        let told = Told::all(Limits::for_recordings(), &calls);
        let tools = check(&told, &calls);
        // A tool has run where both the call that asks for it and a later one of its conversation were seen.
        let mut expected = HashMap::new();
        for call in &calls {
            let goes_on = calls.iter().any(|other| other.span / 100 == call.span / 100 && other.span > call.span);
            expected.extend(tools_of(call).filter(|_| goes_on).map(|name| (name, 1)));
        }
        prop_assert_eq!(tools, expected);
        // Those of a conversation are one agent's, but for one alone.
        let agents = told.acts.iter().filter(|act| matches!(act, Act::Begin(_))).count();
        let several = |nth: &usize| calls.iter().filter(|call| call.span / 100 == *nth as u64 + 1).count() > 1;
        prop_assert_eq!(agents, (0..conversations.len()).filter(several).count());
    }

    #[test]
    fn repetitions_double_nothing((conversations, has_ids, fates) in shapes(), held in 1_usize..8) {
        let calls = told(&conversations, has_ids, &fates, true);
        for limits in [Limits::for_recordings(), Limits::for_program(), Limits { held, conversations: held * 2, marks: 8, open_calls: 2, ..Limits::for_program() }] {
            let told = Told::all(limits, &calls);
            let tools = check(&told, &calls);
            let doubled: Vec<_> = tools.iter().filter(|(_, count)| **count > 1).collect();
            prop_assert!(doubled.is_empty() || limits.open_calls == 2, "{doubled:?}");
        }
    }
}
