//! Codex, which reads its address from its command line and tries a WebSocket first.

use serde_json::Value;
use testkit::provider::{Script, Sockets};

use super::{calls, found, home, plan, shown, tokens, tree, trial::Trial};
use crate::scene::attribute;

/// A thought, a command, a command that fails, and the answer.
const STEPS: &str = r#"[{"think":"First things first.","call":[["exec_command",{"cmd":"echo one"}]]},{"call":[["exec_command",{"cmd":"exit 3"}]]},"All done."]"#;

fn codex() -> Option<String> {
    found(&[".bin/codex"])
}

/// Codex with the provider as the user's own choice of address.
fn trial(name: &str, codex: &str, sockets: Sockets) -> Trial {
    let prompt = plan(STEPS);
    let address = "openai_base_url=\"$URL/v1\"";
    let words = [
        codex,
        "exec",
        "--json",
        "--skip-git-repo-check",
        "-m",
        "gpt-5.1",
        "-c",
        address,
        &prompt,
    ];
    Trial::new(name, &words)
        .with("OPENAI_API_KEY", "sk-test")
        .script(Script::scenarios().sockets(sockets))
}

/// The counts of the line that ends a turn: input, cached, output.
fn stated(stdout: &str) -> [u64; 3] {
    let lines = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let usage = lines
        .filter(|line| line["type"] == "turn.completed")
        .map(|line| line["usage"].clone());
    let usage: Vec<Value> = usage.collect();
    assert_eq!(usage.len(), 1, "{stdout}");
    ["input_tokens", "cached_input_tokens", "output_tokens"]
        .map(|key| usage[0][key].as_u64().unwrap())
}

#[test]
fn each_answer_is_a_span_over_sockets_and_over_https() {
    let Some(codex) = codex() else { return };
    for (name, sockets) in [
        ("codex-socket", Sockets::Compressed),
        ("codex-plain-socket", Sockets::Plain),
        ("codex-https", Sockets::Refused(426)),
    ] {
        let told = trial(name, &codex, sockets).run();
        assert_eq!(told.code, Some(0), "{name}: {}", told.stdout);
        assert!(told.stdout.contains("All done."), "{name}: {}", told.stdout);
        let calls = calls(&told.spans);
        assert_eq!(calls.len(), 3, "{name}");
        assert_eq!(tokens(&calls), stated(&told.stdout), "{name}");
        insta::assert_snapshot!("codex", tree(&told.spans));
        let asked = told.asked.iter().filter(|request| {
            let question = request.json();
            question["stream"] == true && question["generate"] != false
        });
        assert_eq!(asked.count(), 3, "{name}: what was asked");
        assert!(!told.summary.contains("note:"), "{name}: {}", told.summary);
    }
}

#[test]
fn an_answer_that_is_refused_is_one_failed_span() {
    let Some(codex) = codex() else { return };
    let prompt = plan(r#"[{"status":400}]"#);
    let words = [
        codex.as_str(),
        "exec",
        "--json",
        "--skip-git-repo-check",
        "-m",
        "gpt-5.1",
        &prompt,
    ];
    let told = Trial::new("codex-refused", &words)
        .with("OPENAI_API_KEY", "sk-test")
        .file(".codex/config.toml", "openai_base_url = \"$URL/v1\"\n")
        .run();
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), 1);
    insta::assert_snapshot!(tree(&told.spans), @r#"chat gpt-5.1 error="invalid_request" "Invalid 'temperature': expected a value <= 2.""#);
    assert_eq!(attribute(calls[0], "gen_ai.usage.input_tokens"), None);
}

#[test]
fn signed_in_with_chatgpt_it_runs_as_it_is() {
    let home = ("HOME", &*home("signed-in"));
    let told = shown("codex", &[home]);
    assert_eq!(told.without, "exec hi\n");
    told.is_unrecorded("codex", "signs it in with ChatGPT");
    let told = shown("codex", &[home, ("CODEX_API_KEY", "sk-test")]);
    let line = &told.with;
    let setting = "-c openai_base_url=\"http://127.0.0.1:";
    assert!(line.starts_with(setting), "{line}");
    assert!(line.ends_with("/codex/v1\" exec hi\n"), "{line}");
    assert!(!told.summary.contains("note:"), "{}", told.summary);
}
