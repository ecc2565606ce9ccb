//! codex: the counts that its `tracing` spans carry, of one answer (`handle_responses`) or of a turn (`session_task.turn`).

use genspan::semconv::{
    attribute as key,
    value::{operation_name as operation, provider_name as provider},
};

use crate::{
    Span, tokens,
    tracing_fields::{self, Renamed},
};

const TURN: &str = "codex.turn.token_usage.";

const RENAMED: [Renamed; 10] = [
    ("model", key::GEN_AI_REQUEST_MODEL),
    ("conversation.id", key::GEN_AI_CONVERSATION_ID),
    (
        "codex.request.reasoning_effort",
        key::GEN_AI_REQUEST_REASONING_LEVEL,
    ),
    (
        "codex.turn.reasoning_effort",
        key::GEN_AI_REQUEST_REASONING_LEVEL,
    ),
    (
        "codex.usage.reasoning_output_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    (
        "codex.turn.token_usage.input_tokens",
        key::GEN_AI_USAGE_INPUT_TOKENS,
    ),
    (
        "codex.turn.token_usage.cached_input_tokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "codex.turn.token_usage.output_tokens",
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (
        "codex.turn.token_usage.reasoning_output_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    ("thread.id", key::GEN_AI_CONVERSATION_ID),
];

/// Says in the conventions' language what codex says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    const CRATES: [&str; 2] = ["codex_core", "codex_otel"];
    let attributes = &mut span.attributes;
    let is_spoken = attributes.has_prefix("codex.")
        || CRATES
            .iter()
            .any(|krate| tracing_fields::is_of(attributes, krate));
    if !is_spoken {
        return false;
    }
    // A span of the loop that counted nothing is no operation.
    let operation = if attributes.has_prefix(TURN) {
        Some(operation::INVOKE_AGENT)
    } else if attributes.has(key::GEN_AI_USAGE_INPUT_TOKENS) {
        attributes.set_if_free(key::GEN_AI_PROVIDER_NAME, Some(provider::OPENAI));
        Some(operation::CHAT)
    } else {
        None
    };
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    tracing_fields::read(span, &RENAMED);
    for key in [
        "codex.usage.total_tokens",
        "codex.turn.token_usage.total_tokens",
    ] {
        tokens::drop_total(&mut span.attributes, key);
    }
    true
}
