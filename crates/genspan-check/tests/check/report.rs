//! The report as people and machines read it.

use genspan::semconv::attribute as key;
use serde_json::json;

use crate::build::{advice, chat, check, details, in_logs, in_traces, int, text, words};

fn mixed() -> String {
    let broken = chat()
        .without(key::GEN_AI_PROVIDER_NAME)
        .with(key::GEN_AI_SYSTEM, text("openai"))
        .with(key::GEN_AI_REQUEST_TEMPERATURE, int(1))
        .with("acme.team", text("blue"))
        .member("name", json!("gpt-4o"));
    let event = details().member("severityNumber", json!(9));
    let lines = [
        in_traces("", &[chat(), broken]),
        "{\"resourceLogs\":".to_owned(),
        in_logs(&[event]),
    ];
    lines.join("\n")
}

#[test]
fn the_text_groups_findings_by_place() {
    let text = check(&mixed()).to_string();
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn the_json_holds_all_of_it() {
    insta::assert_json_snapshot!(check(&mixed()));
}

#[test]
fn a_clean_report_says_what_was_looked_at() {
    let report = check(&in_traces("", &[chat()]));
    assert!(report.is_clean());
    insta::assert_snapshot!(report, @"0 violations, 0 pieces of advice in 1 span, 0 log records, 0 metrics");
}

#[test]
fn advice_leaves_a_report_clean() {
    let report = check(&in_traces("", &[chat().with("acme.team", text("blue"))]));
    assert_eq!(words(&report), [advice("foreign-attribute", "acme.team")]);
    assert!(report.is_clean());
}

#[test]
fn a_flood_of_findings_is_counted_and_not_kept() {
    let line = in_traces("", &vec![chat().without(key::GEN_AI_PROVIDER_NAME); 100]);
    let report = check(&vec![line; 60].join("\n"));
    assert_eq!(report.violations(), 6_000);
    assert_eq!(report.findings().len(), 5_000);
    assert!(
        report
            .to_string()
            .contains("1000 more findings are not shown")
    );
}
