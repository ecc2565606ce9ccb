//! Output of the real CLI, which lies beside the repository.

use std::path::Path;

use crate::scene::{Scene, Stored, check, sketch};

/// Reads a recorded file; where there is none the test tells so and passes, unless `GENSPAN_REQUIRE=all` is set.
pub(crate) fn recorded(name: &'static str) -> Option<Stored> {
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/claude-code");
    let path = Path::new(FOLDER).join(name).with_extension("jsonl");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(Stored { name, text }),
        Err(error) => {
            assert_ne!(
                std::env::var("GENSPAN_REQUIRE").as_deref(),
                Ok("all"),
                "{} is missing",
                path.display()
            );
            eprintln!("skipped: {}: {error}", path.display());
            None
        }
    }
}

fn drawn(name: &'static str) -> Option<String> {
    let scene = Scene::new();
    let imported = scene.import(&[recorded(name)?]);
    assert_eq!(imported.troubles, []);
    assert_eq!(imported.tally.unknown, std::collections::BTreeMap::new());
    check(&scene.spans());
    Some(sketch(&scene.spans()))
}

macro_rules! draws {
    ($test:ident, $name:literal, @$tree:literal) => {
        #[test]
        fn $test() {
            let Some(drawn) = drawn($name) else { return };
            insta::assert_snapshot!(drawn, @$tree);
        }
    };
}

draws!(an_answer_is_one_call, "text", @r#"
        invoke_agent claude-code 0..485 in=162 cached=50 written=100 out=9 end=["end_turn"] cost=0.000935 turns=1 derived=["start","end"]
          chat claude-opus-4-8 319..485 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(a_tool_runs_between_two_calls, "one-tool", @r#"
        invoke_agent claude-code 0..471 in=324 cached=100 written=200 out=18 end=["end_turn"] cost=0.00187 turns=2 derived=["start","end"]
          chat claude-opus-4-8 265..329 in=162 cached=50 written=100 derived=["start","end"]
          execute_tool Bash 329..407 type="function" derived=["start"]
          chat claude-opus-4-8 407..471 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(parallel_tools_are_of_one_call, "parallel-tools", @r#"
        invoke_agent claude-code 0..543 in=324 cached=100 written=200 out=18 end=["end_turn"] cost=0.00187 turns=3 derived=["start","end"]
          chat claude-opus-4-8 259..335 in=162 cached=50 written=100 derived=["start","end"]
          execute_tool Bash 335..444 type="function" derived=["start"]
          execute_tool Bash 335..467 type="function" derived=["start"]
          chat claude-opus-4-8 467..543 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(a_failing_tool_fails_alone, "tool-error", @r#"
        invoke_agent claude-code 0..461 in=324 cached=100 written=200 out=18 end=["end_turn"] cost=0.00187 turns=2 derived=["start","end"]
          chat claude-opus-4-8 224..272 in=162 cached=50 written=100 derived=["start","end"]
          execute_tool Bash 272..412 type="function" error="tool_error" derived=["start"]
          chat claude-opus-4-8 412..461 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(a_sub_agent_is_within_the_tool_that_starts_it, "subagent", @r#"
        invoke_agent claude-code 0..271 in=324 cached=100 written=200 out=18 end=["end_turn"] cost=0.002805 turns=2 derived=["start","end"]
          chat claude-opus-4-8 111..140 in=162 cached=50 written=100 derived=["start","end"]
          execute_tool Agent 140..212 type="function" derived=["start"]
            invoke_agent general-purpose 140..212 in=162 cached=50 written=100 out=9 derived=["start"]
          chat claude-opus-4-8 212..271 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(thinking_is_of_the_call, "thinking", @r#"
        invoke_agent claude-code 0..200 in=162 cached=50 written=100 out=9 end=["end_turn"] cost=0.000935 turns=1 derived=["start","end"]
          chat claude-opus-4-8 174..200 in=162 cached=50 written=100 derived=["start","end"]
        "#);
draws!(pieces_tell_the_output, "partial-messages", @r#"
        invoke_agent claude-code 0..285 in=324 cached=100 written=200 out=18 end=["end_turn"] cost=0.00187 turns=2 derived=["start","end"]
          chat claude-opus-4-8 181..208 in=162 cached=50 written=100 out=9 end=["tool_use"] derived=["start","end"]
          execute_tool Bash 208..258 type="function" derived=["start"]
          chat claude-opus-4-8 258..285 in=162 cached=50 written=100 out=9 end=["end_turn"] derived=["start","end"]
        "#);
draws!(what_was_repeated_is_one_call, "overloaded", @r#"
        invoke_agent claude-code 0..1918 in=162 cached=50 written=100 out=9 end=["end_turn"] cost=0.000935 turns=1 derived=["start","end"]
          chat claude-opus-4-8 207..1918 in=162 cached=50 written=100 attempts=3 derived=["start","end"]
        "#);
draws!(a_refused_request_fails_the_run, "bad-request", @r#"invoke_agent claude-code 0..319 in=0 cached=0 written=0 out=0 cost=0.0 turns=1 error="invalid_request" derived=["start","end"]"#);
draws!(too_many_turns_fail_the_run, "max-turns", @r#"
        invoke_agent claude-code 0..465 in=162 cached=50 written=100 out=9 end=["tool_use"] cost=0.000935 turns=2 error="error_max_turns" derived=["start","end"]
          chat claude-opus-4-8 0..142 in=162 cached=50 written=100 derived=["start","end"]
          execute_tool Bash 142..465 type="function" derived=["start"]
        "#);
