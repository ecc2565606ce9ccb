//! How a run ended whose transcript has no result: its last lines tell.

use crate::scene::{Scene, Stored, attribute, check};

/// A line of a transcript, so many seconds after the first.
fn line(second: u32, rest: &str) -> String {
    format!(
        r#"{{"sessionId":"s","version":"2.1.197","isSidechain":false,"uuid":"u{second}","timestamp":"2026-11-21T00:00:{second:02}.000Z",{rest}}}"#
    )
}

fn said(second: u32, block: &str, reason: &str) -> String {
    let usage = r#"{"input_tokens":9,"output_tokens":3}"#;
    line(
        second,
        &format!(
            r#""type":"assistant","message":{{"id":"msg_{second}","role":"assistant","model":"claude-opus-5","stop_reason":"{reason}","usage":{usage},"content":[{block}]}}"#
        ),
    )
}

fn user(second: u32, content: &str) -> String {
    line(
        second,
        &format!(r#""type":"user","message":{{"role":"user","content":{content}}}"#),
    )
}

/// Draws what became of the runs: error, its text, and what the agent answered.
fn drawn(lines: &[String]) -> String {
    let scene = Scene::with_content();
    let imported = scene.import(&[Stored {
        name: "transcript.jsonl",
        text: lines.join("\n"),
    }]);
    assert_eq!(imported.troubles, []);
    let spans = scene.spans();
    check(&spans);
    let agents = spans.iter().filter(|span| span.parent.is_none());
    let drawn = agents.map(|agent| {
        let error = attribute(agent, "error.type").unwrap_or_default();
        let text = agent.signals.status_message.clone();
        let said = attribute(agent, "gen_ai.output.messages").unwrap_or_default();
        format!("error: {error} text: {text} said: {said}\n")
    });
    drawn.collect()
}

const BASH: &str = r#"{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls"}}"#;

#[test]
fn the_last_answer_is_the_agents() {
    let lines = [
        user(0, r#""What is here?""#),
        said(
            1,
            &[r#"{"type":"text","text":"Let me see."}"#, BASH].join(","),
            "tool_use",
        ),
        user(
            2,
            r#"[{"type":"tool_result","tool_use_id":"t","content":"a b"}]"#,
        ),
        said(
            3,
            r#"{"type":"thinking","thinking":"Two."},{"type":"text","text":"Two files."}"#,
            "end_turn",
        ),
    ];
    insta::assert_snapshot!(drawn(&lines), @r#"error:  text:  said: [{"role":"assistant","parts":[{"type":"text","content":"Two files."}],"finish_reason":"stop"}]"#);
    // What is said with a call of a tool is no answer, and what is cut off has none.
    insta::assert_snapshot!(drawn(&lines[..3]), @"error:  text:  said:");
    insta::assert_snapshot!(drawn(&lines[..2]), @r#"error: "truncated" text:  said:"#);
}

#[test]
fn a_message_in_place_of_an_answer_is_an_error() {
    let synthetic = |more: &str| {
        let message = r#""message":{"id":"x","model":"<synthetic>","role":"assistant","content":[{"type":"text","text":"API Error: no."}]}"#;
        let lines = [
            user(0, r#""Hi""#),
            line(1, &format!(r#""type":"assistant",{message},{more}"#)),
        ];
        drawn(&lines)
    };
    let told = [
        synthetic(r#""error":"unknown","isApiErrorMessage":true,"apiErrorStatus":400"#),
        synthetic(r#""error":"server_error","isApiErrorMessage":true"#),
        synthetic(r#""isApiErrorMessage":true"#),
        synthetic(r#""error":"rate_limit","apiErrorStatus":"429""#),
        synthetic(r#""isApiErrorMessage":false"#),
    ];
    insta::assert_snapshot!(told.concat(), @r#"
    error: "invalid_request" text: API Error: no. said: 
    error: "server_error" text: API Error: no. said: 
    error: "_OTHER" text: API Error: no. said: 
    error: "rate_limited" text: API Error: no. said: 
    error:  text:  said:
    "#);
}

#[test]
fn an_interruption_cancels_the_run_and_the_next_is_another() {
    let note = r#"[{"type":"text","text":"[Request interrupted by user for tool use]"}]"#;
    let lines = [
        user(0, r#""What is here?""#),
        said(1, BASH, "tool_use"),
        user(
            2,
            r#"[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":"No."}]"#,
        ),
        user(3, note),
        user(4, r#""And there?""#),
        said(5, r#"{"type":"text","text":"Nothing."}"#, "end_turn"),
    ];
    insta::assert_snapshot!(drawn(&lines), @r#"
    error: "cancelled" text:  said: 
    error:  text:  said: [{"role":"assistant","parts":[{"type":"text","content":"Nothing."}],"finish_reason":"stop"}]
    "#);
    // Nothing had been answered yet.
    let early = [
        user(0, r#""Hi""#),
        user(1, r#""[Request interrupted by user]""#),
    ];
    insta::assert_snapshot!(drawn(&early), @r#"error: "cancelled" text:  said:"#);
}
