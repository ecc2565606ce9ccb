//! What sub-agents belong to, and agents that name themselves.

use genspan_infer::Limits;

use crate::talk::{Ended, Told, assistant, ended, results, user, wants};

const TASK: &str = "What is there to see in the Marais?";

/// An agent that has a guide asked, and a call in between.
fn with(between: &[Ended]) -> Vec<Ended> {
    let asked = user("Plan a day.");
    let calls = wants(&[
        ("w", "weather", r#"{"city":"Paris"}"#),
        ("g", "ask_guide", &format!(r#"{{"question":"{TASK}"}}"#)),
    ]);
    let told = results(&[("w", "sunny"), ("g", "a lot")]);
    let mut all = vec![ended(
        1,
        (0, 1),
        std::slice::from_ref(&asked),
        calls.clone(),
    )];
    all.extend(between.iter().cloned());
    all.push(ended(9, (8, 9), &[asked, calls, told], assistant("Go.")));
    all
}

fn one_call(question: &str) -> Vec<Ended> {
    vec![ended(2, (2, 3), &[user(question)], assistant("A lot."))]
}

fn two_calls(question: &str) -> Vec<Ended> {
    let call = wants(&[("l", "lookup", r#"{"place":"square"}"#)]);
    let history = [user(question), call.clone(), results(&[("l", "nice")])];
    vec![
        ended(2, (2, 3), &history[..1], call),
        ended(3, (4, 5), &history, assistant("A lot.")),
    ]
}

fn drawn(limits: Limits, calls: &[Ended]) -> String {
    Told::all(limits, calls).drawn()
}

#[test]
fn a_sub_agent_is_within_the_tool_that_was_given_its_task() {
    insta::assert_snapshot!(drawn(Limits::default(), &with(&two_calls(TASK))), @r#"
    agent 0..9
      call 1
      call 9
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
        agent 2..5
          call 2
          call 3
          tool lookup {"place":"square"} 3..4 of call 2 -> "nice"
    "#);
    let wrapped = format!("Your task:\n{TASK}\nBe brief.");
    let one = drawn(Limits::default(), &with(&one_call(&wrapped)));
    insta::assert_snapshot!(one, @r#"
    agent 0..9
      call 1
      call 9
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
        agent 2..3
          call 2
    "#);
}

#[test]
fn what_else_a_program_calls_while_a_tool_runs_is_the_agents() {
    let program = Limits::for_program();
    insta::assert_snapshot!(drawn(program, &with(&one_call("Something else?"))), @r#"
    agent 0..9
      call 1
      call 9
      call 2
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
    "#);
    insta::assert_snapshot!(drawn(program, &with(&two_calls("Something else?"))), @r#"
    agent 0..9
      call 1
      call 9
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
      agent 2..5
        call 2
        call 3
        tool lookup {"place":"square"} 3..4 of call 2 -> "nice"
    "#);
}

#[test]
fn where_clients_may_be_several_programs_it_is_not() {
    let told = drawn(Limits::default(), &with(&one_call("Something else?")));
    insta::assert_snapshot!(told, @r#"
    agent 0..9
      call 1
      call 9
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
    call 2
    "#);
}

#[test]
fn tools_that_only_shape_answers_have_nothing_in_them() {
    let extract = |span, text: &str| {
        let call = wants(&[("x", "record", &format!(r#"{{"name":"{text}"}}"#))]);
        ended(
            span,
            (span, span),
            &[user(&format!("Read this out, please: {text}"))],
            call,
        )
    };
    let calls = [
        extract(1, "Ada Lovelace"),
        extract(2, "Ada Lovelace"),
        extract(3, "Alan Turing"),
    ];
    insta::assert_snapshot!(drawn(Limits::for_program(), &calls), @r#"
    call 1
    call 2
    call 3
    "#);
}

#[test]
fn a_tool_that_never_came_back_is_recorded_for_those_within() {
    let mut calls = with(&one_call(TASK));
    calls.pop();
    insta::assert_snapshot!(drawn(Limits::default(), &calls), @r#"
    agent 0..3
      call 1
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..3 of call 1 unknown
        agent 2..3
          call 2
    "#);
}

#[test]
fn agents_that_name_themselves_are_taken_at_their_word() {
    let main = |call: Ended| call.in_session("s", "");
    let sub = |call: Ended| call.in_session("s", "a1");
    let [first, .., last] = &with(&[])[..] else {
        panic!("too few")
    };
    let title = ended(2, (1, 2), &[user("A title, please.")], assistant("Trip"));
    let helper = ended(3, (2, 3), &[user(TASK)], assistant("A lot."));
    let stray = ended(4, (3, 4), &[user("Who knows?")], assistant("I."));
    let calls = [
        main(first.clone()),
        main(title),
        sub(helper),
        stray.clone().in_session("s", "a2"),
        main(last.clone()),
        ended(5, (4, 5), &[user("Who knows?")], assistant("I.")).in_session("t", ""),
    ];
    insta::assert_snapshot!(drawn(Limits::default(), &calls), @r#"
    claude-code 0..9
      call 1
      call 2
      call 9
      tool weather {"city":"Paris"} 1..8 of call 1 -> "sunny"
      tool ask_guide {"question":"What is there to see in the Marais?"} 1..8 of call 1 -> "a lot"
        agent 2..3
          call 3
      agent 3..4
        call 4
    claude-code 4..5
      call 5
    "#);
}

#[test]
fn a_sub_agent_is_called_what_its_tool_was_asked_for_where_that_is_known_to_mean_it() {
    let asked = user("Plan a day.");
    let arguments = format!(r#"{{"prompt":"{TASK}","subagent_type":"guide"}}"#);
    let call = wants(&[("g", "Task", &arguments)]);
    let calls = |in_session: bool| {
        let of = |call: Ended, agent| match in_session {
            true => call.in_session("s", agent),
            false => call,
        };
        let history = [asked.clone(), call.clone(), results(&[("g", "a lot")])];
        [
            of(ended(1, (0, 1), &history[..1], call.clone()), ""),
            of(ended(2, (2, 3), &[user(TASK)], assistant("A lot.")), "a1"),
            of(ended(3, (4, 5), &history, assistant("Go.")), ""),
        ]
    };
    let drawn = |in_session| drawn(Limits::default(), &calls(in_session));
    insta::assert_snapshot!(drawn(true), @r#"
    claude-code 0..5
      call 1
      call 3
      tool Task {"prompt":"What is there to see in the Marais?","subagent_type":"guide"} 1..4 of call 1 -> "a lot"
        guide 2..3
          call 2
    "#);
    assert!(!drawn(false).contains("  guide "), "{}", drawn(false));
}
