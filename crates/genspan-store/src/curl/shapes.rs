//! Messages in the shapes of providers' requests.

use genspan::{Value, semconv::attribute as key};
use genspan_dialects::Attributes;

use crate::{
    prepare::said::{Said, parts_of},
    read::ToolDefinition,
};

type Members = Vec<(String, Value)>;

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::Map(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Adds the settings that a request states, under the provider's names for them.
fn settings<const N: usize>(
    members: &mut Members,
    attributes: &Attributes,
    names: [(&str, &str); N],
) {
    for (name, key) in names {
        if let Some(value) = attributes.get(key) {
            members.push((name.to_owned(), value.clone()));
        }
    }
}

/// Gives the text of a message's or an instruction's parts.
fn joined(parts: &[Value]) -> String {
    let texts = parts.iter().filter(|part| text(part, "type") == "text");
    let texts: Vec<&str> = texts.map(|part| text(part, "content")).collect();
    texts.join("\n")
}

/// Gives what a tool answered as a text.
fn answer(part: &Value) -> Value {
    match part.get("response").or_else(|| part.get("result")) {
        Some(Value::String(text)) => Value::String(text.clone()),
        Some(other) => Value::String(other.to_json()),
        None => Value::from(""),
    }
}

/// Gives what a tool is called with as an object.
fn arguments(part: &Value) -> Value {
    match part.get("arguments") {
        Some(Value::String(text)) => Value::from_json_or_text(text),
        Some(other) => other.clone(),
        None => Value::Map(Vec::new()),
    }
}

pub(super) fn openai(
    model: &str,
    attributes: &Attributes,
    said: &Said,
    tools: Option<&[ToolDefinition]>,
) -> Value {
    let mut messages = Vec::new();
    if let Some(system) = &said.system {
        messages.push(map([
            ("role", Value::from("system")),
            ("content", Value::String(joined(system))),
        ]));
    }
    for message in said.input.iter().flatten() {
        let parts = parts_of(message);
        for part in parts
            .iter()
            .filter(|part| text(part, "type") == "tool_call_response")
        {
            messages.push(map([
                ("role", Value::from("tool")),
                ("tool_call_id", Value::from(text(part, "id"))),
                ("content", answer(part)),
            ]));
        }
        let calls = parts
            .iter()
            .filter(|part| text(part, "type") == "tool_call");
        let calls: Vec<Value> = calls
            .map(|part| {
                let function = map([
                    ("name", Value::from(text(part, "name"))),
                    ("arguments", Value::String(arguments(part).to_json())),
                ]);
                map([
                    ("id", Value::from(text(part, "id"))),
                    ("type", Value::from("function")),
                    ("function", function),
                ])
            })
            .collect();
        let content = joined(parts);
        if content.is_empty() && calls.is_empty() {
            continue;
        }
        let mut members = vec![
            ("role".to_owned(), Value::from(text(message, "role"))),
            ("content".to_owned(), Value::String(content)),
        ];
        if !calls.is_empty() {
            members.push(("tool_calls".to_owned(), Value::Array(calls)));
        }
        messages.push(Value::Map(members));
    }
    let mut body = vec![
        ("model".to_owned(), Value::from(model)),
        ("messages".to_owned(), Value::Array(messages)),
    ];
    if let Some(tools) = tools {
        let tools = tools.iter().map(|tool| {
            let function = Value::Map(described(tool, "parameters"));
            map([("type", Value::from("function")), ("function", function)])
        });
        body.push(("tools".to_owned(), Value::Array(tools.collect())));
    }
    settings(
        &mut body,
        attributes,
        [
            ("temperature", key::GEN_AI_REQUEST_TEMPERATURE),
            ("top_p", key::GEN_AI_REQUEST_TOP_P),
            ("max_tokens", key::GEN_AI_REQUEST_MAX_TOKENS),
            ("seed", key::GEN_AI_REQUEST_SEED),
            ("stop", key::GEN_AI_REQUEST_STOP_SEQUENCES),
        ],
    );
    Value::Map(body)
}

fn described(tool: &ToolDefinition, schema: &str) -> Members {
    let mut members = vec![("name".to_owned(), Value::from(tool.name.as_str()))];
    if let Some(description) = &tool.description {
        members.push(("description".to_owned(), Value::from(description.as_str())));
    }
    if let Some(parameters) = &tool.parameters {
        members.push((schema.to_owned(), parameters.clone()));
    }
    members
}

pub(super) fn anthropic(
    model: &str,
    attributes: &Attributes,
    said: &Said,
    tools: Option<&[ToolDefinition]>,
) -> Value {
    let block = |part: &Value| match text(part, "type") {
        "text" => Some(map([
            ("type", Value::from("text")),
            ("text", Value::from(text(part, "content"))),
        ])),
        "tool_call" => Some(map([
            ("type", Value::from("tool_use")),
            ("id", Value::from(text(part, "id"))),
            ("name", Value::from(text(part, "name"))),
            ("input", arguments(part)),
        ])),
        "tool_call_response" => Some(map([
            ("type", Value::from("tool_result")),
            ("tool_use_id", Value::from(text(part, "id"))),
            ("content", answer(part)),
        ])),
        _ => None,
    };
    let messages = said.input.iter().flatten().map(|message| {
        let role = match text(message, "role") {
            "assistant" => "assistant",
            _ => "user",
        };
        let blocks = parts_of(message).iter().filter_map(block).collect();
        map([
            ("role", Value::from(role)),
            ("content", Value::Array(blocks)),
        ])
    });
    let mut body = vec![("model".to_owned(), Value::from(model))];
    if !attributes.has(key::GEN_AI_REQUEST_MAX_TOKENS) {
        body.push(("max_tokens".to_owned(), Value::Int(1_024)));
    }
    if let Some(system) = &said.system {
        body.push(("system".to_owned(), Value::String(joined(system))));
    }
    body.push(("messages".to_owned(), Value::Array(messages.collect())));
    if let Some(tools) = tools {
        let tools = tools
            .iter()
            .map(|tool| Value::Map(described(tool, "input_schema")));
        body.push(("tools".to_owned(), Value::Array(tools.collect())));
    }
    settings(
        &mut body,
        attributes,
        [
            ("max_tokens", key::GEN_AI_REQUEST_MAX_TOKENS),
            ("temperature", key::GEN_AI_REQUEST_TEMPERATURE),
            ("top_p", key::GEN_AI_REQUEST_TOP_P),
            ("top_k", key::GEN_AI_REQUEST_TOP_K),
            ("stop_sequences", key::GEN_AI_REQUEST_STOP_SEQUENCES),
        ],
    );
    Value::Map(body)
}

pub(super) fn gemini(
    attributes: &Attributes,
    said: &Said,
    tools: Option<&[ToolDefinition]>,
) -> Value {
    let part = |part: &Value| match text(part, "type") {
        "text" => Some(map([("text", Value::from(text(part, "content")))])),
        "tool_call" => {
            let call = map([
                ("name", Value::from(text(part, "name"))),
                ("args", arguments(part)),
            ]);
            Some(map([("functionCall", call)]))
        }
        "tool_call_response" => {
            let response = map([
                ("name", Value::from(text(part, "id"))),
                ("response", map([("result", answer(part))])),
            ]);
            Some(map([("functionResponse", response)]))
        }
        _ => None,
    };
    let contents = said.input.iter().flatten().map(|message| {
        let role = match text(message, "role") {
            "assistant" | "model" => "model",
            _ => "user",
        };
        let parts = parts_of(message).iter().filter_map(part).collect();
        map([("role", Value::from(role)), ("parts", Value::Array(parts))])
    });
    let mut body = vec![("contents".to_owned(), Value::Array(contents.collect()))];
    if let Some(system) = &said.system {
        let text = map([("text", Value::String(joined(system)))]);
        let parts = map([("parts", Value::Array(vec![text]))]);
        body.push(("systemInstruction".to_owned(), parts));
    }
    if let Some(tools) = tools {
        let declared = tools
            .iter()
            .map(|tool| Value::Map(described(tool, "parameters")));
        let declared = map([("functionDeclarations", Value::Array(declared.collect()))]);
        body.push(("tools".to_owned(), Value::Array(vec![declared])));
    }
    let mut config = Members::new();
    settings(
        &mut config,
        attributes,
        [
            ("temperature", key::GEN_AI_REQUEST_TEMPERATURE),
            ("topP", key::GEN_AI_REQUEST_TOP_P),
            ("topK", key::GEN_AI_REQUEST_TOP_K),
            ("maxOutputTokens", key::GEN_AI_REQUEST_MAX_TOKENS),
            ("stopSequences", key::GEN_AI_REQUEST_STOP_SEQUENCES),
        ],
    );
    if !config.is_empty() {
        body.push(("generationConfig".to_owned(), Value::Map(config)));
    }
    Value::Map(body)
}
