//! What a request for a response says: a text, or items of many types.

use serde_json::Value;

use super::{Offer, Said, list, named, text};
use crate::provider::plan::Turn;

pub(super) fn read(body: &Value) -> Said {
    let items = list(&body["input"]);
    let turns: Vec<Turn> = match &body["input"] {
        Value::String(asked) => vec![Turn {
            is_models: false,
            text: asked.clone(),
        }],
        _ => items.iter().filter_map(turn).collect(),
    };
    let users = items.iter().rev().filter(|it| it["role"] == "user");
    let question = users
        .map(|it| text(&it["content"]))
        .find(|it| !it.is_empty());
    // Some clients offer tools amid what they say.
    let amid = items.iter().flat_map(|it| list(&it["tools"]));
    Said {
        question: question.or_else(|| body["input"].as_str().map(str::to_owned)),
        result: items
            .last()
            .filter(|it| is_result(it))
            .map(|it| text(&it["output"])),
        tools: list(&body["tools"])
            .iter()
            .chain(amid)
            .flat_map(offers)
            .collect(),
        turns,
        prompt: ["instructions", "input", "tools"],
    }
}

fn is_result(item: &Value) -> bool {
    let kind = item["type"].as_str().unwrap_or_default();
    matches!(kind, "function_call_output" | "custom_tool_call_output")
}

fn turn(item: &Value) -> Option<Turn> {
    let kind = item["type"].as_str().unwrap_or("message");
    let (is_models, text) = match kind {
        "message" => (item["role"] == "assistant", text(&item["content"])),
        "function_call" | "custom_tool_call" | "reasoning" => (true, String::new()),
        _ if is_result(item) => (false, text(&item["output"])),
        _ => return None,
    };
    Some(Turn { is_models, text })
}

/// A tool, or those of a namespace; a provider's own is not for the client to run.
fn offers(tool: &Value) -> Vec<Offer> {
    match tool["type"].as_str() {
        Some("namespace") => list(&tool["tools"]).iter().flat_map(offers).collect(),
        Some("function" | "custom") => named(tool, "parameters").into_iter().collect(),
        _ => Vec::new(),
    }
}
