//! A day of traffic in bounded memory.

use std::collections::HashSet;

use genspan_infer::{Act, Limits};

use crate::talk::{Told, assistant, ended, results, user, wants};

#[test]
fn a_day_of_traffic_leaves_little_behind() {
    let limits = Limits {
        conversations: 64,
        marks: 32,
        open_calls: 16,
        content_bytes: 64 * 1024,
        ..Limits::default()
    };
    let mut told = Told::new(limits);
    let (mut placed, mut open, mut most) = (0, HashSet::new(), (0, 0));
    let text = "word ".repeat(200);
    let mut held = Vec::new();
    let mut span = 0;
    for second in 0..86_400_u64 / 4 {
        let second = second * 4;
        span += 1;
        // Single calls, agents that go on, and tools that never come back.
        let asked = user(&format!("{} {text}", second / 64));
        let turn = second / 4 % 16;
        let mut history = vec![asked];
        for nth in 0..turn {
            let id = format!("{nth}");
            history.push(wants(&[(&id, "t", "{\"x\":\"y\"}")]));
            history.push(results(&[(&id, "some result")]));
        }
        let id = format!("{turn}");
        let call = ended(
            span,
            (second, second + 1),
            &history,
            wants(&[(&id, "t", "{\"x\":\"y\"}")]),
        );
        told.tell(&if turn == 7 {
            ended(
                span,
                (second, second + 1),
                &[user(&format!("{second}"))],
                assistant("alone"),
            )
        } else {
            call
        });
        for act in told.acts.drain(..) {
            match act {
                Act::Place { .. } => placed += 1,
                Act::Begin(begin) => assert!(open.insert(begin.context.span_id)),
                Act::End(end) => assert!(open.remove(&end.agent)),
                _ => {}
            }
        }
        let (conversations, points) = told.engine.remembered();
        most = (most.0.max(conversations), most.1.max(points));
        assert!(open.len() <= 64);
        if span % 7_200 == 0 {
            // All that it holds shows in this.
            held.push(format!("{:?}", told.engine).len());
        }
    }
    assert!(
        held.len() == 3 && held[2] < held[0] + held[0] / 20,
        "{held:?}"
    );
    assert!(held[2] < 1024 * 1024, "{held:?}");
    assert!(most.0 > 4, "{most:?}");
    assert!(most.0 <= 64 && most.1 <= 64 * 32, "{most:?}");
    told.end();
    placed += told
        .acts
        .iter()
        .filter(|act| matches!(act, Act::Place { .. }))
        .count();
    assert_eq!(placed as u64, span, "each call once");
    assert_eq!(told.engine.remembered(), (0, 0));
    assert_eq!(told.engine.next_due(), None);
}
