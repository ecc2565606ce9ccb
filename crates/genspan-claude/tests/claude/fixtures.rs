//! Messages of our own, in the shapes of the CLI's.

use genspan_claude::Imported;

use crate::scene::{Scene, Stored, attribute, check, sketch};

/// Gives a fixture by its name.
pub(crate) fn fixture(name: &'static str) -> Stored {
    let text = match name {
        "cut" => include_str!("../fixtures/cut.jsonl"),
        "everything" => include_str!("../fixtures/everything.jsonl"),
        "pieces" => include_str!("../fixtures/pieces.jsonl"),
        "refused" => include_str!("../fixtures/refused.jsonl"),
        "transcript" => include_str!("../fixtures/transcript.jsonl"),
        "transcript-agent" => include_str!("../fixtures/transcript-agent.jsonl"),
        "transcript-inline" => include_str!("../fixtures/transcript-inline.jsonl"),
        "twice" => include_str!("../fixtures/twice.jsonl"),
        other => panic!("there is no fixture {other}"),
    };
    Stored {
        name,
        text: text.to_owned(),
    }
}

/// Imports fixtures; what comes out keeps to the conventions.
fn imported(names: &[&'static str]) -> (Scene, Imported) {
    let scene = Scene::new();
    let files: Vec<Stored> = names.iter().map(|name| fixture(name)).collect();
    let imported = scene.import(&files);
    check(&scene.spans());
    (scene, imported)
}

fn drawn(names: &[&'static str]) -> String {
    sketch(&imported(names).0.spans())
}

#[test]
fn all_that_can_happen_is_told() {
    let scene = Scene::with_content();
    let imported = scene.import(&[fixture("everything")]);
    check(&scene.spans());
    insta::assert_snapshot!("everything", testkit::tree(&scene.spans()));
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..10000 in=3960 cached=3000 written=900 out=210 end=["end_turn"] cost=0.0123 turns=3 derived=["start","end"]
          chat claude-sonnet-5 1000..2000 in=1320 cached=1000 written=300 derived=["start","end"]
          execute_tool Bash 2000..4000 type="function" error="permission_denied" derived=["start"]
          execute_tool Read 2000..4100 type="function" derived=["start"]
          execute_tool mcp__github__search 2000..5000 type="extension" derived=["start"]
          chat claude-sonnet-5 5000..6000 in=1320 cached=1000 written=300 attempts=2 derived=["start","end"]
          execute_tool Task 6000..9000 type="function" derived=["start"]
            invoke_agent Explore 6000..9000 in=14 cached=0 written=0 derived=["start"]
              chat claude-haiku-5 6000..7000 in=5 cached=0 written=0 derived=["start","end"]
              execute_tool Bash 7000..8000 type="function" derived=["start"]
              chat claude-haiku-5 8000..9000 in=9 cached=0 written=0 derived=["start","end"]
          chat claude-sonnet-5 9000..10000 in=1320 cached=1000 written=300 derived=["start","end"]
        "#);
    insta::assert_debug_snapshot!(imported.tally, @r#"
        Tally {
            messages: 23,
            repeated: 0,
            unknown: {
                "weather_report": 1,
            },
            runs: 1,
            sub_agents: 1,
            calls: 5,
            tools: 5,
        }
        "#);
}

#[test]
fn without_capture_no_content_is_anywhere() {
    let (scene, _) = imported(&["everything"]);
    let all = format!("{:?}", scene.spans());
    for content in [
        "Posts first",
        "look",
        "/home/ada",
        "is:open",
        "rm -r",
        "# A post",
        "3 issues",
        "blog engines",
        "Count the words",
        "2 post.md",
        "Two words",
        "c2VhbA",
        "not given",
    ] {
        assert!(!all.contains(content), "{content}");
    }
}

#[test]
fn pieces_state_tokens_and_the_wait_for_the_first() {
    let (scene, _) = imported(&["pieces"]);
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..900 in=40 cached=10 written=0 out=17 end=["end_turn"] cost=0.001 turns=1 derived=["start","end"]
          chat claude-sonnet-5 300..700 in=40 cached=10 written=0 out=17 end=["end_turn"] derived=["start","end"]
        "#);
    let spans = scene.spans();
    let chat = spans
        .iter()
        .find(|span| span.signals.name.starts_with("chat"));
    assert_eq!(
        attribute(chat.unwrap(), "gen_ai.response.time_to_first_chunk").as_deref(),
        Some("0.12")
    );
}

#[test]
fn a_refusal_is_the_runs_alone() {
    insta::assert_snapshot!(drawn(&["refused"]), @r#"invoke_agent claude-code 0..100 in=0 cached=0 written=0 out=0 cost=0.0 turns=1 error="authentication" derived=["start","end"]"#);
}

#[test]
fn what_is_cut_off_is_closed() {
    let (scene, imported) = imported(&["cut"]);
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..0 in=2640 cached=2000 written=600 error="truncated" derived=["start","end"]
          chat claude-sonnet-5 0..0 in=1320 cached=1000 written=300 derived=["start","end"]
          execute_tool Bash 0..0 type="function" derived=["start"]
          chat claude-sonnet-5 0..0 in=1320 cached=1000 written=300 derived=["start","end"]
          execute_tool Bash 0..0 type="function" error="cancelled" derived=["start","end"]
        "#);
    insta::assert_debug_snapshot!(imported.troubles, @r#"
        [
            Trouble {
                source: "cut",
                line: Some(
                    6,
                ),
                told: "is JSON that is cut off",
                is_fatal: false,
            },
        ]
        "#);
}

#[test]
fn each_run_has_its_own_totals() {
    insta::assert_snapshot!(drawn(&["twice"]), @r#"
        invoke_agent claude-code 0..1000 in=1320 cached=1000 written=300 out=5 end=["end_turn"] cost=0.01 turns=1 derived=["start","end"]
          chat claude-sonnet-5 0..600 in=1320 cached=1000 written=300 derived=["start","end"]
        invoke_agent claude-code 0..1000 in=1320 cached=1000 written=300 turns=1 error="error_during_execution" derived=["start","end"]
          chat claude-sonnet-5 0..600 in=1320 cached=1000 written=300 derived=["start","end"]
        invoke_agent claude-code 0..1000 in=1320 cached=1000 written=300 out=6 end=["end_turn"] cost=0.025 turns=1 derived=["start","end"]
          chat claude-sonnet-5 0..600 in=1320 cached=1000 written=300 derived=["start","end"]
        "#);
}

#[test]
fn a_transcript_is_one_with_those_of_its_sub_agents() {
    let together = drawn(&["transcript", "transcript-agent"]);
    insta::assert_snapshot!(together, @r#"
        invoke_agent claude-code 0..10100 in=200 cached=180 written=0 out=49 end=["end_turn"]
          chat claude-sonnet-5 0..2200 in=100 cached=90 written=0 out=42 end=["tool_use"] derived=["start"]
          execute_tool Agent 2200..8000 type="function"
            invoke_agent Explore 2300..8000 in=200 cached=180 written=0 out=25 end=["end_turn"]
              chat claude-haiku-5 2300..4000 in=100 cached=90 written=0 out=20 end=["tool_use"] derived=["start"]
              execute_tool Bash 4000..5000 type="function"
              chat claude-haiku-5 5000..7500 in=100 cached=90 written=0 out=5 end=["end_turn"] derived=["start"]
          chat claude-sonnet-5 8000..10000 in=100 cached=90 written=0 out=7 end=["end_turn"] attempts=2 derived=["start"]
        invoke_agent claude-code 19000..20000 in=100 cached=90 written=0 out=3 end=["end_turn"]
          chat claude-sonnet-5 19000..20000 in=100 cached=90 written=0 out=3 end=["end_turn"] derived=["start"]
        "#);
    assert_eq!(drawn(&["transcript-agent", "transcript"]), together);
}

#[test]
fn a_sub_agents_transcript_may_stand_alone() {
    insta::assert_snapshot!(drawn(&["transcript-agent"]), @r#"
        invoke_agent claude-code 0..5200 in=200 cached=180 written=0 out=25 end=["end_turn"]
          chat claude-haiku-5 0..1700 in=100 cached=90 written=0 out=20 end=["tool_use"] derived=["start"]
          execute_tool Bash 1700..2700 type="function"
          chat claude-haiku-5 2700..5200 in=100 cached=90 written=0 out=5 end=["end_turn"] derived=["start"]
        "#);
}

#[test]
fn side_chains_within_a_transcript_are_found_by_their_prompt() {
    insta::assert_snapshot!(drawn(&["transcript-inline"]), @r#"
        invoke_agent claude-code 0..7000 in=200 cached=180 written=0 error="cancelled"
          chat claude-sonnet-5 0..2000 in=100 cached=90 written=0 derived=["start"]
          execute_tool Task 2000..5000 type="function"
            invoke_agent Explore 2500..5000 in=100 cached=90 written=0
              chat claude-haiku-5 2500..4000 in=100 cached=90 written=0 derived=["start"]
          chat claude-sonnet-5 5000..6000 in=100 cached=90 written=0 derived=["start"]
          execute_tool Bash 6000..7000 type="function" error="cancelled"
        invoke_agent claude-code 7000..8000 in=100 cached=90 written=0
          chat claude-sonnet-5 7000..8000 in=100 cached=90 written=0 derived=["start"]
        "#);
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    for name in ["everything", "transcript"] {
        let (once, _) = imported(&[name]);
        let (twice, told) = imported(&[name, name]);
        assert_eq!(sketch(&twice.spans()), sketch(&once.spans()));
        assert!(told.copies > 5, "{told:?}");
    }
}

#[test]
fn other_files_are_told() {
    let scene = Scene::new();
    let text = "{\"name\":\"no message\"}\n[1]\n\n{]\n".to_owned();
    let imported = scene.import(&[Stored {
        name: "package.json",
        text,
    }]);
    assert_eq!(scene.spans().len(), 0);
    insta::assert_debug_snapshot!(imported.troubles, @r#"
        [
            Trouble {
                source: "package.json",
                line: Some(
                    2,
                ),
                told: "is no JSON object, and 1 more",
                is_fatal: false,
            },
            Trouble {
                source: "package.json",
                line: None,
                told: "holds no messages of Claude Code; expected the output of `claude -p --output-format stream-json --verbose`, or a transcript from ~/.claude/projects",
                is_fatal: true,
            },
        ]
        "#);
}
