//! rig: the fields of its `tracing` spans.
//!
//! Its counts are texts once they left `tracing`, its calls to models have no kind and no model in their name, a tool's error
//! stands under a key of its own, and an agent's run has its messages under keys of v1.36's time. Counts that are texts are
//! read whoever wrote them, since every crate loses them there in the same way.

use genspan::semconv::{
    attribute as key,
    value::{operation_name as operation, output_type},
};

use crate::{
    Attributes, Span,
    conversation::{self, Message, Part},
    tracing_fields::{self, Renamed},
    typed,
};

const RENAMED: [Renamed; 4] = [
    (
        "gen_ai.usage.reasoning_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    ("gen_ai.tool.error.type", key::ERROR_TYPE),
    // Facts of its own that stand among the conventions' keys.
    ("gen_ai.tool.call.outcome", "rig.tool.call.outcome"),
    (
        "gen_ai.usage.tool_use_prompt_tokens",
        "rig.usage.tool_use_prompt_tokens",
    ),
];

/// Words of rig's releases that the conventions do not have for operations, with the conventions' and the kind of
/// output that these leave open. What a rerank is they have no word for.
const OPERATIONS: [(&str, &str, Option<&str>); 6] = [
    ("chat_streaming", operation::CHAT, None),
    ("interactions", operation::CHAT, None),
    ("interactions_streaming", operation::CHAT, None),
    (
        "image_generation",
        operation::GENERATE_CONTENT,
        Some(output_type::IMAGE),
    ),
    (
        "audio_generation",
        operation::GENERATE_CONTENT,
        Some(output_type::SPEECH),
    ),
    (
        "transcription",
        operation::GENERATE_CONTENT,
        Some(output_type::TEXT),
    ),
];

/// Says in the conventions' language what rig says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    const CRATES: [&str; 3] = ["rig", "rig_core", "rig_agent"];
    const OWN: [&str; 2] = ["gen_ai.tool.error.type", "gen_ai.tool.call.outcome"];
    let own_word = |attributes: &Attributes| {
        let stated = attributes.text(key::GEN_AI_OPERATION_NAME)?;
        OPERATIONS.iter().find(|(word, ..)| *word == stated)
    };
    let attributes = &mut span.attributes;
    let is_spoken = attributes.has_prefix("rig.")
        || CRATES
            .iter()
            .any(|krate| tracing_fields::is_of(attributes, krate))
        || OWN.iter().any(|key| attributes.has(key))
        || own_word(attributes).is_some()
        || tracing_fields::has_count_as_text(attributes);
    if !is_spoken {
        return false;
    }
    // Tells rig itself that the span is for it to fill in.
    attributes.take("rig.completion_parent");
    if let Some((word, known, output)) = own_word(attributes) {
        attributes.set(key::GEN_AI_OPERATION_NAME, *known);
        attributes.set_if_free(key::GEN_AI_OUTPUT_TYPE, *output);
        let is_stream = word.ends_with("_streaming").then_some(true);
        attributes.set_if_free(key::GEN_AI_REQUEST_STREAM, is_stream);
    }
    for (from, to, role) in [
        ("gen_ai.prompt", key::GEN_AI_INPUT_MESSAGES, "user"),
        (
            "gen_ai.completion",
            key::GEN_AI_OUTPUT_MESSAGES,
            "assistant",
        ),
    ] {
        said(attributes, from, to, role);
    }
    tracing_fields::read(span, &RENAMED);
    typed::counts(&mut span.attributes, &["rig.usage.tool_use_prompt_tokens"]);
    answers(&mut span.attributes);
    true
}

/// Gives messages that hold nothing but what tools answered, which are the user's in rig, to the tools.
fn answers(attributes: &mut Attributes) {
    let stated = attributes.get(key::GEN_AI_INPUT_MESSAGES);
    let Some(mut messages) = stated.and_then(conversation::messages) else {
        return;
    };
    for message in &mut messages {
        let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
        if message.role == "user"
            && !message.parts.is_empty()
            && message.parts.iter().all(is_answer)
        {
            message.role = "tool".to_owned();
        }
    }
    let messages = conversation::value(messages);
    attributes.set(key::GEN_AI_INPUT_MESSAGES, messages);
}

/// Makes a message of a text.
fn said(attributes: &mut Attributes, from: &str, to: &'static str, role: &str) {
    if attributes.has(to) {
        attributes.take(from);
        return;
    }
    let Some(text) = attributes.text(from).map(str::to_owned) else {
        return;
    };
    attributes.take(from);
    let message = Message::text(role, &text);
    attributes.set(to, conversation::value(vec![message]));
}
