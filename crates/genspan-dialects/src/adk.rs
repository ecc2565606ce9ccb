//! adk: the fields of adk-telemetry's `tracing` spans, and the events that tell prompts and answers.

use genspan::semconv::{attribute as key, value::operation_name as operation};

use crate::{
    Attributes, Span,
    conversation::{self, Message},
    tracing_fields::{self, Renamed},
};

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

/// Says in the conventions' language what adk says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let called = span.name.strip_prefix("gen_ai.");
    let is_spoken = called.is_some()
        || tracing_fields::is_of(attributes, "adk_telemetry")
        || RENAMED.iter().any(|(own, _)| attributes.has(own));
    if !is_spoken {
        return false;
    }
    // `gen_ai.chat gemini-2.5-pro`, and `gen_ai.generate` of older releases.
    let word = called.and_then(|called| called.split(' ').next());
    let operation = match word {
        Some("generate" | operation::CHAT) => Some(operation::CHAT),
        Some(operation::EMBEDDINGS) => Some(operation::EMBEDDINGS),
        Some(operation::EXECUTE_TOOL) => Some(operation::EXECUTE_TOOL),
        Some(operation::INVOKE_AGENT) => Some(operation::INVOKE_AGENT),
        _ => None,
    };
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    said(span);
    tracing_fields::read(span, &RENAMED);
    let audio = [
        key::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
        key::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
    ];
    crate::typed::counts(&mut span.attributes, &audio);
    true
}

/// Takes prompts and answers out of the events that tell them.
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
        let told = span.events.iter().filter(|event| event.name == event_name);
        let messages: Vec<Message> = told
            .filter_map(|event| {
                let members = Attributes::new(event.attributes.clone());
                members.text(member).map(|text| Message::text(role, text))
            })
            .collect();
        if !messages.is_empty() {
            span.attributes
                .set_if_free(to, Some(conversation::value(messages)));
            span.events.retain(|event| event.name != event_name);
        }
    }
}
