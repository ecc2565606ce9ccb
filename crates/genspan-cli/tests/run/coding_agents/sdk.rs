//! Programs of a few lines on the SDKs of Claude Code, for JavaScript and for Python, which start it themselves.

use std::process::Command;

use serde_json::Value;

use super::{
    calls,
    claude::{questions, stated},
    found, plan, skip, tokens, tree,
    trial::{Told, Trial},
};

const APP_JS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/app.mjs");
const APP_PY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/app.py");

/// A tool, one that fails beside another, a sub-agent with a tool of its own, and the answer.
const STEPS: &str = r#"[{"say":"Let me see.","call":[["Bash",{"command":"echo one","description":"d"}]]},
    {"call":[["Bash",{"command":"exit 3","description":"d"}],["Bash",{"command":"exit 4","description":"d"}]]},
    {"call":[["Task",{"description":"look","subagent_type":"general-purpose",
    "prompt":"Look. <plan>[{\"call\":[[\"Bash\",{\"command\":\"echo in\",\"description\":\"d\"}]]},\"seen\"]</plan>"}]]},"All done."]"#;

fn trial(name: &str, words: &[&str]) -> Option<Trial> {
    let claude = found(&[".bin/claude", "@anthropic-ai/claude-code-linux-x64/claude"])?;
    let prompt = plan(STEPS);
    let words: Vec<&str> = words.iter().copied().chain([prompt.as_str()]).collect();
    let trial = Trial::new(name, &words)
        .with("CLAUDE", &claude)
        .with("ANTHROPIC_API_KEY", "sk-ant-test")
        .with("ANTHROPIC_BASE_URL", "$URL");
    Some(trial)
}

/// Each question is one span, the sums are those of the last line, and the tree is the same in both languages.
fn holds(told: &Told) {
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let last = told.stdout.lines().last().unwrap_or_default();
    let result: Value = serde_json::from_str(last).unwrap();
    assert_eq!(result["result"], "All done.", "{}", told.stdout);
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), questions(told));
    assert_eq!(tokens(&calls), stated(&result));
    insta::assert_snapshot!("sdk", tree(&told.spans));
}

#[test]
fn an_agent_in_javascript() {
    let Some(sdk) = found(&["@anthropic-ai/claude-agent-sdk/sdk.mjs"]) else {
        return;
    };
    let Some(trial) = trial("sdk-js", &["node", APP_JS]) else {
        return;
    };
    holds(&trial.with("AGENT_SDK", &sdk).run());
}

#[test]
fn an_agent_in_python() {
    let python = std::env::var("GENSPAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python)
        .args(["-c", "import claude_agent_sdk"])
        .output();
    if !has.is_ok_and(|output| output.status.success()) {
        return skip(&format!(
            "{python} has no package claude_agent_sdk; name one that has in GENSPAN_PYTHON"
        ));
    }
    let Some(trial) = trial("sdk-py", &[&python, APP_PY]) else {
        return;
    };
    holds(&trial.run());
}
