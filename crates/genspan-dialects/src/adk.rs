//! adk: the fields of adk-telemetry's `tracing` spans, and the events that tell prompts and answers.

use genspan::semconv::{attribute as key, value::operation_name as operation};

use crate::{
    Attributes, Span,
    conversation::{self, Message},
    tracing_fields::{self, Renamed},
};

/// Keys that other libraries have too, for other things.
const NAMES: [Renamed; 3] = [
    ("model.name", key::GEN_AI_REQUEST_MODEL),
    ("tool.name", key::GEN_AI_TOOL_NAME),
    ("agent.name", key::GEN_AI_AGENT_NAME),
];

const RENAMED: [Renamed; 8] = [
    (
        "gen_ai.usage.cache_read_tokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.cache_creation_tokens",
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.thinking_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    (
        "gen_ai.usage.audio_input_tokens",
        key::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.audio_output_tokens",
        key::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
    ),
    ("gen_ai.tool.call_id", key::GEN_AI_TOOL_CALL_ID),
    ("gen_ai.tool.arguments", key::GEN_AI_TOOL_CALL_ARGUMENTS),
    ("gen_ai.tool.result", key::GEN_AI_TOOL_CALL_RESULT),
];

/// Gives what a span of a name stands for, where it has adk's fields.
///
/// `gen_ai.chat gemini-2.5-pro`, `gen_ai.generate` of older releases, and names that say nothing of the conventions.
pub(crate) fn operation(name: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    if let Some(called) = name.strip_prefix("gen_ai.") {
        return match called.split(' ').next() {
            Some("generate" | operation::CHAT) => Some(operation::CHAT),
            Some(operation::EMBEDDINGS) => Some(operation::EMBEDDINGS),
            Some(operation::EXECUTE_TOOL) => Some(operation::EXECUTE_TOOL),
            Some(operation::INVOKE_AGENT) => Some(operation::INVOKE_AGENT),
            _ => None,
        };
    }
    let (operation, field) = match name {
        "model.call" => (operation::CHAT, "model.name"),
        "tool.execute" => (operation::EXECUTE_TOOL, "tool.name"),
        // Others have this name too, and say which operation it is.
        "execute_tool" if !has(key::GEN_AI_OPERATION_NAME) => {
            (operation::EXECUTE_TOOL, key::GEN_AI_TOOL_NAME)
        }
        "agent.run" | "agent.execute" => (operation::INVOKE_AGENT, "agent.name"),
        _ => return None,
    };
    has(field).then_some(operation)
}

/// Says in the conventions' language what adk says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let stated = operation(&span.name, |field| attributes.has(field));
    let is_spoken = stated.is_some()
        || span.name.starts_with("gen_ai.")
        || tracing_fields::is_of(attributes, "adk_telemetry")
        || RENAMED.iter().any(|(own, _)| attributes.has(own));
    if !is_spoken {
        return false;
    }
    if stated.is_some() {
        for (from, to) in NAMES {
            attributes.fold(from, to);
        }
    }
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, stated);
    said(span);
    tracing_fields::read(span, &RENAMED);
    let audio = [
        key::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
        key::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
    ];
    crate::typed::counts(&mut span.attributes, &audio);
    true
}

/// Takes prompts and answers out of the events that tell them, by their name or by a field that says it.
fn said(span: &mut Span) {
    for (event_name, member, to, role) in [
        (
            "gen_ai.content.prompt",
            "gen_ai.prompt",
            key::GEN_AI_INPUT_MESSAGES,
            "user",
        ),
        (
            "gen_ai.content.completion",
            "gen_ai.completion",
            key::GEN_AI_OUTPUT_MESSAGES,
            "assistant",
        ),
    ] {
        let mut messages = Vec::new();
        span.events.retain(|event| {
            let members = Attributes::new(event.attributes.clone());
            let is_told =
                event.name == event_name || members.text("event_name") == Some(event_name);
            let text = members.text(member).or_else(|| members.text("content"));
            if let (true, Some(text)) = (is_told, text) {
                messages.push(Message::text(role, text));
            }
            !is_told
        });
        if !messages.is_empty() {
            span.attributes
                .set_if_free(to, Some(conversation::value(messages)));
        }
    }
}
