//! What Claude Code printed, and its transcripts.

use crate::{har::spans, place::Place};

const EVERYTHING: &str = include_str!("../../../genspan-claude/tests/fixtures/everything.jsonl");
const TRANSCRIPT: &str = include_str!("../../../genspan-claude/tests/fixtures/transcript.jsonl");
const SUB_AGENT: &str =
    include_str!("../../../genspan-claude/tests/fixtures/transcript-agent.jsonl");
const REFUSED: &str = include_str!("../../../genspan-claude/tests/fixtures/refused.jsonl");
const CUT: &str = include_str!("../../../genspan-claude/tests/fixtures/cut.jsonl");

const IMPORT: [&str; 4] = ["import", "claude", "--to", "file:spans.jsonl"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    IMPORT.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn a_stream_becomes_a_tree_and_the_same_bytes_each_time() {
    let place = Place::new("claude-stream");
    place.write("out.jsonl", EVERYTHING);
    let run = || {
        let ran = place.run(&with(&["--content", "out.jsonl"]));
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        (ran.stderr, place.read("spans.jsonl"))
    };
    let (told, once) = run();
    insta::assert_snapshot!(told, @"
    23 messages read from 1 stream and 0 transcripts: 1 run, 1 sub-agent, 5 calls, 5 tools; 0 unreadable
    passed over, of types that are not known: weather_report (1)
    ");
    assert_eq!(run().1, once);
    assert_eq!(spans(&once).len(), 12);
    let checked = place.run(&["check", "spans.jsonl"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let shown = place.run(&["show", "spans.jsonl"]);
    insta::assert_snapshot!(shown.stdout, @"
                                         at  time   in cached out  end
    trace c4b1de428b4165d1257a30b083ac559f  2026-03-01 09:00:00 UTC
    invoke_agent claude-code                10.0s 3960   3000 210  end_turn
    |- chat claude-sonnet-5                 1.00s 1320   1000
    |- execute_tool mcp__github__s.. +2.00s 3.00s
    |- execute_tool Read             +2.00s 2.10s
    |- execute_tool Bash             +2.00s 2.00s                  ! permission_de..
    |- chat claude-sonnet-5                 1.00s 1320   1000
    |- execute_tool Task                    3.00s
    |  `- invoke_agent Explore              3.00s   14      0
    |     |- chat claude-haiku-5            1.00s    5      0
    |     |- execute_tool Bash              1.00s
    |     `- chat claude-haiku-5            1.00s    9      0
    `- chat claude-sonnet-5                 1.00s 1320   1000
    5 calls to models: $0.012 as agents state
    ");
}

#[test]
fn without_content_none_is_written() {
    let place = Place::new("claude-no-content");
    place.write("out.jsonl", EVERYTHING);
    let ran = place.run(&with(&["--agent-name", "reviewer", "out.jsonl"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let written = place.read("spans.jsonl");
    assert!(written.contains("invoke_agent reviewer"));
    assert!(!written.contains("Posts first") && !written.contains("rm -r"));
}

#[test]
fn a_transcript_brings_those_of_its_sub_agents() {
    let place = Place::new("claude-transcript");
    place.write("session.jsonl", TRANSCRIPT);
    std::fs::create_dir_all(place.path("session/subagents")).unwrap();
    place.write("session/subagents/agent-a1b2c3.jsonl", SUB_AGENT);
    let ran = place.run(&with(&["session.jsonl"]));
    insta::assert_snapshot!(ran.stderr, @"17 messages read from 0 streams and 2 transcripts: 2 runs, 1 sub-agent, 5 calls, 2 tools; 0 unreadable");
    let once = place.read("spans.jsonl");
    // Whoever names them all gets the same.
    let ran = place.run(&with(&[
        "session.jsonl",
        "session/subagents/agent-a1b2c3.jsonl",
    ]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(place.read("spans.jsonl"), once);
    let checked = place.run(&["check", "spans.jsonl"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
}

#[test]
fn where_no_line_states_a_time_the_user_may() {
    let place = Place::new("claude-times");
    let run = |more: &[&str]| {
        let args: Vec<&str> = with(&["-"])
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let ran = place.run_with(&args, &[], REFUSED);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        (ran.stderr, place.read("spans.jsonl"))
    };
    let (told, written) = run(&["--ended", "2026-11-21T09:30:00Z"]);
    assert!(told.contains("no line states a time"), "{told}");
    let spans = spans(&written);
    assert_eq!(spans[0]["endTimeUnixNano"], "1795253400000000000");
    assert_eq!(spans[0]["startTimeUnixNano"], "1795253399900000000");
    let ran = place.run(&with(&["-", "--ended", "yesterday"]));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("2026-11-21T09:30:00Z"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    let place = Place::new("claude-broken");
    place.write("cut.jsonl", CUT);
    place.write("notes.txt", "Buy milk.\n");
    let ran = place.run(&with(&["cut.jsonl", "notes.txt"]));
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.stderr, @"
    5 messages read from 1 stream and 0 transcripts: 1 run, 0 sub-agents, 2 calls, 2 tools; 2 unreadable
      cut.jsonl, line 6: is JSON that is cut off
      notes.txt, line 1: is no JSON, from column 1 on
      notes.txt: holds no messages of Claude Code; expected the output of `claude -p --output-format stream-json --verbose`, or a transcript from ~/.claude/projects
    ");
    let ran = place.run(&with(&["nowhere.jsonl"]));
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("nowhere.jsonl"), "{}", ran.stderr);
}
