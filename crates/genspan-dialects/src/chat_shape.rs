//! Messages in the shape of OpenAI's chat completions, which vendors' pages know how to show.

use genspan::{Value, semconv::attribute as key};

use crate::{
    Attributes, blocks,
    conversation::{self, Message, Part},
};

/// Writes messages; the answers of tools become messages of their own.
pub(crate) fn messages(messages: &[Message]) -> Value {
    Value::Array(messages.iter().flat_map(message).collect())
}

/// Writes answers as choices.
pub(crate) fn choices(answers: &[Message]) -> Value {
    let choice = |(index, answer): (i64, &Message)| {
        let mut members = vec![("index".to_owned(), Value::Int(index))];
        if let Some(said) = message(answer).into_iter().next() {
            members.push(("message".to_owned(), said));
        }
        if let Some(reason) = answer.other("finish_reason") {
            members.push(("finish_reason".to_owned(), Value::from(reason_out(reason))));
        }
        Value::Map(members)
    };
    Value::Array((0..).zip(answers).map(choice).collect())
}

/// Gives OpenAI's word for a reason to stop.
fn reason_out(reason: &str) -> &str {
    if reason == "tool_call" {
        "tool_calls"
    } else {
        reason
    }
}

/// Gives the conventions' word for a reason to stop.
fn reason_in(reason: &str) -> &str {
    match reason {
        "tool_calls" | "function_call" => "tool_call",
        other => other,
    }
}

fn message(message: &Message) -> Vec<Value> {
    let is_answer = |part: &&Part| matches!(part, Part::ToolCallResponse { .. });
    let (answers, said): (Vec<&Part>, Vec<&Part>) = message.parts.iter().partition(is_answer);
    let is_answered = !answers.is_empty();
    let mut list: Vec<Value> = answers
        .into_iter()
        .filter_map(|part| match part {
            Part::ToolCallResponse { id, response } => Some(map(vec![
                ("role", Some(Value::from("tool"))),
                ("tool_call_id", id.clone().map(Value::String)),
                ("content", Some(response.clone())),
            ])),
            _ => None,
        })
        .collect();
    if !said.is_empty() || !is_answered {
        list.push(spoken(message, &said));
    }
    list
}

fn spoken(message: &Message, said: &[&Part]) -> Value {
    let mut reasoning = String::new();
    let (mut content, mut calls) = (Vec::new(), Vec::new());
    for part in said {
        match part {
            Part::Reasoning(text) => reasoning.push_str(text),
            Part::ToolCall {
                id,
                name,
                arguments,
            } => calls.push(call(id.as_ref(), name, arguments)),
            Part::Text(text) => content.push(map(vec![
                ("type", Some(Value::from("text"))),
                ("text", Some(Value::from(text.as_str()))),
            ])),
            Part::ToolCallResponse { .. } => {}
            Part::Other(other) => content.push(other.clone()),
        }
    }
    let texts: Vec<&&Part> = said
        .iter()
        .filter(|part| matches!(part, Part::Text(_) | Part::Other(_)))
        .collect();
    let content = match texts.as_slice() {
        [] => None,
        [Part::Text(text)] => Some(Value::from(text.as_str())),
        _ => Some(Value::Array(content)),
    };
    map(vec![
        ("role", Some(Value::from(message.role.as_str()))),
        ("name", message.other("name").map(Value::from)),
        ("content", Some(content.unwrap_or_default())),
        (
            "reasoning",
            (!reasoning.is_empty()).then_some(Value::String(reasoning)),
        ),
        (
            "tool_calls",
            (!calls.is_empty()).then_some(Value::Array(calls)),
        ),
    ])
}

fn call(id: Option<&String>, name: &str, arguments: &Value) -> Value {
    let text = match arguments {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_json()),
    };
    map(vec![
        ("id", id.cloned().map(Value::String)),
        ("type", Some(Value::from("function"))),
        (
            "function",
            Some(map(vec![
                ("name", Some(Value::from(name))),
                ("arguments", text.map(Value::String)),
            ])),
        ),
    ])
}

fn map(members: Vec<(&str, Option<Value>)>) -> Value {
    let stated = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Map(stated.collect())
}

/// Reads what was asked and answered where the conventions' keys do not say it; what is no conversation stays.
pub(crate) fn read_said(attributes: &mut Attributes, input: &str, output: &str) {
    for (from, to) in [
        (input, key::GEN_AI_INPUT_MESSAGES),
        (output, key::GEN_AI_OUTPUT_MESSAGES),
    ] {
        let is_known =
            attributes.has(to) || from == input && attributes.has(key::GEN_AI_SYSTEM_INSTRUCTIONS);
        if is_known {
            attributes.take(from);
            continue;
        }
        let messages = attributes.structured(from).and_then(|value| match &*value {
            one @ Value::Map(_) => read(&Value::Array(vec![one.clone()])),
            list => read(list),
        });
        if let Some(messages) = messages {
            attributes.take(from);
            attributes.set(to, conversation::value(messages));
        }
    }
}

/// Reads messages, or choices that hold one each; `None` where the value is neither.
pub(crate) fn read(value: &Value) -> Option<Vec<Message>> {
    let Value::Array(items) = value else {
        return None;
    };
    items.iter().map(read_one).collect()
}

pub(crate) fn read_one(value: &Value) -> Option<Message> {
    let stated = value.get("message").unwrap_or(value);
    let role = stated.get("role")?.as_str()?.to_owned();
    let text = |name: &str| stated.get(name).and_then(Value::as_str);
    let mut parts = Vec::new();
    if let Some(reasoning) = text("reasoning").or_else(|| text("reasoning_content")) {
        parts.push(Part::Reasoning(reasoning.to_owned()));
    }
    let content = stated.get("content").filter(|content| !content.is_null());
    match content {
        Some(response) if role == "tool" => match answers(response) {
            Some(answers) => parts.extend(answers),
            None => parts.push(Part::ToolCallResponse {
                id: text("tool_call_id").map(str::to_owned),
                response: response.clone(),
            }),
        },
        Some(Value::String(said)) => parts.push(Part::Text(said.clone())),
        Some(Value::Array(items)) => parts.extend(items.iter().map(blocks::part)),
        Some(other) => parts.push(Part::Other(other.clone())),
        None => parts.extend(text("tool_call_id").map(|id| Part::ToolCallResponse {
            id: Some(id.to_owned()),
            response: Value::Null,
        })),
    }
    if let Some(Value::Array(calls)) = stated.get("tool_calls") {
        parts.extend(calls.iter().filter_map(read_call));
    }
    let mut others = Vec::new();
    if let Some(name) = text("name") {
        others.push(("name".to_owned(), Value::from(name)));
    }
    let reason = value.get("finish_reason").and_then(Value::as_str);
    if let Some(reason) = reason {
        others.push(("finish_reason".to_owned(), Value::from(reason_in(reason))));
    }
    Some(Message {
        role,
        parts,
        others,
    })
}

/// Reads content that is a list of answers, each with its own id.
fn answers(content: &Value) -> Option<Vec<Part>> {
    let Value::Array(items) = content else {
        return None;
    };
    let parts: Vec<Part> = items.iter().map(blocks::part).collect();
    let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
    (!parts.is_empty() && parts.iter().all(is_answer)).then_some(parts)
}

/// Reads a call of a tool.
pub(crate) fn read_call(call: &Value) -> Option<Part> {
    let function = call.get("function").unwrap_or(call);
    let arguments = match function.get("arguments") {
        None => Value::Null,
        Some(Value::String(text)) => Value::from_json_or_text(text),
        Some(other) => other.clone(),
    };
    Some(Part::ToolCall {
        id: call.get("id").and_then(Value::as_str).map(str::to_owned),
        name: function.get("name")?.as_str()?.to_owned(),
        arguments,
    })
}
