//! The system prompt's five cases, in both modes, on every call of the loop.
//!
//! | case | held by |
//! |---|---|
//! | a text, older mode | `older_mode_tells_it_first` |
//! | a text, latest mode | `latest_mode_has_it_apart` |
//! | none, or nothing in it | `nothing_said_changes_nothing` |
//! | blocks win over the text | `blocks_win` |
//! | every call of the loop is told | all of them look at both calls |

use genspan::Part;
use genspan_chat::Instructions;
use serde_json::json;

use super::{MAIN, V1_36, V1_41, planned};
use crate::seen::{Program, Seen};

const PROMPT: &str = "You plan days.";

fn told(name: &str, options: &str, instructions: Instructions) -> Seen {
    let program = Program::new(&format!("strands-prompt-{name}"), options);
    planned(&program, instructions, false);
    program.end()
}

fn blocks(texts: &[&str]) -> Vec<Part> {
    let parts = texts.iter().map(|text| Part::Text((*text).to_owned()));
    parts.collect()
}

/// Gives the first event of each call: its name and content.
fn first_events(seen: &Seen) -> Vec<(String, String)> {
    let calls = seen.all("chat");
    assert_eq!(calls.len(), 2);
    let first = calls.iter().map(|call| call.events.first().unwrap());
    first
        .map(|(name, facts)| (name.clone(), facts["content"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn older_mode_tells_it_first() {
    let seen = told("older", V1_36, PROMPT.into());
    let event = (
        "gen_ai.system.message".to_owned(),
        r#"[{"text":"You plan days."}]"#.to_owned(),
    );
    assert_eq!(first_events(&seen), vec![event; 2]);
    let calls = seen.all("chat");
    assert_eq!(
        calls[0].event_names(),
        [
            "gen_ai.system.message",
            "gen_ai.user.message",
            "gen_ai.choice"
        ]
    );
    assert_eq!(
        calls[1].event_names(),
        [
            "gen_ai.system.message",
            "gen_ai.user.message",
            "gen_ai.assistant.message",
            "gen_ai.tool.message",
            "gen_ai.tool.message",
            "gen_ai.choice"
        ]
    );
}

#[test]
fn latest_mode_has_it_apart() {
    for (name, options) in [("latest", V1_41), ("main", MAIN)] {
        let seen = told(name, options, PROMPT.into());
        for call in seen.all("chat") {
            let expected = json!([{"type": "text", "content": PROMPT}]);
            assert_eq!(call.json("gen_ai.system_instructions"), expected);
            let said = call.get("gen_ai.input.messages").as_str().unwrap();
            assert!(!said.contains(PROMPT), "{said}");
            assert_eq!(call.event_names(), [""; 0]);
        }
        // On events it is the same, on the one details event of the call.
        let options = options.replace("content=span", "content=event");
        let seen = told(&format!("{name}-event"), &options, PROMPT.into());
        let details = "gen_ai.client.inference.operation.details";
        let details: Vec<_> = seen.logs.iter().filter(|it| it.0 == details).collect();
        assert_eq!(details.len(), 2);
        for (_, facts, _) in details {
            let expected = json!([{"type": "text", "content": PROMPT}]);
            assert_eq!(facts["gen_ai.system_instructions"], expected);
            assert!(!facts["gen_ai.input.messages"].to_string().contains(PROMPT));
        }
    }
}

#[test]
fn nothing_said_changes_nothing() {
    for (mode, options) in [("older", V1_36), ("latest", V1_41)] {
        let none = told(&format!("none-{mode}"), options, Instructions::default());
        let empty = [
            Instructions::text(""),
            Instructions::blocks(Vec::new()),
            Instructions::text("").with_blocks(Vec::new()),
        ];
        for (at, nothing) in empty.into_iter().enumerate() {
            let seen = told(&format!("empty-{mode}-{at}"), options, nothing);
            for (with, without) in seen.all("chat").iter().zip(none.all("chat")) {
                assert_eq!(with.events.len(), without.events.len());
                assert_eq!(with.event_names(), without.event_names());
                let keys =
                    |span: &crate::seen::Span| span.attributes.keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(with), keys(without));
                assert!(!with.has("gen_ai.system_instructions"));
                assert!(!with.event_names().contains(&"gen_ai.system.message"));
            }
        }
    }
}

#[test]
fn blocks_win() {
    let both = || Instructions::text(PROMPT).with_blocks(blocks(&["Be kind.", "Be brief."]));
    let seen = told("blocks-older", V1_36, both());
    let event = (
        "gen_ai.system.message".to_owned(),
        r#"[{"text":"Be kind."},{"text":"Be brief."}]"#.to_owned(),
    );
    assert_eq!(first_events(&seen), vec![event; 2]);
    assert!(!seen.bytes.contains(PROMPT));
    let seen = told("blocks-latest", V1_41, both());
    let expected = json!([
        {"type": "text", "content": "Be kind."}, {"type": "text", "content": "Be brief."}
    ]);
    for call in seen.all("chat") {
        assert_eq!(call.json("gen_ai.system_instructions"), expected);
    }
    assert!(!seen.bytes.contains(PROMPT));
    // An empty list hides no text.
    let text = Instructions::text(PROMPT).with_blocks(Vec::new());
    let seen = told("blocks-empty", V1_41, text);
    let expected = json!([{"type": "text", "content": PROMPT}]);
    assert_eq!(
        seen.span("chat").json("gen_ai.system_instructions"),
        expected
    );
}
