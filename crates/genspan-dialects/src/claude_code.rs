//! Claude Code: what its own telemetry says in `claude_code.*` spans, most of it under bare keys.
//!
//! An interaction is an agent's run, `llm_request` a chat, `tool` a tool; the waits and the execution within a tool, and
//! hooks, are no operations of the conventions and keep their names. The input is counted there without what was
//! cached, here with it. `gen_ai.response.id` is the id of the request there, and stays.

use genspan::{
    Value,
    semconv::{
        attribute as key,
        value::{error_type, operation_name as operation},
    },
};

use crate::{
    Attributes, Span, Status,
    conversation::{self, Message},
    milliseconds, naming, providers, tokens, typed,
};

const PREFIX: &str = "claude_code.";
const TYPE: &str = "span.type";

/// Bare keys of the same fact.
const RENAMED: [(&str, &str); 11] = [
    ("session.id", key::GEN_AI_CONVERSATION_ID),
    ("model", key::GEN_AI_REQUEST_MODEL),
    ("input_tokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    ("output_tokens", key::GEN_AI_USAGE_OUTPUT_TOKENS),
    (
        "cache_read_tokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "cache_creation_tokens",
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ),
    ("stop_reason", key::GEN_AI_RESPONSE_FINISH_REASONS),
    ("tool_name", key::GEN_AI_TOOL_NAME),
    ("tool_use_id", key::GEN_AI_TOOL_CALL_ID),
    ("tool_input", key::GEN_AI_TOOL_CALL_ARGUMENTS),
    ("agent_id", key::GEN_AI_AGENT_ID),
];

/// Says in the conventions' language what Claude Code says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let word = match span.name.strip_prefix(PREFIX) {
        Some(word) => word.to_owned(),
        None => return false,
    };
    let attributes = &mut span.attributes;
    let operation = match word.as_str() {
        "interaction" => Some(operation::INVOKE_AGENT),
        "llm_request" => Some(operation::CHAT),
        "tool" => Some(operation::EXECUTE_TOOL),
        _ => None,
    };
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    if attributes.text(TYPE) == Some(&*word) && operation.is_some() {
        attributes.take(TYPE);
    }
    let counts_fresh =
        attributes.has("input_tokens") && !attributes.has(key::GEN_AI_USAGE_INPUT_TOKENS);
    for (from, to) in RENAMED {
        // The tool of a span within a tool is named on that.
        if operation.is_some() || to == key::GEN_AI_CONVERSATION_ID {
            attributes.fold(from, to);
        }
    }
    providers::from_system(attributes);
    milliseconds::rename(
        attributes,
        "ttft_ms",
        key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    );
    typed::restore(attributes);
    if counts_fresh {
        tokens::include_cache(attributes);
    }
    for (from, to, role) in [
        ("user_prompt", key::GEN_AI_INPUT_MESSAGES, "user"),
        (
            "response.model_output",
            key::GEN_AI_OUTPUT_MESSAGES,
            "assistant",
        ),
    ] {
        said(attributes, from, to, role);
    }
    result(span);
    failed(span);
    naming::conventional(span);
    true
}

/// Makes a message of a text; one that was not to be told stays as it is.
fn said(attributes: &mut Attributes, from: &str, to: &'static str, role: &str) {
    let Some(text) = attributes.text(from).map(str::to_owned) else {
        return;
    };
    if attributes.has(to) || text == "<REDACTED>" {
        return;
    }
    attributes.take(from);
    let message = Message::text(role, &text);
    attributes.set(to, conversation::value(vec![message]));
}

/// Takes what a tool gave back out of the event that tells it.
fn result(span: &mut Span) {
    const TOLD: &str = "tool.output";
    const MEMBERS: [&str; 2] = ["output", "content"];
    let attributes = &mut span.attributes;
    if attributes.text(key::GEN_AI_OPERATION_NAME) != Some(operation::EXECUTE_TOOL)
        || attributes.has(key::GEN_AI_TOOL_CALL_RESULT)
    {
        return;
    }
    let told = span.events.iter().find(|event| event.name == TOLD);
    let output = told.and_then(|event| {
        let mut members = event.attributes.iter();
        members.find(|member| MEMBERS.contains(&member.key.as_ref()))
    });
    if let Some(output) = output.map(|output| output.value.clone()) {
        attributes.set(key::GEN_AI_TOOL_CALL_RESULT, output);
        span.events.retain(|event| event.name != TOLD);
    }
}

/// Reads that something failed, which the status does not say there.
fn failed(span: &mut Span) {
    let has_failed = match span.attributes.get("success") {
        Some(Value::Bool(is_success)) => !is_success,
        Some(Value::String(text)) => text == "false",
        _ => return,
    };
    span.attributes.take("success");
    if !has_failed {
        return;
    }
    if !matches!(span.status, Status::Error(_)) {
        let error = span.attributes.take("error");
        let message = error.as_ref().and_then(Value::as_str).unwrap_or_default();
        span.status = Status::Error(message.to_owned());
    }
    let code = span.attributes.count("status_code");
    let known = code.map_or_else(|| error_type::OTHER.to_owned(), |code| code.to_string());
    span.attributes.set_if_free(key::ERROR_TYPE, Some(known));
}
