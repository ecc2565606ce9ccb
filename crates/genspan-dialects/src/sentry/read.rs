//! From what Sentry's SDKs write to the conventions.

use genspan::{Value, semconv::attribute as key};

use super::{CALLS, FIRST_TOKEN, OP, ORIGIN, Origin, PIPELINE, STREAMING, TEXT, TOTAL, WORDS};
use crate::{
    Attributes, Span, blocks, chat_shape,
    conversation::{self, Message, Part},
    providers, tokens, typed,
};

/// Counts under the words that Sentry deprecated.
const COUNTS: [(&str, &str); 3] = [
    (
        "gen_ai.usage.input_tokens.cached",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.input_tokens.cache_write",
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.output_tokens.reasoning",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
];

/// Says in the conventions' language what Sentry's SDKs say; `false` where none of them made the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let is_from_ai =
        |origin: &str| origin.starts_with("auto.ai.") || origin.starts_with("auto.vercelai.");
    let is_op = attributes
        .text(OP)
        .is_some_and(|op| op.starts_with("gen_ai."));
    if !is_op && !attributes.text(ORIGIN).is_some_and(is_from_ai) {
        return false;
    }
    if is_op && let Some(op) = attributes.take(OP) {
        let name = op.as_str().and_then(|op| op.strip_prefix("gen_ai."));
        attributes.set_if_free(key::GEN_AI_OPERATION_NAME, name);
    }
    if attributes.text(ORIGIN) == Some(Origin::default().as_str()) {
        attributes.take(ORIGIN);
    }
    for (from, to) in COUNTS {
        attributes.fold(from, to);
    }
    providers::from_system(attributes);
    attributes.fold(FIRST_TOKEN, key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
    attributes.fold(PIPELINE, key::GEN_AI_WORKFLOW_NAME);
    let streaming = attributes.take(STREAMING);
    if streaming == Some(Value::Bool(true)) {
        attributes.set_if_free(key::GEN_AI_REQUEST_STREAM, streaming);
    }
    answered(attributes);
    for (from, to) in WORDS {
        if from != to && !matches!(from, TEXT | CALLS) {
            attributes.fold(from, to);
        }
    }
    typed::restore(attributes);
    tokens::drop_total(attributes, TOTAL);
    true
}

/// Makes a message of the text and the calls that older SDKs write apart.
fn answered(attributes: &mut Attributes) {
    if attributes.has(key::GEN_AI_OUTPUT_MESSAGES) {
        return;
    }
    let text = attributes.take(TEXT);
    let calls = attributes.take_structured(CALLS);
    let mut parts = match text {
        Some(Value::String(text)) => match Value::from_json(&text) {
            // Some write a list with the text of each choice.
            Ok(Value::Array(texts)) => texts.iter().map(blocks::part).collect(),
            _ => vec![Part::Text(text)],
        },
        Some(other) => vec![Part::Other(other)],
        None => Vec::new(),
    };
    if let Some(Value::Array(calls)) = calls {
        let read = |call: &Value| chat_shape::read_call(call).unwrap_or_else(|| blocks::part(call));
        parts.extend(calls.iter().map(read));
    }
    if parts.is_empty() {
        return;
    }
    let reasons = attributes.structured(key::GEN_AI_RESPONSE_FINISH_REASONS);
    let reason = match reasons.as_deref() {
        Some(Value::Array(reasons)) => reasons.first().and_then(Value::as_str),
        _ => attributes.text(key::GEN_AI_RESPONSE_FINISH_REASONS),
    };
    let message = Message::new("assistant", parts).with_reason(reason);
    let said = conversation::value(vec![message]);
    attributes.set(key::GEN_AI_OUTPUT_MESSAGES, said);
}
