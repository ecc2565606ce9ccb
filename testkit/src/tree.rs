//! Spans as an indented text, for snapshots.

use std::fmt::Write;

use crate::capture::CapturedSpan;

/// Draws spans with all they carry, children under their parents, in the order in which they began.
#[must_use]
pub fn tree(spans: &[CapturedSpan]) -> String {
    let mut ordered: Vec<&CapturedSpan> = spans.iter().collect();
    ordered.sort_by_key(|span| (span.started, span.context.span_id));
    let has_parent = |span: &CapturedSpan| {
        span.parent.as_ref().is_some_and(|parent| {
            spans
                .iter()
                .any(|other| other.context.span_id == parent.span_id)
        })
    };
    let mut text = String::new();
    for root in ordered.iter().filter(|span| !has_parent(span)) {
        draw(root, &ordered, 0, &mut text);
    }
    text
}

fn draw(span: &CapturedSpan, all: &[&CapturedSpan], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let signals = &span.signals;
    let status = if signals.is_error {
        format!(" ERROR {:?}", signals.status_message)
    } else {
        String::new()
    };
    let took = span.ended.since(span.started);
    let _ = writeln!(
        text,
        "{indent}{} [{:?}] {took:?}{status}",
        signals.name, signals.kind
    );
    for attribute in signals.sampled.iter().chain(&signals.attributes) {
        let _ = writeln!(
            text,
            "{indent}  {} = {}",
            attribute.key,
            attribute.value.to_json()
        );
    }
    for event in &signals.span_events {
        let _ = writeln!(
            text,
            "{indent}  @ {} +{:?}",
            event.name,
            event.at.since(span.started)
        );
        for attribute in &event.attributes {
            let _ = writeln!(
                text,
                "{indent}    {} = {}",
                attribute.key,
                attribute.value.to_json()
            );
        }
    }
    if depth < all.len() {
        let is_child = |other: &&&CapturedSpan| {
            other
                .parent
                .as_ref()
                .is_some_and(|parent| parent.span_id == span.context.span_id)
        };
        for child in all.iter().filter(is_child) {
            draw(child, all, depth + 1, text);
        }
    }
}
