//! Claude Code in all the ways a run of it can go.

use serde_json::Value;

use super::{
    calls, found, plan, sum, tokens,
    trial::{Told, Trial},
};
use crate::scene::attribute;

/// Runs it with a prompt, unless it is not here.
fn trial(name: &str, prompt: &str) -> Option<Trial> {
    let claude = found(&[".bin/claude", "@anthropic-ai/claude-code-linux-x64/claude"])?;
    let words = [
        &claude,
        "-p",
        prompt,
        "--output-format",
        "stream-json",
        "--verbose",
        "--allowedTools",
        "Bash,Task",
    ];
    let trial = Trial::new(&format!("claude-{name}"), &words)
        .with("ANTHROPIC_API_KEY", "sk-ant-test")
        .with("ANTHROPIC_BASE_URL", "$URL");
    Some(trial)
}

/// What the last line states.
fn result(told: &Told) -> Value {
    let last = told.stdout.lines().last().unwrap_or_default();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["type"], "result", "{}", told.stdout);
    last
}

/// What it states for all models together: input with what met the cache, cached, output.
pub(super) fn stated(result: &Value) -> [u64; 3] {
    let mut all = [0; 3];
    for usage in result["modelUsage"].as_object().unwrap().values() {
        let of = |key: &str| usage[key].as_u64().unwrap();
        let cached = of("cacheReadInputTokens");
        all[0] += of("inputTokens") + cached + of("cacheCreationInputTokens");
        all[1] += cached;
        all[2] += of("outputTokens");
    }
    all
}

/// Questions that the provider was asked, those of one call counted once.
pub(super) fn questions(told: &Told) -> usize {
    let posts = told.asked.iter().filter(|request| request.method == "POST");
    let mut bodies: Vec<_> = posts.map(|request| &request.body).collect();
    bodies.sort();
    bodies.dedup();
    bodies.len()
}

/// Runs a plan that ends well: each question is one span, and the sums are those of the result.
fn succeeds(name: &str, steps: &str) -> Option<Told> {
    let told = trial(name, &plan(steps))?.run();
    let result = result(&told);
    assert_eq!(
        (told.code, &result["is_error"]),
        (Some(0), &Value::Bool(false)),
        "{name}: {}",
        told.stdout
    );
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(&told), "{name}: one span a call");
    assert_eq!(tokens(&calls), stated(&result), "{name}");
    assert!(!told.summary.contains("note:"), "{name}: {}", told.summary);
    Some(told)
}

/// How many tools the answers call, by the ids of the calls.
fn called(told: &Told) -> usize {
    let said = |span: &&Value| attribute(span, "gen_ai.output.messages").map(Value::to_string);
    let texts = calls(&told.spans)
        .iter()
        .filter_map(said)
        .collect::<String>();
    texts.matches("\"toolu_").count()
}

#[test]
fn text() {
    let Some(told) = succeeds("text", r#"["All done."]"#) else {
        return;
    };
    assert_eq!(result(&told)["result"], "All done.");
}

/// Whichever of two tools side by side ends first is told first, so both say the same.
#[test]
fn tools_one_by_one_and_side_by_side_and_one_that_fails() {
    let steps = r#"[{"say":"Let me see.","call":[["Bash",{"command":"echo one","description":"d"}]]},
        {"call":[["Bash",{"command":"echo same","description":"d"}],["Bash",{"command":"echo same","description":"d"}]]},
        {"call":[["Bash",{"command":"exit 3","description":"d"}]]},"All done."]"#;
    let Some(told) = succeeds("tools", steps) else {
        return;
    };
    assert_eq!(called(&told), 4);
    assert_eq!(result(&told)["num_turns"], 5);
}

#[test]
fn a_sub_agent() {
    let steps = r#"[{"call":[["Task",{"description":"look","subagent_type":"general-purpose",
        "prompt":"Look. <plan>[{\"call\":[[\"Bash\",{\"command\":\"echo in\",\"description\":\"d\"}]]},\"seen\"]</plan>"}]]},"All done."]"#;
    let Some(told) = succeeds("sub-agent", steps) else {
        return;
    };
    assert_eq!(called(&told), 2);
}

#[test]
fn thinking() {
    let Some(told) = succeeds("thinking", r#"[{"think":"Easy.","say":"All done."}]"#) else {
        return;
    };
    assert!(sum(&calls(&told.spans), "gen_ai.usage.reasoning.output_tokens") > 0);
}

#[test]
fn an_overload_and_then_an_answer_is_one_call() {
    let Some(trial) = trial("overload", &plan(r#"[{"say":"All done.","fail":529}]"#)) else {
        return;
    };
    let told = trial.run();
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(&told));
    let repeated = calls
        .iter()
        .filter(|call| attribute(call, "genspan.attempts").is_some());
    assert_eq!(repeated.count(), 1);
    assert_eq!(tokens(&calls), stated(&result(&told)));
}

#[test]
fn what_is_refused_is_failed_calls() {
    let Some(trial) = trial("refused", &plan(r#"[{"status":400}]"#)) else {
        return;
    };
    let told = trial.run();
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(&told));
    for call in calls {
        assert_eq!(attribute(call, "error.type").unwrap(), "invalid_request");
    }
}

#[test]
fn what_is_cut_is_failed_calls() {
    let prompt = plan(r#"[{"say":"A text that nobody reads to its end.","cut":3}]"#);
    let Some(trial) = trial("cut", &prompt) else {
        return;
    };
    let told = trial.with("CLAUDE_CODE_MAX_RETRIES", "1").run();
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(&told));
    for call in calls {
        assert!(attribute(call, "error.type").is_some(), "{call}");
    }
}

#[test]
fn what_is_interrupted_is_cancelled_calls() {
    // A look whether the host is there, the session's title, and the question.
    let Some(trial) = trial("interrupted", "scripted:hang") else {
        return;
    };
    let told = trial.interrupted_after(3).run();
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(&told));
    for call in calls {
        assert!(attribute(call, "error.type").is_some(), "{call}");
    }
}
