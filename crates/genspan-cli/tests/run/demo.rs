//! `genspan demo`: one trace of all that an agent does, offline.

use std::collections::HashSet;

use crate::scene::{Scene, attribute};

#[test]
fn it_prints_the_trace_that_it_recorded() {
    let scene = Scene::new("demo");
    let output = Scene::output(scene.genspan(&["demo"]), b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{text}"
    );
    for words in [
        "invoke_agent trip-planner",
        "invoke_agent guide",
        "execute_tool get_weather",
        "chat gpt-4o-mini",
        "tool_calls",
        "invalid_request",
        "1 failed, 1 repeated",
        "; cost: $0.00040\n",
    ] {
        assert!(text.contains(words), "{words} is missing from {text}");
    }
    let fits = |line: &str| line.starts_with("store:") || line.chars().count() <= 80;
    assert!(text.lines().all(fits), "{text}");

    let exported = Scene::output(scene.genspan(&["export", "-o", "spans.jsonl"]), b"");
    assert!(exported.status.success(), "{exported:?}");
    let spans = scene.spans("spans.jsonl");
    let traces: HashSet<_> = spans
        .iter()
        .map(|span| span["traceId"].as_str().unwrap())
        .collect();
    assert_eq!(traces.len(), 1, "one trace");
    let ids: HashSet<_> = spans
        .iter()
        .map(|span| span["spanId"].as_str().unwrap())
        .collect();
    let roots = spans
        .iter()
        .filter(|span| !ids.contains(span["parentSpanId"].as_str().unwrap_or_default()));
    assert_eq!(roots.count(), 1, "one root");
    let failed: Vec<_> = spans
        .iter()
        .filter(|span| attribute(span, "error.type").is_some())
        .collect();
    assert_eq!(failed.len(), 1);
    let retried: Vec<_> = spans
        .iter()
        .filter(|span| attribute(span, "genspan.attempts").is_some())
        .collect();
    assert_eq!(retried.len(), 1);
    assert_eq!(retried[0]["events"][0]["name"], "genspan.attempt");

    let check = Scene::output(scene.genspan(&["check", "spans.jsonl"]), b"");
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    let shown = Scene::output(scene.genspan(&["show"]), b"");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("invoke_agent trip-planner"));
}
