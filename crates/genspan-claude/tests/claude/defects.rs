//! Defects that other instrumentation of streams had, each by the name that the list of them gives it.

use genspan::{
    Capture, Conventions, Inference, Place, Provider, Rendering, StartOptions, Timestamp, Value,
};
use genspan_claude::{End, Moment, Options, Session};

use crate::{
    fixtures::fixture,
    scene::{Scene, attribute, check},
};

fn at(nth: u64) -> Moment {
    Moment::stated(Timestamp::from_unix_nanos(
        1_795_220_000_000_000_000 + nth * 1_000_000,
    ))
}

fn play(scene: &Scene, lines: &[String]) {
    let mut session = Session::new(&scene.telemetry, Options::default());
    for (nth, line) in lines.iter().enumerate() {
        session.message(&Value::from_json(line).unwrap(), at(nth as u64));
    }
    session.finish(End::Complete, at(lines.len() as u64));
}

/// Pieces of an answer and its whole blocks both tell its text and its tools, and every line its state by then.
#[test]
fn y16_text_and_tools_that_are_told_twice_are_there_once_and_the_last_state_counts() {
    let scene = Scene::with_content();
    let event =
        |event: &str| format!(r#"{{"type":"stream_event","session_id":"s","event":{event}}}"#);
    let whole = |reason: &str, blocks: &str| {
        format!(
            r#"{{"type":"assistant","session_id":"s","message":{{"id":"m","role":"assistant","model":"claude-opus-5","stop_reason":{reason},"usage":{{"input_tokens":5,"output_tokens":1}},"content":[{blocks}]}}}}"#
        )
    };
    let text = r#"{"type":"text","text":"Let me see."}"#;
    let tool = r#"{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls"}}"#;
    play(
        &scene,
        &[
            event(
                r#"{"type":"message_start","message":{"id":"m","role":"assistant","model":"claude-opus-5","content":[],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}}"#,
            ),
            event(
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            ),
            event(
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Let me "}}"#,
            ),
            event(
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"see."}}"#,
            ),
            whole("null", text),
            event(r#"{"type":"content_block_stop","index":0}"#),
            event(
                r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"Bash","input":{}}}"#,
            ),
            event(
                r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"command\":\"ls\"}"}}"#,
            ),
            whole("null", tool),
            event(
                r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}"#,
            ),
            event(r#"{"type":"message_stop"}"#),
            whole("null", tool),
        ],
    );
    let spans = scene.spans();
    check(&spans);
    let of = |word: &str| -> Vec<_> {
        spans
            .iter()
            .filter(|it| it.signals.name.starts_with(word))
            .collect()
    };
    let (chats, tools) = (of("chat"), of("execute_tool"));
    assert_eq!((chats.len(), tools.len()), (1, 1));
    let fact = |key: &str| attribute(chats[0], key).unwrap();
    assert_eq!(
        fact("gen_ai.output.messages"),
        r#"[{"role":"assistant","parts":[{"type":"text","content":"Let me see."},{"type":"tool_call","id":"t","name":"Bash","arguments":{"command":"ls"}}],"finish_reason":"tool_call"}]"#
    );
    assert_eq!(fact("gen_ai.response.finish_reasons"), r#"["tool_use"]"#);
    assert_eq!(fact("gen_ai.usage.output_tokens"), "7");
}

/// What is cut is measured as it is written, ends between characters, and leaves what is beside it whole.
#[test]
fn y17_long_content_is_cut_by_its_bytes_between_characters_and_the_rest_is_kept() {
    const MOST: usize = 2_000;
    let rendering = Rendering::new(Conventions::V1_41)
        .with_capture(Capture::at(Place::Span))
        .with_limits(MOST / 2, MOST);
    let scene = Scene::with(rendering);
    // Each is one character, two bytes or four; quotes and lines take more in JSON than in memory.
    let long = "é\u{1F600}\"\n".repeat(4_000);
    let quoted = Value::from(long.as_str()).to_json();
    let lines = [
        format!(
            r#"{{"type":"user","session_id":"s","message":{{"role":"user","content":{quoted}}}}}"#
        ),
        format!(
            r#"{{"type":"assistant","session_id":"s","message":{{"id":"m","role":"assistant","model":"claude-opus-5","content":[{{"type":"text","text":{quoted}}},{{"type":"tool_use","id":"t","name":"Bash","input":{{"command":{quoted},"description":"short"}}}}]}}}}"#
        ),
        format!(
            r#"{{"type":"user","session_id":"s","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":{quoted}}}]}}}}"#
        ),
    ];
    play(&scene, &lines);
    let spans = scene.spans();
    check(&spans);
    let mut seen = 0;
    for span in &spans {
        for key in [
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.tool.call.arguments",
            "gen_ai.tool.call.result",
        ] {
            let Some(json) = attribute(span, key) else {
                continue;
            };
            assert!(json.len() <= MOST, "{key}: {}", json.len());
            assert!(Value::from_json(&json).is_ok(), "{key} is JSON still");
            assert!(
                !json.contains('\u{FFFD}'),
                "{key} is cut between characters"
            );
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
    let tool = spans
        .iter()
        .find(|it| it.signals.name == "execute_tool Bash");
    let arguments = attribute(tool.unwrap(), "gen_ai.tool.call.arguments").unwrap();
    assert!(
        arguments.contains(r#""description":"short""#),
        "{arguments}"
    );
}

/// A call that a session's messages tell of is told once; other calls of the same process are recorded as ever.
#[test]
fn y20_what_is_recorded_by_messages_switches_nothing_else_off() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    let other = |scene: &Scene| {
        let record = Inference::chat(Provider::OPENAI, "gpt-5");
        let open = scene.telemetry.open(&record, StartOptions::default());
        assert!(!open.is_contribution(), "a call of its own");
        open.close(record.into(), genspan::Outcome::Completed);
    };
    other(&scene);
    let text = fixture("everything").text;
    for (nth, line) in text.lines().enumerate() {
        session.message(&Value::from_json(line).unwrap(), at(nth as u64));
        other(&scene);
    }
    session.finish(End::Complete, at(1_000));
    other(&scene);
    let spans = scene.spans();
    let others = spans.iter().filter(|it| it.signals.name == "chat gpt-5");
    assert_eq!(others.clone().count(), text.lines().count() + 2);
    assert!(others.into_iter().all(|it| it.parent.is_none()));
    assert_eq!(
        spans.len() - text.lines().count() - 2,
        12,
        "those of the session"
    );
}
