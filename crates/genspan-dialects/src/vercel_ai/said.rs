//! What was said, and what a tool was given and gave back.

use genspan::{Value, semconv::attribute as key};

use crate::{
    Attributes, blocks, chat_shape,
    conversation::{self, Message, Part},
    definitions,
};

const PROMPT: &str = "ai.prompt";
const MESSAGES: &str = "ai.prompt.messages";
const TOOLS: &str = "ai.prompt.tools";
const TEXT: &str = "ai.response.text";
const OBJECT: &str = "ai.response.object";
const REASONING: &str = "ai.response.reasoning";
const CALLS: &str = "ai.response.toolCalls";

pub(super) fn read(attributes: &mut Attributes) {
    for (from, to) in [
        ("ai.toolCall.name", key::GEN_AI_TOOL_NAME),
        ("ai.toolCall.id", key::GEN_AI_TOOL_CALL_ID),
    ] {
        attributes.rename(from, to);
    }
    for (from, to) in [
        ("ai.toolCall.args", key::GEN_AI_TOOL_CALL_ARGUMENTS),
        ("ai.toolCall.input", key::GEN_AI_TOOL_CALL_ARGUMENTS),
        ("ai.toolCall.result", key::GEN_AI_TOOL_CALL_RESULT),
        ("ai.toolCall.output", key::GEN_AI_TOOL_CALL_RESULT),
    ] {
        let content = attributes.take_structured(from);
        attributes.set_if_free(to, content);
    }
    asked(attributes);
    answered(attributes);
    definitions(attributes);
}

fn asked(attributes: &mut Attributes) {
    if attributes.has(key::GEN_AI_INPUT_MESSAGES) {
        return;
    }
    let mut asked = attributes
        .structured(MESSAGES)
        .as_deref()
        .and_then(chat_shape::read);
    if asked.is_some() {
        attributes.take(MESSAGES);
    } else if let Some(prompt) = attributes.structured(PROMPT) {
        asked = whole(&prompt);
        if asked.is_some() {
            attributes.take(PROMPT);
        }
    }
    let Some(asked) = asked else {
        return;
    };
    attributes.set(key::GEN_AI_INPUT_MESSAGES, conversation::value(asked));
}

/// Reads what a function of the SDK was given: instructions, and a prompt or messages.
fn whole(prompt: &Value) -> Option<Vec<Message>> {
    let message = |role: &str, text: &Value| Some(Message::text(role, text.as_str()?));
    let system = prompt
        .get("system")
        .and_then(|text| message("system", text));
    let said = match (prompt.get("messages"), prompt.get("prompt")) {
        (Some(messages), _) | (None, Some(messages @ Value::Array(_))) => {
            chat_shape::read(messages)?
        }
        (None, Some(text)) => vec![message("user", text)?],
        (None, None) => return None,
    };
    Some(system.into_iter().chain(said).collect())
}

fn answered(attributes: &mut Attributes) {
    if attributes.has(key::GEN_AI_OUTPUT_MESSAGES) {
        return;
    }
    let thought = attributes.take(REASONING);
    let text = [TEXT, OBJECT].map(|key| attributes.take(key));
    let calls = attributes.take_structured(CALLS);
    let texts = |value: Option<Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let mut parts: Vec<Part> = texts(thought).map(Part::Reasoning).into_iter().collect();
    parts.extend(text.into_iter().filter_map(texts).map(Part::Text));
    if let Some(Value::Array(calls)) = calls {
        parts.extend(calls.iter().map(call));
    }
    if parts.is_empty() {
        return;
    }
    let reason = match attributes.get(key::GEN_AI_RESPONSE_FINISH_REASONS) {
        Some(Value::Array(reasons)) => reasons.first().and_then(Value::as_str),
        _ => None,
    };
    // The SDK's own words have a hyphen where providers' have none.
    let reason = reason.map(|reason| reason.replace('-', "_"));
    let message = Message::new("assistant", parts).with_reason(reason.as_deref());
    let said = conversation::value(vec![message]);
    attributes.set(key::GEN_AI_OUTPUT_MESSAGES, said);
}

/// Reads a call, which need not say that it is one.
fn call(call: &Value) -> Part {
    let Value::Map(members) = call else {
        return Part::Other(call.clone());
    };
    let mut typed = vec![("type".to_owned(), Value::from("tool-call"))];
    let own = members.iter().filter(|(name, _)| name != "type");
    typed.extend(own.cloned());
    blocks::part(&Value::Map(typed))
}

/// Reads the definitions of tools, each a JSON text there.
fn definitions(attributes: &mut Attributes) {
    let Some(Value::Array(tools)) = attributes.structured(TOOLS).map(|tools| tools.into_owned())
    else {
        return;
    };
    let tool = |tool: Value| {
        definitions::conventional(match tool {
            Value::String(json) => Value::from_json_or_text(&json),
            other => other,
        })
    };
    let tools = Value::Array(tools.into_iter().map(tool).collect());
    if !attributes.has(key::GEN_AI_TOOL_DEFINITIONS) {
        attributes.take(TOOLS);
        attributes.set(key::GEN_AI_TOOL_DEFINITIONS, tools);
    }
}
