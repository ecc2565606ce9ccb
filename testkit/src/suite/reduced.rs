//! Spans without what no client has in common with another: ids, counts, models, hosts and times.

use std::fmt::Write;

use genspan::{FinishReason, semconv::attribute};
use serde_json::Value;

use super::{Case, Fact, RESULT, Unknown};
use crate::CapturedSpan;

/// Draws the spans, children under their parents, in the order in which they began.
pub(super) fn reduced(spans: &[CapturedSpan], case: Case, unknown: &[Unknown]) -> String {
    let mut ordered: Vec<&CapturedSpan> = spans.iter().collect();
    ordered.sort_by_key(|span| (span.started, span.context.span_id));
    let mut reduction = Reduction {
        case,
        unknown,
        text: String::new(),
    };
    let is_root = |span: &&&CapturedSpan| {
        let parent = span.parent.as_ref().map(|parent| parent.span_id);
        ordered
            .iter()
            .all(|other| Some(other.context.span_id) != parent)
    };
    for root in ordered.iter().filter(is_root) {
        reduction.draw(root, &ordered, 0);
    }
    reduction.text
}

struct Reduction<'a> {
    case: Case,
    unknown: &'a [Unknown],
    text: String,
}

impl Reduction<'_> {
    fn draw(&mut self, span: &CapturedSpan, all: &[&CapturedSpan], depth: usize) {
        let seen = Seen::new(span);
        let mut name = span.signals.name.to_string();
        if let Some(model) = seen.text(attribute::GEN_AI_REQUEST_MODEL) {
            name = name.replace(&model, "MODEL");
        }
        // One provider's word for the same.
        name = name.replace("generate_content ", "chat ");
        let status = if span.signals.is_error { " ERROR" } else { "" };
        let indent = "  ".repeat(depth);
        let _ = writeln!(
            self.text,
            "{indent}{name} [{:?}]{status}",
            span.signals.kind
        );
        let lines = match seen.text(attribute::GEN_AI_OPERATION_NAME).as_deref() {
            Some("chat" | "generate_content") => self.call(&seen, span.signals.is_error),
            Some("execute_tool") => self.tool(&seen),
            _ => Vec::new(),
        };
        for (fact, line) in lines {
            if self.knows(fact) {
                let _ = writeln!(self.text, "{indent}  {line}");
            }
        }
        if depth > all.len() {
            return;
        }
        for child in all {
            let parent = child.parent.as_ref().map(|parent| parent.span_id);
            if parent == Some(span.context.span_id) {
                self.draw(child, all, depth + 1);
            }
        }
    }

    fn knows(&self, fact: Fact) -> bool {
        self.unknown.iter().all(|one| one.fact != fact)
    }

    fn call(&self, seen: &Seen, failed: bool) -> Vec<(Fact, String)> {
        let mut lines = Vec::new();
        let mut stated = |fact, key: &str, line: &str| {
            if seen.has(key) {
                lines.push((fact, line.to_owned()));
            }
        };
        stated(Fact::Provider, attribute::GEN_AI_PROVIDER_NAME, "provider");
        if seen.has(attribute::SERVER_PORT) {
            stated(Fact::Server, attribute::SERVER_ADDRESS, "server");
        }
        if seen.get(attribute::GEN_AI_REQUEST_STREAM) == Some(&Value::Bool(true)) {
            stated(Fact::Streamed, attribute::GEN_AI_REQUEST_STREAM, "streamed");
        }
        let first = attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK;
        stated(Fact::FirstChunk, first, "first chunk");
        if failed {
            self.failed(seen, &mut lines);
        } else {
            answered(seen, &mut lines);
        }
        if seen.get(attribute::GEN_AI_TOOL_DEFINITIONS).is_some() {
            lines.push((Fact::ToolDefinitions, offered(seen)));
        }
        lines.extend(
            self.messages(seen, attribute::GEN_AI_INPUT_MESSAGES)
                .map(|line| (Fact::Input, format!("in {line}"))),
        );
        if !failed {
            lines.extend(
                self.messages(seen, attribute::GEN_AI_OUTPUT_MESSAGES)
                    .map(|line| (Fact::Output, format!("out {line}"))),
            );
        }
        lines
    }

    fn failed(&self, seen: &Seen, lines: &mut Vec<(Fact, String)>) {
        if let Some(error) = seen.text(attribute::ERROR_TYPE) {
            let error = match self.case {
                Case::Cancelled => error.as_str(),
                _ => "stated",
            };
            lines.push((Fact::ErrorType, format!("error {error}")));
        }
    }

    fn tool(&self, seen: &Seen) -> Vec<(Fact, String)> {
        let mut lines = Vec::new();
        if seen.has(attribute::GEN_AI_TOOL_CALL_ID) {
            lines.push((Fact::CallId, "call id".to_owned()));
        }
        if let Some(arguments) = seen.get(attribute::GEN_AI_TOOL_CALL_ARGUMENTS) {
            let arguments = sorted(arguments);
            lines.push((Fact::ToolContent, format!("arguments {arguments}")));
        }
        if let Some(result) = seen.get(attribute::GEN_AI_TOOL_CALL_RESULT) {
            lines.push((Fact::ToolContent, format!("result {}", given(result))));
        }
        lines
    }

    fn messages(&self, seen: &Seen, key: &str) -> impl Iterator<Item = String> {
        let knows_id = self.knows(Fact::CallId);
        let messages = seen.get(key).and_then(Value::as_array).cloned();
        messages
            .unwrap_or_default()
            .into_iter()
            .map(move |message| said(&message, knows_id))
    }
}

fn answered(seen: &Seen, lines: &mut Vec<(Fact, String)>) {
    for (fact, key, line) in [
        (
            Fact::ResponseModel,
            attribute::GEN_AI_RESPONSE_MODEL,
            "response model",
        ),
        (
            Fact::ResponseId,
            attribute::GEN_AI_RESPONSE_ID,
            "response id",
        ),
    ] {
        if seen.has(key) {
            lines.push((fact, line.to_owned()));
        }
    }
    let reasons = seen.get(attribute::GEN_AI_RESPONSE_FINISH_REASONS);
    for reason in reasons.and_then(Value::as_array).into_iter().flatten() {
        let reason = FinishReason::from_provider(reason.as_str().unwrap_or_default());
        lines.push((Fact::FinishReason, format!("finish {}", reason.as_str())));
    }
    let counted = |key| seen.get(key).and_then(Value::as_u64) > Some(0);
    if counted(attribute::GEN_AI_USAGE_INPUT_TOKENS)
        && counted(attribute::GEN_AI_USAGE_OUTPUT_TOKENS)
    {
        lines.push((Fact::Tokens, "tokens in and out".to_owned()));
    }
}

fn offered(seen: &Seen) -> String {
    let offers = seen.get(attribute::GEN_AI_TOOL_DEFINITIONS);
    let offers = offers.and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = offers.filter_map(|it| it["name"].as_str()).collect();
    format!("offers {}", names.join(", "))
}

/// One message, its parts side by side; whoever gives a tool's result is called `tool`.
fn said(message: &Value, knows_id: bool) -> String {
    let parts = message["parts"].as_array().into_iter().flatten();
    let mut role = message["role"].as_str().unwrap_or_default();
    let mut texts = Vec::new();
    for part in parts {
        let id = if knows_id && part["id"].is_string() {
            "ID "
        } else {
            ""
        };
        texts.push(match part["type"].as_str().unwrap_or_default() {
            "text" => part["content"].as_str().unwrap_or_default().to_owned(),
            "tool_call" => format!(
                "{id}call {} {}",
                part["name"].as_str().unwrap_or_default(),
                sorted(&part["arguments"])
            ),
            "tool_call_response" => {
                role = "tool";
                format!("{id}result {}", given(&part["response"]))
            }
            other => other.to_owned(),
        });
    }
    format!("{role}: {}", texts.join(" | "))
}

/// A tool's result, whatever the client or the provider wraps it in.
fn given(result: &Value) -> String {
    let text = sorted(result);
    if text.contains(RESULT) {
        RESULT.to_owned()
    } else {
        text
    }
}

/// A value as JSON; one that is a text with JSON in it counts as that JSON.
fn sorted(value: &Value) -> String {
    let inner = value.as_str().map(serde_json::from_str::<Value>);
    match inner {
        Some(Ok(inner)) => inner.to_string(),
        _ => value.to_string(),
    }
}

/// A span's attributes as JSON.
struct Seen(Vec<(String, Value)>);

impl Seen {
    fn new(span: &CapturedSpan) -> Self {
        let all = span.signals.sampled.iter().chain(&span.signals.attributes);
        Self(
            all.map(|one| {
                let json = serde_json::from_str(&one.value.to_json()).unwrap_or(Value::Null);
                (one.key.to_string(), json)
            })
            .collect(),
        )
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|one| one.0 == key).map(|one| &one.1)
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn text(&self, key: &str) -> Option<String> {
        Some(self.get(key)?.as_str()?.to_owned())
    }
}
