//! Gemini CLI, which reads its address from a variable where its settings choose how it signs in.

use serde_json::Value;

use super::{calls, found, home, plan, shown, tokens, trial::Trial};
use crate::scene::attribute;

const SETTINGS: (&str, &str) = (
    ".gemini/settings.json",
    r#"{"security":{"auth":{"selectedType":"gemini-api-key"}}}"#,
);

const STEPS: &str = r#"[{"think":"First things first.","call":[["run_shell_command",{"command":"echo one","description":"d"}]]},"All done."]"#;

fn trial(name: &str) -> Option<Trial> {
    let gemini = found(&[".bin/gemini"])?;
    let prompt = plan(STEPS);
    let words = [
        &gemini,
        "--skip-trust",
        "--yolo",
        "-m",
        "gemini-2.5-flash",
        "--output-format",
        "json",
        "-p",
        &prompt,
    ];
    Some(Trial::new(name, &words).with("GEMINI_API_KEY", "test"))
}

#[test]
fn each_answer_is_a_span() {
    let Some(trial) = trial("gemini") else { return };
    let told = trial
        .with("GOOGLE_GEMINI_BASE_URL", "$URL")
        .file(SETTINGS.0, SETTINGS.1)
        .run();
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let result: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(result["response"], "All done.");
    let stated = &result["stats"]["models"]["gemini-2.5-flash"]["tokens"];
    let stated = |key: &str| stated[key].as_u64().unwrap();
    let calls = calls(&told.spans);
    assert_eq!(calls.len(), 2);
    let output = stated("candidates") + stated("thoughts");
    assert_eq!(tokens(&calls), [stated("prompt"), stated("cached"), output]);
    for call in &calls {
        assert_eq!(
            attribute(call, "gen_ai.request.model").unwrap(),
            "gemini-2.5-flash"
        );
        assert_eq!(attribute(call, "error.type"), None);
    }
    assert!(!told.summary.contains("note:"), "{}", told.summary);
}

#[test]
fn where_nothing_is_chosen_it_runs_as_it_is() {
    let key = ("GEMINI_API_KEY", "test");
    let (line, summary) = shown("gemini", &[("HOME", "/nowhere"), key]);
    assert_eq!(line, "exec hi []\n");
    let note = "note: gemini runs as it is, and its calls are not recorded";
    assert!(summary.contains(note), "{summary}");
    let (line, summary) = shown("gemini", &[("HOME", &home("key")), key]);
    assert!(line.contains("/gemini]"), "{line}");
    assert!(!summary.contains("note:"), "{summary}");
}
