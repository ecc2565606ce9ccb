//! What was said, and what a tool was given and gave back.

use genspan::{Attribute, Value, semconv::attribute as key};

use super::{SpanKind, messages, text_of};
use crate::{
    Attributes, Span,
    conversation::{self, Message, Part},
};

const INPUT: &str = "llm.input_messages";
const OUTPUT: &str = "llm.output_messages";
const TOOLS: &str = "llm.tools";
const INPUT_VALUE: &str = "input.value";
const OUTPUT_VALUE: &str = "output.value";
const INPUT_TYPE: &str = "input.mime_type";
const OUTPUT_TYPE: &str = "output.mime_type";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

pub(super) fn write(span: &mut Span, kind: SpanKind) {
    let attributes = &mut span.attributes;
    match kind {
        SpanKind::Llm => write_said(attributes),
        SpanKind::Tool => {
            for (from, to, mime_type) in [
                (key::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT_VALUE, INPUT_TYPE),
                (key::GEN_AI_TOOL_CALL_RESULT, OUTPUT_VALUE, OUTPUT_TYPE),
            ] {
                if let Some(value) = attributes.take(from) {
                    attributes.set(to, text_of(&value));
                    attributes.set(mime_type, JSON);
                }
            }
        }
        SpanKind::Retriever => {
            attributes.rename(key::GEN_AI_RETRIEVAL_QUERY_TEXT, INPUT_VALUE);
            if attributes.has(INPUT_VALUE) {
                attributes.set(INPUT_TYPE, TEXT);
            }
        }
        SpanKind::Agent | SpanKind::Chain => {
            let said = conversation::asked(attributes);
            show(attributes, INPUT_VALUE, INPUT_TYPE, asked(&said));
            let said = conversation::answered(attributes);
            show(attributes, OUTPUT_VALUE, OUTPUT_TYPE, answered(&said));
        }
        SpanKind::Embedding | SpanKind::Other(_) => {}
    }
}

pub(super) fn read(span: &mut Span, kind: SpanKind) {
    let attributes = &mut span.attributes;
    match kind {
        SpanKind::Llm => read_said(attributes),
        SpanKind::Tool => {
            for (to, from, mime_type) in [
                (key::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT_VALUE, INPUT_TYPE),
                (key::GEN_AI_TOOL_CALL_RESULT, OUTPUT_VALUE, OUTPUT_TYPE),
            ] {
                if let Some(value) = attributes.take(from) {
                    attributes.take(mime_type);
                    attributes.set(to, Value::from_json_or_text(&text_of(&value)));
                }
            }
        }
        SpanKind::Retriever => {
            attributes.rename(INPUT_VALUE, key::GEN_AI_RETRIEVAL_QUERY_TEXT);
            attributes.take(INPUT_TYPE);
        }
        SpanKind::Agent | SpanKind::Chain => {
            let said = conversation::asked(attributes);
            hide(attributes, INPUT_VALUE, INPUT_TYPE, asked(&said).as_deref());
            let said = conversation::answered(attributes);
            hide(
                attributes,
                OUTPUT_VALUE,
                OUTPUT_TYPE,
                answered(&said).as_deref(),
            );
        }
        SpanKind::Embedding | SpanKind::Other(_) => {}
    }
}

fn write_said(attributes: &mut Attributes) {
    let input = conversation::asked(attributes);
    if !input.is_empty() {
        attributes.take(key::GEN_AI_INPUT_MESSAGES);
        attributes.take(key::GEN_AI_SYSTEM_INSTRUCTIONS);
    }
    let output = conversation::answered(attributes);
    if !output.is_empty() {
        attributes.take(key::GEN_AI_OUTPUT_MESSAGES);
    }
    let input = messages::apart(input);
    attributes.append(messages::spread(INPUT, &input));
    attributes.append(messages::spread(OUTPUT, &output));
    show(attributes, INPUT_VALUE, INPUT_TYPE, asked(&input));
    show(attributes, OUTPUT_VALUE, OUTPUT_TYPE, answered(&output));
    if let Some(Value::Array(tools)) = attributes.take_structured(key::GEN_AI_TOOL_DEFINITIONS) {
        for (at, tool) in tools.into_iter().enumerate() {
            attributes.set(
                format!("{TOOLS}.{at}.tool.json_schema"),
                nested(tool).to_json(),
            );
        }
    }
}

fn read_said(attributes: &mut Attributes) {
    let (input, output) = (
        messages::gather(INPUT, attributes),
        messages::gather(OUTPUT, attributes),
    );
    hide(
        attributes,
        INPUT_VALUE,
        INPUT_TYPE,
        asked(&input).as_deref(),
    );
    hide(
        attributes,
        OUTPUT_VALUE,
        OUTPUT_TYPE,
        answered(&output).as_deref(),
    );
    for (key, messages) in [
        (key::GEN_AI_INPUT_MESSAGES, input),
        (key::GEN_AI_OUTPUT_MESSAGES, output),
    ] {
        if !messages.is_empty() && !attributes.has(key) {
            attributes.set(key, conversation::value(messages));
        }
    }
    let mut tools = attributes.take_prefix("llm.tools.");
    tools.sort_by_key(|attribute| index(&attribute.key));
    let tools: Vec<Value> = tools
        .into_iter()
        .filter_map(|Attribute { value, .. }| Value::from_json(value.as_str()?).ok())
        .map(flat)
        .collect();
    if !tools.is_empty() && !attributes.has(key::GEN_AI_TOOL_DEFINITIONS) {
        attributes.set(key::GEN_AI_TOOL_DEFINITIONS, Value::Array(tools));
    }
}

/// Gives the number in `llm.tools.3.tool.json_schema`.
fn index(key: &str) -> u32 {
    key.split('.')
        .find_map(|segment| segment.parse().ok())
        .unwrap_or_default()
}

/// Puts a function's definition under `function`, where OpenInference's readers look for it.
fn nested(tool: Value) -> Value {
    match tool {
        Value::Map(members) if tool_kind(&members) == Some("function") => {
            let (kind, function) = members.into_iter().partition(|(name, _)| name == "type");
            let mut kind: Vec<(String, Value)> = kind;
            kind.push(("function".to_owned(), Value::Map(function)));
            Value::Map(kind)
        }
        other => other,
    }
}

fn flat(tool: Value) -> Value {
    let Value::Map(members) = &tool else {
        return tool;
    };
    match tool.get("function") {
        Some(Value::Map(function)) => {
            let kind = tool_kind(members).unwrap_or("function");
            let mut flat = vec![("type".to_owned(), Value::from(kind))];
            flat.extend(function.iter().cloned());
            Value::Map(flat)
        }
        _ => tool,
    }
}

fn tool_kind(members: &[(String, Value)]) -> Option<&str> {
    let (_, kind) = members.iter().find(|(name, _)| name == "type")?;
    kind.as_str()
}

/// Gives what was asked last, for lists that show one line a span.
fn asked(messages: &[Message]) -> Option<String> {
    messages
        .iter()
        .rev()
        .find(|message| message.role == "user")
        .and_then(text)
}

/// Gives what was answered first.
fn answered(messages: &[Message]) -> Option<String> {
    messages.first().and_then(text)
}

fn text(message: &Message) -> Option<String> {
    let text: String = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    (!text.is_empty()).then_some(text)
}

fn show(
    attributes: &mut Attributes,
    key: &'static str,
    mime_type: &'static str,
    text: Option<String>,
) {
    if let Some(text) = text
        && !attributes.has(key)
    {
        attributes.set(key, text);
        attributes.set(mime_type, TEXT);
    }
}

/// Takes out what `show` showed; what others put there stays.
fn hide(attributes: &mut Attributes, key: &str, mime_type: &str, text: Option<&str>) {
    if text.is_some() && attributes.text(key) == text {
        attributes.take(key);
        attributes.take(mime_type);
    }
}
