//! From the conventions to what Sentry reads.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    FIRST_TOKEN, INPUTS, META, OP, ORIGIN, ORIGINAL_LENGTH, OUTPUTS, PIPELINE, STREAMING, TOTAL,
    fit::{self, Fitted},
    is_operation,
};
use crate::{Attributes, Settings, Span, message_events, providers, tokens, tool_types, typed};

/// Says a span as Sentry's SDKs do; one of no GenAI operation stays as it is.
pub fn write(span: &mut Span, settings: &Settings) {
    let Some(operation) = span.attributes.text(key::GEN_AI_OPERATION_NAME) else {
        return;
    };
    let operation = operation.to_owned();
    message_events::gather(span);
    let attributes = &mut span.attributes;
    if is_operation(&operation) {
        attributes.set_if_free(OP, Some(format!("gen_ai.{operation}")));
    }
    if attributes.has(key::GEN_AI_SYSTEM) {
        providers::from_system(attributes);
    }
    attributes.set_if_free(ORIGIN, Some(settings.sentry_origin.as_str()));
    attributes.rename(
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    );
    attributes.rename(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, FIRST_TOKEN);
    attributes.rename(key::GEN_AI_WORKFLOW_NAME, PIPELINE);
    let total = tokens::total(attributes);
    attributes.set_if_free(TOTAL, total);
    let is_stream = attributes.get(key::GEN_AI_REQUEST_STREAM) == Some(&Value::Bool(true));
    let is_answered = attributes.has(key::GEN_AI_RESPONSE_ID) || attributes.has(FIRST_TOKEN);
    attributes.set_if_free(STREAMING, (is_stream && is_answered).then_some(true));
    if operation == operation::EXECUTE_TOOL {
        tool_type(attributes, settings);
    }
    for (keys, is_sent) in [
        (&INPUTS[..], settings.sentry_record_inputs),
        (&OUTPUTS[..], settings.sentry_record_outputs),
    ] {
        for key in keys {
            match attributes.take(key) {
                Some(content) if is_sent => send(attributes, key, content),
                _ => {}
            }
        }
    }
}

/// States what kind of tool it is: what the application says, then the span, then the table.
fn tool_type(attributes: &mut Attributes, settings: &Settings) {
    let Some(name) = attributes.text(key::GEN_AI_TOOL_NAME) else {
        return;
    };
    let kind = tool_types::of(name, &settings.tool_types).into_owned();
    if settings.tool_types.contains_key(name) {
        attributes.set(key::GEN_AI_TOOL_TYPE, kind);
    } else {
        attributes.set_if_free(key::GEN_AI_TOOL_TYPE, Some(kind));
    }
}

fn send(attributes: &mut Attributes, key: &'static str, content: Value) {
    let Fitted {
        json,
        original_length,
    } = match content {
        Value::String(text) => match typed::structured(&text) {
            Some(content) => fit::fit(content),
            None => fit::text(text),
        },
        content => fit::fit(content),
    };
    attributes.set(key, json);
    if let Some(length) = original_length.and_then(|length| i64::try_from(length).ok()) {
        attributes.set(format!("{META}{key}{ORIGINAL_LENGTH}"), length);
    }
}
