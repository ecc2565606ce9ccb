use crate::{
    har::{chat, file},
    place::Place,
};

const WRONG: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat m","kind":3,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.usage.input_tokens","value":{"stringValue":"12"}}]}]}]}]}"#;

#[test]
fn what_an_import_writes_is_clean() {
    let place = Place::new("check-clean");
    place.write("a.har", &file(&[chat(1)]));
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "--content=both",
        "--to",
        "file:spans.jsonl",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = place.run(&["check", "spans.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
}

#[test]
fn violations_are_printed_and_exit_with_1() {
    let ran = Place::new("check-wrong").run_with(&["check", "-"], &[], WRONG);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert!(
        ran.stdout.contains("standard input:1") && ran.stdout.contains("gen_ai.usage.input_tokens"),
        "{}",
        ran.stdout
    );
    let ran = Place::new("check-wrong-json").run_with(&["check", "--json", "-"], &[], WRONG);
    assert_eq!(ran.code, 1);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["violations"].as_u64().unwrap() > 0, "{report}");
}

#[test]
fn a_file_that_cannot_be_read_exits_with_2() {
    let ran = Place::new("check-absent").run(&["check", "gone.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr
            .starts_with("genspan: gone.jsonl cannot be read: "),
        "{}",
        ran.stderr
    );
}
