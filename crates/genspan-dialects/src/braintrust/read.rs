//! From `braintrust.*` to the conventions.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    COUNTS, DURATION, INPUT, METADATA, METRICS, OUTPUT, SPAN_ATTRIBUTES, TIME_TO_FIRST_TOKEN,
    TOKENS, metadata, origin,
};
use crate::{Attributes, Span, chat_shape};

/// Says in the conventions' language what `braintrust.*` says and they do not; `false` where there is none of it.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let is_spoken = [SPAN_ATTRIBUTES, INPUT, OUTPUT, METADATA]
        .iter()
        .any(|key| attributes.has(key))
        || attributes.has_prefix(METRICS);
    if !is_spoken {
        return false;
    }
    let typed = attributes.take_structured(SPAN_ATTRIBUTES);
    let operation = typed
        .as_ref()
        .and_then(|typed| operation_of(typed.get("type")?.as_str()?));
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    // The .NET SDK names provider and streams by bare words.
    attributes.rename("provider", key::GEN_AI_PROVIDER_NAME);
    attributes.rename("stream", key::GEN_AI_REQUEST_STREAM);
    metadata::read(attributes);
    metrics(attributes);
    if attributes.text(key::GEN_AI_OPERATION_NAME) == Some(operation::EXECUTE_TOOL) {
        panel(attributes, INPUT, key::GEN_AI_TOOL_CALL_ARGUMENTS);
        panel(attributes, OUTPUT, key::GEN_AI_TOOL_CALL_RESULT);
    } else {
        chat_shape::read_said(attributes, INPUT, OUTPUT);
    }
    origin::read(attributes, &span.scope);
    true
}

fn operation_of(word: &str) -> Option<&'static str> {
    match word {
        "llm" => Some(operation::CHAT),
        "tool" | "function_call" => Some(operation::EXECUTE_TOOL),
        "agent" => Some(operation::INVOKE_AGENT),
        _ => None,
    }
}

fn metrics(attributes: &mut Attributes) {
    for (to, from) in COUNTS {
        let count = attributes.count(from);
        // The two keys for the writing of caches come from one.
        let is_other_there = to == key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS
            && attributes.has(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)
            || to == key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS
                && attributes.has(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS);
        if !is_other_there {
            attributes.set_if_free(to, count);
        }
    }
    // Of a call that does not stream some SDKs give the time of all of it here.
    let is_stream = attributes.get(key::GEN_AI_REQUEST_STREAM) == Some(&Value::Bool(true));
    let first = attributes.take(TIME_TO_FIRST_TOKEN).filter(|_| is_stream);
    attributes.set_if_free(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, first);
    // What a span took is told by its times.
    let is_told = |key: &str| key == TOKENS || key == DURATION;
    attributes.retain(|key| !COUNTS.iter().any(|(_, own)| *own == key) && !is_told(key));
}

fn panel(attributes: &mut Attributes, from: &str, to: &'static str) {
    let value = attributes.take_structured(from);
    attributes.set_if_free(to, value);
}
