//! From the conventions to OpenLLMetry.

use genspan::{
    Value,
    semconv::{
        attribute as key,
        value::{operation_name as operation, provider_name as provider},
    },
};

use super::{
    COMPLETION, ENTITY_NAME, FUNCTIONS, INPUT, KIND, OUTPUT, PROMPT, RENAMED, REQUEST_TYPE, TOTAL,
    WORKFLOW, flat, kind, name_key, request_type,
};
use crate::{Attributes, Span, chat_shape, conversation, message_events, tokens};

/// Says in OpenLLMetry what a span says in the conventions; a span of no GenAI operation stays as it is.
pub fn write(span: &mut Span) {
    let Some(operation) = span.attributes.text(key::GEN_AI_OPERATION_NAME) else {
        return;
    };
    let operation = operation.to_owned();
    message_events::gather(span);
    let attributes = &mut span.attributes;
    let total = tokens::total(attributes);
    attributes.set_if_free(TOTAL, total);
    attributes.rename(
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    );
    for (from, to) in RENAMED {
        attributes.rename(from, to);
    }
    system(attributes);
    if let Some(word) = request_type(&operation) {
        attributes.set(REQUEST_TYPE, word);
        said(attributes);
    } else {
        attributes.set(KIND, kind(&operation));
        entity(attributes, &operation);
    }
}

/// Names the provider as the conventions did before v1.37.
fn system(attributes: &mut Attributes) {
    attributes.rename(key::GEN_AI_PROVIDER_NAME, key::GEN_AI_SYSTEM);
    if attributes.text(key::GEN_AI_SYSTEM) == Some(provider::AZURE_AI_OPENAI) {
        attributes.set(key::GEN_AI_SYSTEM, "az.ai.openai");
    }
}

fn said(attributes: &mut Attributes) {
    let input = conversation::asked(attributes);
    let output = conversation::answered(attributes);
    let is_told = |key: &str| match attributes.structured(key) {
        Some(said) => conversation::messages(&said).is_some(),
        None => true,
    };
    let is_asked = is_told(key::GEN_AI_INPUT_MESSAGES);
    if !input.is_empty() && is_asked {
        attributes.take(key::GEN_AI_SYSTEM_INSTRUCTIONS);
        attributes.take(key::GEN_AI_INPUT_MESSAGES);
        attributes.append(flat::spread(PROMPT, &chat_shape::messages(&input)));
    }
    if !output.is_empty() {
        attributes.take(key::GEN_AI_OUTPUT_MESSAGES);
        attributes.append(flat::spread(COMPLETION, &chat_shape::choices(&output)));
    }
    if let Some(Value::Array(tools)) = attributes.take_structured(key::GEN_AI_TOOL_DEFINITIONS) {
        attributes.append(flat::spread_tools(FUNCTIONS, &tools));
    }
}

/// States what ran, what it was given and what it gave back.
fn entity(attributes: &mut Attributes, operation: &str) {
    let name = name_key(operation).and_then(|key| attributes.get(key).cloned());
    if operation == operation::INVOKE_WORKFLOW {
        attributes.set_if_free(WORKFLOW, name.clone());
    }
    attributes.set_if_free(ENTITY_NAME, name);
    if operation == operation::EXECUTE_TOOL {
        for (from, to) in [
            (key::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT),
            (key::GEN_AI_TOOL_CALL_RESULT, OUTPUT),
        ] {
            let content = attributes.take(from);
            attributes.set_if_free(to, content.map(|content| flat::text_of(&content)));
        }
        return;
    }
    if name_key(operation).is_some() {
        // Of an agent its readers show one text each way; the messages keep their keys.
        attributes.copy_json(key::GEN_AI_INPUT_MESSAGES, INPUT);
        attributes.copy_json(key::GEN_AI_OUTPUT_MESSAGES, OUTPUT);
    }
}
