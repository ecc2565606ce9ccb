//! Whatever the order in which calls come, and whichever are lost or come again: none is lost or doubled.

use std::collections::{HashMap, HashSet};

use genspan::Message;
use genspan_infer::{Act, Limits};
use proptest::{prelude::*, sample::Index};

use crate::talk::{Ended, Told, assistant, at, ended, results, user, wants};

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

/// How the calls of an agent name what they belong to.
#[derive(Clone, Copy, Debug)]
enum Naming {
    History,
    Sessions,
    Responses,
}

/// An agent of which each turn has a sub-agent asked, whose calls stand between; ids of tools come again each turn.
fn agent(first: u64, turns: u64, naming: Naming) -> Vec<Ended> {
    let mut history = vec![user(&format!("Plan the day {first}."))];
    let mut calls = Vec::new();
    let mut before = None;
    for turn in 0..=turns {
        let (span, second) = (first + turn * 10, (first + turn * 10) * 10);
        let task = format!("What is there to see in place {span}?");
        let arguments = format!(r#"{{"prompt":"{task}"}}"#);
        let (guide, other) = (format!("guide_{span}"), format!("other_{span}"));
        let said = match turn == turns {
            true => assistant("That is all."),
            false => wants(&[("a", &guide, &arguments), ("b", &other, "{}")]),
        };
        let mut call = ended(span, (second, second + 1), &history, said.clone());
        if let Naming::Responses = naming {
            let id = format!("resp_{span}");
            call = call.answered_as(&id, before.as_deref());
            before = Some(id);
        }
        calls.push(match naming {
            Naming::Sessions => call.in_session("s", ""),
            _ => call,
        });
        if turn == turns {
            break;
        }
        let looked = format!("look_{span}");
        let look = wants(&[("a", &looked, "{}")]);
        let inner = [user(&task), look.clone(), results(&[("a", "seen")])];
        let subs = [
            ended(span + 1, (second + 2, second + 3), &inner[..1], look),
            ended(
                span + 2,
                (second + 4, second + 5),
                &inner,
                assistant("A lot."),
            ),
        ];
        calls.extend(subs.map(|sub| match naming {
            Naming::Sessions => sub.in_session("s", ["a1", "a2", "a3", "a4"][turn as usize % 4]),
            _ => sub,
        }));
        let told = results(&[("a", "a lot"), ("b", "done")]);
        history = match naming {
            Naming::Responses => vec![told],
            _ => [history, vec![said, told]].concat(),
        };
    }
    calls
}

fn naming() -> impl Strategy<Value = Naming> {
    prop_oneof![
        Just(Naming::History),
        Just(Naming::Sessions),
        Just(Naming::Responses)
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = Limits {
        held: 2,
        conversations: 4,
        marks: 6,
        content_bytes: 64,
        ..Limits::for_program()
    };
    prop_oneof![
        Just(Limits::for_program()),
        Just(Limits::default()),
        Just(Limits::for_recordings()),
        Just(small)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn sub_agents_and_what_is_under_way_change_nothing(
        (naming, limits, turns) in (naming(), limits(), 1_u64..5),
        order in proptest::collection::vec(any::<u16>(), 40),
        is_shuffled in any::<bool>(),
        lost in proptest::collection::vec(any::<Index>(), 0..4),
        again in proptest::collection::vec((any::<Index>(), any::<Index>()), 0..4),
        failed in proptest::collection::vec(any::<Index>(), 0..3),
        waits in proptest::collection::vec((any::<Index>(), 0_u64..4_000), 0..4),
    ) {
        let mut calls = agent(100, turns, naming);
        for index in failed {
            let at = index.index(calls.len());
            calls[at] = calls[at].clone().failed();
        }
        for index in lost {
            if calls.len() > 1 {
                calls.remove(index.index(calls.len()));
            }
        }
        if is_shuffled {
            let mut placed: Vec<_> = calls.drain(..).zip(&order).collect();
            placed.sort_by_key(|(_, place)| **place);
            calls.extend(placed.into_iter().map(|(call, _)| call));
        }
        for (nth, (from, to)) in again.into_iter().enumerate() {
            let copy = calls[from.index(calls.len())].clone();
            let span = copy.span % 10_000 + 10_000 * (nth as u64 + 1);
            calls.insert(to.index(calls.len() + 1), Ended { span, ..copy });
        }
        let waits: HashMap<usize, u64> = waits.into_iter().map(|(index, second)| (index.index(calls.len()), second)).collect();
        let mut told = Told::new(limits);
        for (nth, call) in calls.iter().enumerate() {
            // Each is under way while the one before it is told.
            let next = calls.get(nth + 1);
            if let Some(next) = next {
                told.engine.begun(1, nth as u64 + 1, at(next.seconds.0));
            }
            told.tell(call);
            told.engine.over(1, nth as u64, at(call.seconds.0));
            if let Some(second) = waits.get(&nth) {
                told.wait_until(call.seconds.1 + second);
            }
        }
        told.end();
        check(&told, &calls);
        // Each call asks once for each of its tools; one that comes again asks again.
        let mut ran = HashSet::new();
        for act in &told.acts {
            if let Act::Tool(run) = act {
                prop_assert!(ran.insert((run.asked_by.span_id, &run.name)), "{}\n{}", run.name, told.drawn());
            }
        }
    }
}
