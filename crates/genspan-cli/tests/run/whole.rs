//! Spans as a tree with all that is told of them, but for what differs from run to run.

use std::{collections::HashMap, fmt::Write};

use serde_json::Value;

use crate::{agents::plain, scene::attribute};

/// What is shown, each with the word before it. A chat's model stands in its name.
pub(crate) const FACTS: [(&str, &str); 9] = [
    ("model", "gen_ai.request.model"),
    ("answered", "gen_ai.response.model"),
    ("out", "gen_ai.usage.output_tokens"),
    ("end", "gen_ai.response.finish_reasons"),
    ("error", "error.type"),
    ("attempts", "genspan.attempts"),
    ("arguments", "gen_ai.tool.call.arguments"),
    ("result", "gen_ai.tool.call.result"),
    ("bounds", "genspan.time.bounds"),
];

/// Draws all traces, siblings by when they began; `shown` makes of a fact what is the same in every run.
pub(crate) fn drawn(
    spans: &[Value],
    facts: &[(&str, &str)],
    shown: impl Fn(&str) -> String,
) -> String {
    let mut ordered: Vec<&Value> = spans.iter().collect();
    let is_aside = |span: &Value| is_aside(span, spans);
    ordered.sort_by_cached_key(|span| {
        let arguments = attribute(span, "gen_ai.tool.call.arguments").map(Value::to_string);
        (!is_aside(span), time(span, "start"), arguments)
    });
    let mut text = String::new();
    for root in ordered.iter().filter(|it| parent(it).is_empty()) {
        draw(root, &ordered, 0, facts, &shown, &mut text);
    }
    text
}

fn draw(
    span: &Value,
    all: &[&Value],
    depth: usize,
    facts: &[(&str, &str)],
    shown: &impl Fn(&str) -> String,
    text: &mut String,
) {
    let name = span["name"].as_str().unwrap();
    write!(text, "{}{name}", "  ".repeat(depth)).unwrap();
    let operation = attribute(span, "gen_ai.operation.name").unwrap();
    assert!(name.starts_with(operation.as_str().unwrap()), "{span}");
    for (word, key) in facts {
        let Some(value) = attribute(span, key) else {
            continue;
        };
        let value = plain(value);
        let is_in_name = value.as_str().is_some_and(|value| name.ends_with(value));
        if !is_in_name {
            write!(text, " {word}={}", shown(&value.to_string())).unwrap();
        }
    }
    if let Some(message) = span["status"]["message"].as_str() {
        write!(text, " {:?}", shown(message)).unwrap();
    }
    text.push('\n');
    for child in all.iter().filter(|it| is_within(it, span)) {
        draw(child, all, depth + 1, facts, shown, text);
    }
}

fn is_within(span: &Value, parent: &Value) -> bool {
    span["parentSpanId"] == parent["spanId"] && span["traceId"] == parent["traceId"]
}

fn parent(span: &Value) -> &str {
    span["parentSpanId"].as_str().unwrap_or_default()
}

fn time(span: &Value, which: &str) -> u64 {
    let time = &span[format!("{which}TimeUnixNano")];
    time.as_str().unwrap().parse().unwrap()
}

/// Tells whether a call is one beside the work, such as for a title: it has no tools where others have.
pub(crate) fn is_aside(span: &Value, all: &[Value]) -> bool {
    let has_tools = |span: &Value| attribute(span, "gen_ai.tool.definitions").is_some();
    is_call(span) && !has_tools(span) && all.iter().any(|it| is_call(it) && has_tools(it))
}

pub(crate) fn is_call(span: &Value) -> bool {
    attribute(span, "gen_ai.operation.name")
        .is_some_and(|name| name == "chat" || name == "generate_content")
}

pub(crate) fn is_tool(span: &Value) -> bool {
    attribute(span, "gen_ai.operation.name").is_some_and(|name| name == "execute_tool")
}

/// Holds that everything happens within what it is part of; that each tool begins once the call has begun that asks for
/// it, and ends before its agent's next call begins.
///
/// Where its times are bounds of what cannot be seen, it begins when that call ends, and ends when the next begins.
pub(crate) fn assert_bounds(spans: &[Value]) {
    let by_id: HashMap<_, _> = spans.iter().map(|it| (it["spanId"].as_str(), it)).collect();
    for span in spans.iter().filter(|it| !parent(it).is_empty()) {
        let around = by_id[&span["parentSpanId"].as_str()];
        let is_inside = time(around, "start") <= time(span, "start")
            && time(span, "end") <= time(around, "end");
        assert!(is_inside, "{span}\nis not within\n{around}");
    }
    for tool in spans.iter().filter(|it| is_tool(it)) {
        let links = tool["links"].as_array().unwrap();
        assert_eq!(links.len(), 1, "{tool}");
        let asked = by_id[&links[0]["spanId"].as_str()];
        assert!(is_call(asked), "{asked}");
        assert_eq!(asked["parentSpanId"], tool["parentSpanId"], "siblings");
        if let (Some(id), Some(said)) = (
            attribute(tool, "gen_ai.tool.call.id").and_then(Value::as_str),
            attribute(asked, "gen_ai.output.messages"),
        ) {
            assert!(said.to_string().contains(id), "{asked}\nasks for no {id}");
        }
        let calls = spans.iter().filter(|it| {
            let is_own = it["parentSpanId"] == tool["parentSpanId"] && is_call(it);
            is_own && !is_aside(it, spans) && time(it, "start") > time(asked, "start")
        });
        let next = calls.map(|call| time(call, "start")).min();
        let is_bound = attribute(tool, "genspan.time.bounds").is_some();
        if is_bound {
            assert_eq!(time(tool, "start"), time(asked, "end"), "{tool}");
            assert_eq!(Some(time(tool, "end")), next, "{tool}");
        } else {
            assert_eq!(attribute(tool, "genspan.time.derived"), None, "{tool}");
            assert!(time(tool, "start") >= time(asked, "start"), "{tool}");
            assert!(next.is_none_or(|next| time(tool, "end") <= next), "{tool}");
        }
    }
}
