//! The system prompt goes with every call, in each version of the conventions.

use genspan::{Capture, Conventions, Part, Place, Rendering, semconv::attribute as key};
use genspan_chat::{Instructions, stack};
use tower_service::Service;

use super::rig::{OPENAI, Script, question, recorder_in, run, spans, tools, value};

const ALL: [Conventions; 3] = [Conventions::V1_36, Conventions::V1_41, Conventions::Main];

/// Gives what each call to the model was told, as its span says: as an attribute, or as the first of its events.
fn told(version: Conventions, instructions: Instructions) -> Vec<String> {
    let rendering = Rendering::new(version).with_capture(Capture::at(Place::Span));
    let (sink, telemetry) = recorder_in(rendering);
    let script = Script::two_rounds();
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .with_instructions(instructions)
        .build();
    run(agent.call(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    let chats = spans
        .iter()
        .filter(|it| it.signals.name.starts_with("chat"));
    chats
        .map(|span| match version {
            Conventions::V1_36 => {
                let first = &span.signals.span_events[0];
                let said: Vec<_> = first
                    .attributes
                    .iter()
                    .map(|it| it.value.to_json())
                    .collect();
                format!("{} {}", first.name, said.join(" "))
            }
            _ => {
                let input = value(span, key::GEN_AI_INPUT_MESSAGES);
                assert!(
                    !input.contains("brief") && !input.contains("kind"),
                    "{input}"
                );
                value(span, key::GEN_AI_SYSTEM_INSTRUCTIONS)
            }
        })
        .collect()
}

#[test]
fn each_call_is_told_and_blocks_win() {
    let block = || vec![Part::Text("Be kind.".to_owned())];
    let mut all = Vec::new();
    for version in ALL {
        all.push((version, told(version, "Be brief.".into())));
        let both = Instructions::text("Be brief.").with_blocks(block());
        let won = told(version, both);
        assert!(
            won.iter()
                .all(|it| it.contains("kind") && !it.contains("brief"))
        );
        assert_eq!(
            won,
            told(version, Instructions::text("").with_blocks(block()))
        );
    }
    insta::assert_debug_snapshot!(all);
}

#[test]
fn nothing_said_changes_nothing() {
    for version in ALL {
        let none = told(version, Instructions::default());
        assert!(none.iter().all(|it| !it.contains("system")), "{none:?}");
        assert_eq!(told(version, "".into()), none);
        assert_eq!(told(version, Instructions::blocks(Vec::new())), none);
        let empty = Instructions::text("").with_blocks(Vec::new());
        assert_eq!(told(version, empty), none);
    }
}

#[test]
fn a_requests_own_word_wins() {
    let script = Script::two_rounds();
    let mut agent = stack(script.whole())
        .with_instructions("Be brief.")
        .with_tools(tools())
        .build();
    run(agent.call(question().with_instructions("Be long."))).unwrap();
    let asked = script.asked.lock().unwrap();
    let words: Vec<_> = asked
        .iter()
        .map(|it| it.system_instructions.clone())
        .collect();
    assert_eq!(words, vec![vec![Part::Text("Be long.".to_owned())]; 2]);
}
