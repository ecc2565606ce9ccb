//! What a request to Gemini says.

use serde_json::Value;

use super::{Said, list, named, text};
use crate::provider::plan::Turn;

pub(super) fn read(body: &Value) -> Said {
    let contents = list(&body["contents"]);
    let is_users = |it: &&Value| it["role"] != "model";
    let last = contents.last().map(|it| &it["parts"]);
    // Names may be written in either of protobuf's manners, and clients use both.
    let declared = ["functionDeclarations", "function_declarations"];
    let tools = list(&body["tools"])
        .iter()
        .flat_map(|it| declared.into_iter().flat_map(|name| list(&it[name])));
    let turns = contents.iter().map(|content| Turn {
        is_models: content["role"] == "model",
        text: text(&content["parts"]),
    });
    Said {
        question: contents
            .iter()
            .rev()
            .filter(is_users)
            .map(|it| text(&it["parts"]))
            .find(|it| !it.is_empty()),
        result: last.and_then(result),
        tools: tools
            .filter_map(|it| {
                let stated = named(it, "parametersJsonSchema")?;
                let is_new = !stated.schema.is_null();
                if is_new {
                    Some(stated)
                } else {
                    named(it, "parameters")
                }
            })
            .collect(),
        turns: turns.collect(),
        prompt: ["systemInstruction", "contents", "tools"],
    }
}

/// What tools gave, where they are what the client says last.
fn result(parts: &Value) -> Option<String> {
    let given: Vec<String> = list(parts)
        .iter()
        .filter_map(|part| part.pointer("/functionResponse/response"))
        .map(|response| match &response["output"] {
            Value::String(output) => output.clone(),
            _ => response.to_string(),
        })
        .collect();
    (!given.is_empty()).then(|| given.join("\n"))
}
