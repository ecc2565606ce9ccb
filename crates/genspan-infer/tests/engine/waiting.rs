//! What is kept back, for how long, and when agents end.

use std::time::Duration;

use genspan_infer::{Act, Limits};

use crate::talk::{Ended, Told, assistant, at, ended, results, user, wants};

fn turns(offered: usize) -> [Ended; 2] {
    let call = wants(&[("a", "build", "{}")]);
    let history = [user("Build it."), call.clone(), results(&[("a", "done")])];
    [
        ended(1, (0, 1), &history[..1], call).offering(offered),
        ended(2, (40, 41), &history, assistant("It is built.")).offering(offered),
    ]
}

#[test]
fn a_call_is_kept_back_until_it_is_known_to_be_alone() {
    let mut told = Told::new(Limits::default());
    told.tell(&ended(1, (0, 1), &[user("Hi")], assistant("Hello")));
    told.wait_until(10);
    assert_eq!(told.acts, []);
    told.wait_until(12);
    insta::assert_snapshot!(told.drawn(), @"call 1");
}

#[test]
fn what_failed_is_not_kept_back() {
    let mut told = Told::new(Limits::default());
    told.tell(&ended(1, (0, 1), &[user("Hi")], assistant("")).failed());
    insta::assert_snapshot!(told.drawn(), @"call 1");
}

#[test]
fn a_call_that_began_in_time_is_waited_for() {
    let mut told = Told::new(Limits::default());
    told.engine.begun(1, 7, at(5));
    told.engine.begun(2, 8, at(5));
    told.tell(&ended(1, (0, 1), &[user("Hi")], assistant("Hello")));
    told.wait_until(60);
    assert_eq!(told.acts, []);
    told.engine.over(1, 7, at(5));
    told.wait_until(62);
    insta::assert_snapshot!(told.drawn(), @"call 1");
    // Not for ever.
    told.engine.begun(1, 9, at(70));
    told.tell(&ended(2, (62, 63), &[user("Ho")], assistant("Hello")));
    told.wait_until(182);
    assert_eq!(told.acts.len(), 1);
    told.wait_until(190);
    assert_eq!(told.acts.len(), 2);
}

#[test]
fn one_of_several_tools_may_take_its_time() {
    let mut told = Told::new(Limits::default());
    let [first, second] = turns(2);
    told.tell(&first);
    told.wait_until(30);
    told.tell(&second);
    told.end();
    insta::assert_snapshot!(told.drawn(), @r#"
    agent 0..41
      call 1
      call 2
      tool build {} 1..40 of call 1 -> "done"
    "#);
}

#[test]
fn a_conversation_that_goes_on_late_is_linked() {
    let mut told = Told::new(Limits::default());
    let [first, second] = turns(1);
    told.tell(&first);
    told.wait_until(30);
    told.tell(&second);
    told.end();
    insta::assert_snapshot!(told.drawn(), @r#"
    call 1
    agent 0..41 after call 1
      call 2
      tool build {} 1..40 of call 1 -> "done"
    "#);
}

#[test]
fn an_agent_ends_when_nothing_comes() {
    let mut told = Told::new(Limits::default());
    turns(2).iter().for_each(|call| told.tell(call));
    told.wait_until(160);
    assert!(!told.acts.iter().any(|act| matches!(act, Act::End(_))));
    told.wait_until(162);
    assert!(told.acts.iter().any(|act| matches!(act, Act::End(_))));
    assert_eq!(told.engine.remembered(), (0, 0));
    assert_eq!(told.engine.next_due(), None);
}

#[test]
fn an_agent_whose_tool_runs_ends_later() {
    let mut told = Told::new(Limits {
        longest_tool: Duration::from_secs(1_000),
        ..Limits::default()
    });
    let [first, _] = turns(2);
    told.tell(&first);
    told.wait_until(1_000);
    assert!(!told.acts.iter().any(|act| matches!(act, Act::End(_))));
    told.wait_until(1_001);
    assert!(told.acts.iter().any(|act| matches!(act, Act::End(_))));
}

#[test]
fn with_too_many_calls_another_agent_begins() {
    let limits = Limits {
        calls: 2,
        ..Limits::default()
    };
    let mut history = Vec::new();
    let calls = [1_u64, 2, 3, 4].map(|span| {
        history.push(user(&format!("{span}")));
        let call = ended(span, (span, span), &history, assistant("ok"));
        history.push(assistant("ok"));
        call
    });
    insta::assert_snapshot!(Told::all(limits, &calls).drawn(), @r#"
    agent 1..2
      call 1
      call 2
    agent 3..4
      call 3
      call 4
    "#);
}

#[test]
fn the_oldest_gives_way() {
    let limits = Limits {
        held: 2,
        ..Limits::for_recordings()
    };
    let mut told = Told::new(limits);
    for span in 1..=3 {
        told.tell(&ended(
            span,
            (span, span),
            &[user(&format!("{span}"))],
            assistant("ok"),
        ));
    }
    insta::assert_snapshot!(told.drawn(), @"call 1");
}
