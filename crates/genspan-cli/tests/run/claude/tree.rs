//! Spans as a tree of a few facts.

use std::fmt::Write;

use serde_json::Value;

use crate::scene::{Scene, attribute};

/// Draws all traces: names, errors, attempts that failed and, where they are wanted, tokens.
pub(super) fn drawn(spans: &[Value], with_tokens: bool) -> String {
    let mut ordered: Vec<&Value> = spans.iter().collect();
    // Where others have tools, a call without is about a title: it is asked for beside the work, sooner or later.
    let is_aside = |span: &Value| is_title(span) && spans.iter().any(has_tools_of_chat);
    ordered.sort_by_key(|span| (!is_aside(span), time(span, "start")));
    let mut text = String::new();
    for root in ordered.iter().filter(|it| parent(it).is_empty()) {
        draw(root, &ordered, 0, with_tokens, &mut text);
    }
    text
}

fn draw(span: &Value, all: &[&Value], depth: usize, with_tokens: bool, text: &mut String) {
    let name = span["name"].as_str().unwrap();
    write!(text, "{}{name}", "  ".repeat(depth)).unwrap();
    if with_tokens && tokens(span) != [0, 0] {
        write!(text, " {:?}", tokens(span)).unwrap();
    }
    if let Some(error) = attribute(span, "error.type") {
        write!(text, " {}", error.as_str().unwrap()).unwrap();
    }
    if attempts(span) > 0 {
        write!(text, " after {}", attempts(span)).unwrap();
    }
    text.push('\n');
    let children = all
        .iter()
        .filter(|it| it["parentSpanId"] == span["spanId"] && it["traceId"] == span["traceId"]);
    for child in children {
        draw(child, all, depth + 1, with_tokens, text);
    }
}

fn parent(span: &Value) -> &str {
    span["parentSpanId"].as_str().unwrap_or_default()
}

pub(super) fn is_chat(span: &Value) -> bool {
    span["name"].as_str().unwrap().starts_with("chat")
}

/// Tells whether a call is one beside the work of a real agent, which has tools.
pub(super) fn is_title(span: &Value) -> bool {
    is_chat(span) && !has_tools(span)
}

fn has_tools_of_chat(span: &Value) -> bool {
    is_chat(span) && has_tools(span)
}

fn has_tools(span: &Value) -> bool {
    attribute(span, "gen_ai.tool.definitions").is_some()
}

/// Input and output.
pub(super) fn tokens(span: &Value) -> [u64; 2] {
    ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"].map(|key| {
        let count = attribute(span, key).and_then(Value::as_str);
        count.map_or(0, |count| count.parse().unwrap())
    })
}

/// Counts the attempts that failed before a call's last.
pub(super) fn attempts(span: &Value) -> usize {
    let events = span["events"].as_array().into_iter().flatten();
    events
        .filter(|event| event["name"] == "genspan.attempt")
        .count()
}

pub(super) fn time(span: &Value, which: &str) -> u64 {
    let time = &span[format!("{which}TimeUnixNano")];
    time.as_str().unwrap().parse().unwrap()
}

pub(super) fn check(scene: &Scene, file: &str) {
    let check = Scene::output(scene.genspan(&["check", file]), b"");
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.status.success(), "{told}");
}
