//! Which calls are one conversation's.

use genspan::{Inference, Message, Part, Role};
use genspan_infer::Limits;

use crate::talk::{Ended, Told, assistant, ended, results, user, wants};

fn drawn(calls: &[Ended]) -> String {
    Told::all(Limits::default(), calls).drawn()
}

/// Two tools at once, one of which fails; then an end.
fn two_turns() -> [Ended; 2] {
    let asked = user("Weather?");
    let calls = wants(&[
        ("a", "weather", r#"{"city":"Paris","days":2}"#),
        ("b", "sea", r#"{"city":"Nice"}"#),
    ]);
    let told = results(&[
        ("a", "sunny"),
        ("b", r#"{"content":"dried up","is_error":true}"#),
    ]);
    [
        ended(1, (0, 1), std::slice::from_ref(&asked), calls.clone()),
        ended(2, (4, 5), &[asked, calls, told], assistant("Fine.")),
    ]
}

#[test]
fn a_growing_history_is_one_agent_with_its_tools() {
    insta::assert_snapshot!(drawn(&two_turns()), @r#"
    agent 0..5
      call 1
      call 2
      tool weather {"city":"Paris","days":2} 1..4 of call 1 -> "sunny"
      tool sea {"city":"Nice"} 1..4 of call 1 failed "dried up"
    "#);
}

#[test]
fn what_clients_vary_does_not_count() {
    let [first, mut second] = two_turns();
    let input = &mut second.record.content.input;
    input.insert(0, Message::text(Role::System, "Be brief."));
    input[1] = user(" Weather?\n");
    let Part::ToolCallRequest(call) = &mut input[2].parts[0] else {
        panic!("no call")
    };
    call.arguments = genspan::Value::from_json(r#"{"days":2.0,"city":"Paris","at":null}"#).unwrap();
    input[2].parts.insert(0, Part::Reasoning("Hm.".to_owned()));
    // Anthropic's clients send results as the user's.
    input[3].role = Role::User;
    assert_eq!(drawn(&[first, second]), drawn(&two_turns()));
}

#[test]
fn nothing_is_concluded_across_clients() {
    let [first, second] = two_turns();
    insta::assert_snapshot!(drawn(&[first, second.of_client(2)]), @r#"
    call 1
    call 2
    "#);
}

#[test]
fn equal_ids_of_two_recordings_are_not_mixed_up() {
    let calls = two_turns();
    let others = calls.clone().map(|call| Ended {
        span: call.span + 10,
        ..call.of_client(2)
    });
    let [a, b] = calls;
    let [c, d] = others;
    insta::assert_snapshot!(drawn(&[a, c, b, d]), @r#"
    agent 0..5
      call 1
      call 2
      tool weather {"city":"Paris","days":2} 1..4 of call 1 -> "sunny"
      tool sea {"city":"Nice"} 1..4 of call 1 failed "dried up"
    agent 0..5
      call 11
      call 12
      tool weather {"city":"Paris","days":2} 1..4 of call 11 -> "sunny"
      tool sea {"city":"Nice"} 1..4 of call 11 failed "dried up"
    "#);
}

#[test]
fn other_conversations_with_the_same_beginning_stay_apart() {
    let example = [user("2+2?"), assistant("4")];
    let ask = |span, question: &str| {
        let input = [&example[..], &[user(question)]].concat();
        ended(span, (span, span), &input, assistant("?"))
    };
    insta::assert_snapshot!(drawn(&[ask(1, "3+3?"), ask(2, "4+4?")]), @r#"
    call 1
    call 2
    "#);
}

#[test]
fn an_answer_that_came_otherwise_goes_on_under_the_same_instructions() {
    let told = |instructions: &str| {
        let first = ended(1, (0, 1), &[user("Hi")], assistant("Hello!"));
        let input = [user("Hi"), assistant("Hello"), user("And?")];
        let mut second = ended(2, (2, 3), &input, assistant("So."));
        second.record.content.system_instructions = vec![Part::Text(instructions.to_owned())];
        drawn(&[first, second])
    };
    insta::assert_snapshot!(told(""), @r#"
    agent 0..3
      call 1
      call 2
    "#);
    insta::assert_snapshot!(told("Be someone else."), @r#"
    call 1
    call 2
    "#);
}

#[test]
fn responses_go_on_from_each_other_by_their_ids() {
    let calls = [
        ended(
            1,
            (0, 1),
            &[user("Add.")],
            wants(&[("a", "add", r#"{"x":1}"#)]),
        )
        .answered_as("r1", None),
        ended(2, (2, 3), &[results(&[("a", "2")])], assistant("2")).answered_as("r2", Some("r1")),
        ended(3, (4, 5), &[user("More.")], assistant("3")).answered_as("r3", Some("r2")),
    ];
    insta::assert_snapshot!(drawn(&calls), @r#"
    agent 0..5
      call 1
      call 2
      tool add {"x":1} 1..2 of call 1 -> 2
      call 3
    "#);
    let [a, b, c] = calls;
    // Whatever the order in which they come.
    insta::assert_snapshot!(drawn(&[c, b, a]), @r#"
    agent 2..5
      call 3
      call 2
      call 1
      tool add {"x":1} 1..2 of call 1 -> 2
    "#);
}

#[test]
fn the_providers_conversation_holds_calls_together() {
    let of = |span, id: &str| {
        let mut call = ended(
            span,
            (span, span),
            &[user(&format!("{span}"))],
            assistant("ok"),
        );
        call.record.common.conversation_id = Some(id.to_owned());
        call
    };
    insta::assert_snapshot!(drawn(&[of(1, "c"), of(2, "c"), of(3, "d")]), @r#"
    agent 1..2
      call 1
      call 2
    call 3
    "#);
}

#[test]
fn a_history_that_was_cut_is_recognised_by_its_tool_calls() {
    let [first, mut second] = two_turns();
    second.record.content.input[0] = user("Summary: the weather was asked for.");
    insta::assert_snapshot!(drawn(&[first.clone(), second.clone()]), @r#"
    agent 0..5
      call 1
      call 2
      tool weather {"city":"Paris","days":2} 1..4 of call 1 -> "sunny"
      tool sea {"city":"Nice"} 1..4 of call 1 failed "dried up"
    "#);
    // The id alone is not enough.
    let other = wants(&[("a", "weather", r#"{"city":"Rome"}"#), ("b", "sea", "{}")]);
    second.record.content.input[1] = other;
    insta::assert_snapshot!(drawn(&[first, second]), @r#"
    call 1
    call 2
    "#);
}

#[test]
fn calls_without_ids_are_answered_in_order() {
    let asked = user("Both?");
    let calls = wants(&[("", "one", "{}"), ("", "two", "{}")]);
    let told = results(&[("", "1"), ("", "2")]);
    let again = wants(&[("", "one", "{}")]);
    let more = results(&[("", "3")]);
    let drawn = drawn(&[
        ended(1, (0, 1), std::slice::from_ref(&asked), calls.clone()),
        ended(
            2,
            (2, 3),
            &[asked.clone(), calls.clone(), told.clone()],
            again.clone(),
        ),
        ended(
            3,
            (4, 5),
            &[asked, calls, told, again, more],
            assistant("6"),
        ),
    ]);
    insta::assert_snapshot!(drawn, @r#"
    agent 0..5
      call 1
      call 2
      tool one {} 1..2 of call 1 -> 1
      tool two {} 1..2 of call 1 -> 2
      call 3
      tool one {} 3..4 of call 2 -> 3
    "#);
}

#[test]
fn an_id_that_is_given_again_names_another_call() {
    let asked = user("Twice?");
    let call = |city: &str| wants(&[("call_1", "weather", &format!(r#"{{"city":"{city}"}}"#))]);
    let told = |result: &str| results(&[("call_1", result)]);
    let history = [
        asked,
        call("Paris"),
        told("sunny"),
        call("Rome"),
        told("rainy"),
    ];
    let drawn = drawn(&[
        ended(1, (0, 1), &history[..1], history[1].clone()),
        ended(2, (2, 3), &history[..3], history[3].clone()),
        ended(3, (4, 5), &history, assistant("Both.")),
    ]);
    insta::assert_snapshot!(drawn, @r#"
    agent 0..5
      call 1
      call 2
      tool weather {"city":"Paris"} 1..2 of call 1 -> "sunny"
      call 3
      tool weather {"city":"Rome"} 3..4 of call 2 -> "rainy"
    "#);
}

#[test]
fn a_call_of_which_nothing_is_known_stays_by_itself() {
    let mut calls = [1, 2].map(|span| ended(span, (span, span), &[], assistant("?")));
    for call in &mut calls {
        call.record = Inference {
            content: genspan::Content::default(),
            ..call.record.clone()
        };
    }
    insta::assert_snapshot!(drawn(&calls), @r#"
    call 1
    call 2
    "#);
}

#[test]
fn an_id_that_several_answers_have_names_none() {
    let call = |span, question: &str, before| {
        let said = assistant(&format!("answer {span}"));
        ended(span, (span, span), &[user(question)], said).answered_as("redacted", before)
    };
    let calls = [
        call(1, "One?", None),
        call(2, "Two?", None),
        call(3, "Three?", Some("redacted")),
        call(4, "Four?", None),
    ];
    insta::assert_snapshot!(drawn(&calls), @r#"
    call 1
    call 2
    call 3
    call 4
    "#);
}

/// Claude Code repeats a call of `Task` as one of `Agent`, and some programs put in arguments that were left out.
#[test]
fn a_tool_call_that_a_program_repeats_in_other_words_is_the_same() {
    let asked = user("Look.");
    let said = wants(&[("t", "Task", r#"{"x":1}"#), ("u", "Bash", "{}")]);
    let told = wants(&[("t", "Agent", r#"{"x":1}"#), ("u", "Bash", r#"{"y":null}"#)]);
    let first = ended(1, (0, 1), std::slice::from_ref(&asked), said);
    let mut history = vec![asked, told, results(&[("t", "seen"), ("u", "done")])];
    let second = ended(2, (2, 3), &history, wants(&[("t", "Task", r#"{"x":2}"#)]));
    history.extend([
        wants(&[("t", "Agent", r#"{"x":2}"#)]),
        results(&[("t", "seen again")]),
    ]);
    let third = ended(3, (4, 5), &history, assistant("Good."));
    let calls = [first, second, third];
    let in_session = calls.clone().map(|call| call.in_session("s", ""));
    let drawn = Told::all(Limits::default(), &in_session).drawn();
    insta::assert_snapshot!(drawn, @r#"
    claude-code 0..5
      call 1
      call 2
      tool Task {"x":1} 1..2 of call 1 -> "seen"
      tool Bash {} 1..2 of call 1 -> "done"
      call 3
      tool Task {"x":2} 3..4 of call 2 -> "seen again"
    "#);
    // Whatever the order, and if each comes twice.
    for order in [[2, 1, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1]] {
        let mut told = Told::new(Limits::for_recordings());
        for at in order {
            told.tell(&in_session[at]);
            told.tell(&Ended {
                span: 10 + at as u64,
                ..in_session[at].clone()
            });
        }
        told.end();
        let mut results: Vec<_> = told
            .drawn()
            .lines()
            .filter_map(|line| Some(line.split_once("-> ")?.1.to_owned()))
            .collect();
        results.sort();
        assert_eq!(
            results,
            [r#""done""#, r#""seen again""#, r#""seen""#],
            "{order:?}: {}",
            told.drawn()
        );
    }
}
