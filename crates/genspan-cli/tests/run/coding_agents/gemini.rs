//! Gemini CLI, which reads its address from a variable where its settings choose how it signs in.

use serde_json::Value;

use super::{calls, found, home, plan, shown, tokens, tree, trial::Trial};

const SETTINGS: (&str, &str) = (
    ".gemini/settings.json",
    r#"{"security":{"auth":{"selectedType":"gemini-api-key"}}}"#,
);

const STEPS: &str = r#"[{"think":"First things first.","call":[["run_shell_command",{"command":"echo one","description":"d"}]]},
    {"call":[["read_file",{"file_path":"there_is_none.txt"}],["list_directory",{"dir_path":"."}]]},"All done."]"#;

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
    assert_eq!(calls.len(), 3);
    let output = stated("candidates") + stated("thoughts");
    assert_eq!(tokens(&calls), [stated("prompt"), stated("cached"), output]);
    insta::assert_snapshot!(tree(&told.spans), @r#"
    invoke_agent model="gemini-2.5-flash" out="45" end=["STOP"] bounds="inner"
      generate_content gemini-2.5-flash out="21" end=["STOP"]
      execute_tool run_shell_command arguments={"command":"echo one","description":"d"} result={"output":"<untrusted_context>\nOutput: one\nProcess Group PGID: 0\n</untrusted_context>"} bounds="outer"
      generate_content gemini-2.5-flash out="21" end=["STOP"]
      execute_tool list_directory arguments={"dir_path":"."} result={"output":"Directory WORK is empty."} bounds="outer"
      execute_tool read_file error="tool_error" arguments={"file_path":"there_is_none.txt"} bounds="outer" "{\"error\":\"File not found: WORK/there_is_none.txt\"}"
      generate_content gemini-2.5-flash out="3" end=["STOP"]
    "#);
    assert!(!told.summary.contains("note:"), "{}", told.summary);
}

#[test]
fn where_nothing_is_chosen_it_runs_as_it_is() {
    let key = ("GEMINI_API_KEY", "test");
    let told = shown("gemini", &[("HOME", "/nowhere"), key]);
    assert_eq!(told.without, "exec hi []\n");
    told.is_unrecorded("gemini", "its settings choose no way to sign in");
    let told = shown("gemini", &[("HOME", &home("signed-in")), key]);
    assert!(
        told.summary
            .contains("its settings choose \"oauth-personal\"")
    );
    let told = shown("gemini", &[("HOME", &home("key")), key]);
    assert!(told.with.contains("/gemini]"), "{}", told.with);
    assert!(!told.summary.contains("note:"), "{}", told.summary);
}
