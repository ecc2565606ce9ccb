//! From `langfuse.*` to the conventions.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    COMPLETION_START, INPUT, LEVEL, MODEL, OUTPUT, PARAMETERS, SESSION, STATUS_MESSAGE, TYPE,
    USAGE, operation_of,
};
use crate::{Attributes, Span, Status, chat_shape, parameters};

/// Says in the conventions' language what `langfuse.*` says and they do not; `false` where there is none of it.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    if !attributes.has_prefix("langfuse.observation.") {
        return false;
    }
    let kind = attributes.take(TYPE);
    let operation = kind.as_ref().and_then(Value::as_str).and_then(operation_of);
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    let is_named =
        attributes.has(key::GEN_AI_REQUEST_MODEL) || attributes.has(key::GEN_AI_RESPONSE_MODEL);
    let model = attributes.take(MODEL).filter(|_| !is_named);
    attributes.set_if_free(key::GEN_AI_REQUEST_MODEL, model);
    let session = attributes.take(SESSION);
    attributes.set_if_free(key::GEN_AI_CONVERSATION_ID, session);
    parameters::read(attributes, PARAMETERS, &[&parameters::SAMPLING]);
    usage(attributes);
    if attributes.has(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK) {
        attributes.take(COMPLETION_START);
    }
    if attributes.text(key::GEN_AI_OPERATION_NAME) == Some(operation::EXECUTE_TOOL) {
        for (from, to) in [
            (INPUT, key::GEN_AI_TOOL_CALL_ARGUMENTS),
            (OUTPUT, key::GEN_AI_TOOL_CALL_RESULT),
        ] {
            let value = attributes.take_structured(from);
            attributes.set_if_free(to, value);
        }
    } else {
        chat_shape::read_said(attributes, INPUT, OUTPUT);
    }
    let is_error = attributes.take(LEVEL).as_ref().and_then(Value::as_str) == Some("ERROR");
    let message = attributes.take(STATUS_MESSAGE);
    if is_error && !matches!(span.status, Status::Error(_)) {
        let message = message.as_ref().and_then(Value::as_str);
        span.status = Status::Error(message.unwrap_or_default().to_owned());
    }
    true
}

/// Adds up the kinds of tokens, by the names that Langfuse's SDKs and its own price table have for them.
fn usage(attributes: &mut Attributes) {
    let Some(details) = attributes.take_structured(USAGE) else {
        return;
    };
    let count = |names: &[&str]| {
        let stated = names.iter().find_map(|name| details.get(name));
        match stated {
            Some(Value::Int(count)) => Some(*count),
            _ => None,
        }
    };
    let sum = |parts: [Option<i64>; 3]| {
        let is_stated = parts.iter().any(Option::is_some);
        is_stated.then(|| parts.into_iter().flatten().fold(0, i64::saturating_add))
    };
    let read = count(&[
        "input_cache_read",
        "input_cached_tokens",
        "cache_read_input_tokens",
    ]);
    let written = count(&["input_cache_creation", "cache_creation_input_tokens"]);
    let reasoning = count(&["output_reasoning", "output_reasoning_tokens"]);
    let fresh = count(&["input", "input_tokens", "prompt_tokens"]);
    let rest = count(&["output", "output_tokens", "completion_tokens"]);
    let written_key = if attributes.has(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS) {
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS
    } else {
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS
    };
    for (key, count) in [
        (key::GEN_AI_USAGE_INPUT_TOKENS, sum([fresh, read, written])),
        (
            key::GEN_AI_USAGE_OUTPUT_TOKENS,
            sum([rest, reasoning, None]),
        ),
        (key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, read),
        (written_key, written),
        (key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, reasoning),
    ] {
        attributes.set_if_free(key, count);
    }
}
