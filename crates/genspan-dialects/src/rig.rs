//! rig: the fields of its `tracing` spans.
//!
//! Its counts are texts once they left `tracing`, its calls to models have no kind and no model in their name, a tool's error
//! stands under a key of its own, and an agent's run has its messages under keys of v1.36's time. Counts that are texts are
//! read whoever wrote them, since every crate loses them there in the same way.

use genspan::semconv::attribute as key;

use crate::{
    Attributes, Span,
    conversation::{self, Message},
    tracing_fields::{self, Renamed},
};

const RENAMED: [Renamed; 2] = [
    (
        "gen_ai.usage.reasoning_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    ("gen_ai.tool.error.type", key::ERROR_TYPE),
];

/// Says in the conventions' language what rig says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    const CRATES: [&str; 3] = ["rig", "rig_core", "rig_agent"];
    const OWN: [&str; 2] = ["gen_ai.tool.error.type", "gen_ai.tool.call.outcome"];
    let attributes = &mut span.attributes;
    let is_spoken = attributes.has_prefix("rig.")
        || CRATES
            .iter()
            .any(|krate| tracing_fields::is_of(attributes, krate))
        || OWN.iter().any(|key| attributes.has(key))
        || tracing_fields::has_count_as_text(attributes);
    if !is_spoken {
        return false;
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
    true
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
