//! Messages of Claude Code, as the SDKs of others hand them on: each SDK drops members of its own choice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{convert::Infallible, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt, stream};
use genspan::{Conventions, Rendering, Telemetry};
use genspan_claude::{Options, Recorded};
use serde_json::Value as Json;
use testkit::{CaptureSink, CapturedSpan, ManualClock};

/// What the CLI printed, in our own words.
const EVERYTHING: &str =
    include_str!("../../crates/genspan-claude/tests/fixtures/everything.jsonl");

/// Records what an SDK makes of the messages.
fn recorded<M: serde::Serialize>(read: impl Fn(Json) -> Option<M>) -> String {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(
            ManualClock::at(1_000).stepping(Duration::from_millis(1)),
        ))
        .inline()
        .build();
    let lines = EVERYTHING.lines();
    let messages: Vec<Result<M, Infallible>> = lines
        .filter_map(|line| read(serde_json::from_str(line).unwrap()))
        .map(Ok)
        .collect();
    let count = messages.len();
    let stream = Recorded::new(
        stream::iter(messages),
        &telemetry,
        Some("Count the words."),
        Options::default(),
    );
    assert_eq!(stream.count().now_or_never(), Some(count));
    outline(&sink.spans())
}

/// Draws names, tokens and errors, children under their parents.
fn outline(spans: &[CapturedSpan]) -> String {
    let mut text = String::new();
    for root in spans.iter().filter(|span| span.parent.is_none()) {
        draw(root, spans, 0, &mut text);
    }
    text
}

fn draw(span: &CapturedSpan, all: &[CapturedSpan], depth: usize, text: &mut String) {
    let attribute = |key: &str| {
        let found = span.signals.attributes.iter();
        let found = found.chain(&span.signals.sampled).find(|it| it.key == key);
        found.map(|found| found.value.to_json())
    };
    text.push_str(&"  ".repeat(depth));
    text.push_str(&span.signals.name);
    for (word, key) in [
        ("in", "gen_ai.usage.input_tokens"),
        ("out", "gen_ai.usage.output_tokens"),
        ("error", "error.type"),
    ] {
        if let Some(value) = attribute(key) {
            text.push_str(&format!(" {word}={value}"));
        }
    }
    text.push('\n');
    let within = |other: &&CapturedSpan| {
        other.parent.as_ref().map(|parent| parent.span_id) == Some(span.context.span_id)
    };
    let mut children: Vec<&CapturedSpan> = all.iter().filter(within).collect();
    children.sort_by_key(|child| child.started);
    for child in children {
        draw(child, all, depth + 1, text);
    }
}

#[test]
fn permission_denials_apart_claude_agent_sdk_rs_keeps_all_there_is() {
    let drawn = recorded(|line| serde_json::from_value::<claude_agent_sdk_rs::Message>(line).ok());
    insta::assert_snapshot!(drawn, @r#"
    invoke_agent claude-code in=3960 out=210
      chat claude-sonnet-5 in=1320
      execute_tool Read
      execute_tool mcp__github__search
      execute_tool Bash error="tool_error"
      chat claude-sonnet-5 in=1320
      execute_tool Task
        invoke_agent Explore in=14
          chat claude-haiku-5 in=5
          execute_tool Bash
          chat claude-haiku-5 in=9
      chat claude-sonnet-5 in=1320
    "#);
}

#[test]
fn claude_agent_sdk_has_neither_ids_nor_tokens_of_calls() {
    let drawn = recorded(|line| serde_json::from_value::<claude_agent_sdk::Message>(line).ok());
    insta::assert_snapshot!(drawn, @r#"
    invoke_agent claude-code in=3960 out=210
      chat claude-sonnet-5
      execute_tool Read
      execute_tool mcp__github__search
      execute_tool Bash error="tool_error"
      chat claude-sonnet-5
      execute_tool Task
        invoke_agent Explore
          chat claude-haiku-5
          execute_tool Bash
          chat claude-haiku-5
      chat claude-sonnet-5
    "#);
}
