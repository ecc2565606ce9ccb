//! From OpenLLMetry to the conventions.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    COMPLETION, ENTITY_NAME, FUNCTIONS, INPUT, KIND, OUTPUT, PROMPT, RENAMED, REQUEST_TYPE, TOTAL,
    WORKFLOW, flat, name_key, operation_of,
};
use crate::{Attributes, Span, chat_shape, conversation, providers, tokens, typed};

/// Further spellings, of older releases and newer ones.
const SPELLINGS: [(&str, &str); 11] = [
    ("gen_ai.is_streaming", key::GEN_AI_REQUEST_STREAM),
    ("gen_ai.usage.prompt_tokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    (
        "gen_ai.usage.completion_tokens",
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    ("llm.usage.prompt_tokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    (
        "llm.usage.completion_tokens",
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (
        "llm.usage.reasoning_tokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    (
        "llm.request.reasoning_effort",
        key::GEN_AI_REQUEST_REASONING_LEVEL,
    ),
    (
        "llm.response.finish_reason",
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
    (
        "gen_ai.response.finish_reason",
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
    (
        "llm.response.stop_reason",
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
    (
        "gen_ai.response.stop_reason",
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
];

/// Says in the conventions' language what a span says in OpenLLMetry; `false` where it does not speak that.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let is_spoken = attributes.has_prefix("traceloop.")
        || attributes.has_prefix(&format!("{PROMPT}.0."))
        || attributes.has_prefix(&format!("{COMPLETION}.0."))
        || [
            REQUEST_TYPE,
            TOTAL,
            "llm.is_streaming",
            "gen_ai.is_streaming",
        ]
        .iter()
        .any(|key| attributes.has(key));
    if !is_spoken {
        return false;
    }
    if !attributes.has(key::GEN_AI_OPERATION_NAME) {
        reasons(attributes);
    }
    let kind = [REQUEST_TYPE, KIND].map(|key| attributes.take(key));
    let operation = kind
        .iter()
        .flatten()
        .find_map(|word| operation_of(word.as_str()?));
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    let operation = attributes
        .text(key::GEN_AI_OPERATION_NAME)
        .unwrap_or_default()
        .to_owned();
    providers::from_system(attributes);
    for (to, from) in RENAMED {
        attributes.fold(from, to);
    }
    for (from, to) in SPELLINGS {
        attributes.fold(from, to);
    }
    said(attributes);
    typed::restore(attributes);
    for key in [TOTAL, "gen_ai.usage.total_tokens"] {
        tokens::drop_total(attributes, key);
    }
    entity(attributes, &operation);
    true
}

/// States why the model stopped, which older releases say of each answer alone.
fn reasons(attributes: &mut Attributes) {
    let reasons: Vec<Value> = attributes
        .iter()
        .filter(|(key, _)| key.starts_with(COMPLETION) && key.ends_with(".finish_reason"))
        .map(|(_, reason)| reason.clone())
        .collect();
    if !reasons.is_empty() {
        attributes.set_if_free(
            key::GEN_AI_RESPONSE_FINISH_REASONS,
            Some(Value::Array(reasons)),
        );
    }
}

fn said(attributes: &mut Attributes) {
    // The prompt of Anthropic's older completions has its role in its key.
    attributes.rename("gen_ai.prompt.0.user", "gen_ai.prompt.0.content");
    for (prefix, role, to) in [
        (PROMPT, "user", key::GEN_AI_INPUT_MESSAGES),
        (COMPLETION, "assistant", key::GEN_AI_OUTPUT_MESSAGES),
    ] {
        let said = flat::gather(prefix, role, attributes);
        if !said.is_empty() {
            attributes.set_if_free(to, Some(conversation::value(said)));
        }
    }
    for prefix in [FUNCTIONS, key::GEN_AI_TOOL_DEFINITIONS] {
        let tools = flat::gather_tools(prefix, attributes);
        if !tools.is_empty() {
            attributes.set_if_free(key::GEN_AI_TOOL_DEFINITIONS, Some(Value::Array(tools)));
        }
    }
}

fn entity(attributes: &mut Attributes, operation: &str) {
    let Some(name_key) = name_key(operation) else {
        return;
    };
    let name = attributes.get(ENTITY_NAME).cloned();
    attributes.set_if_free(name_key, name);
    for key in [ENTITY_NAME, WORKFLOW] {
        if attributes.get(key) == attributes.get(name_key) {
            attributes.take(key);
        }
    }
    let (to_input, to_output) = if operation == operation::EXECUTE_TOOL {
        (
            key::GEN_AI_TOOL_CALL_ARGUMENTS,
            key::GEN_AI_TOOL_CALL_RESULT,
        )
    } else {
        (key::GEN_AI_INPUT_MESSAGES, key::GEN_AI_OUTPUT_MESSAGES)
    };
    for (from, to) in [(INPUT, to_input), (OUTPUT, to_output)] {
        let Some(content) = attributes.get(from) else {
            continue;
        };
        let content = match content {
            Value::String(text) => {
                typed::structured(text).unwrap_or_else(|| Value::from(text.as_str()))
            }
            other => other.clone(),
        };
        if operation == operation::EXECUTE_TOOL {
            attributes.take(from);
            attributes.set_if_free(to, Some(arguments(content)));
        } else if attributes.get(to) == Some(&content) {
            attributes.take(from);
        } else if let Some(said) = chat_shape::read(&content)
            && !attributes.has(to)
        {
            attributes.take(from);
            attributes.set(to, conversation::value(said));
        }
    }
}

/// Takes the arguments of a decorated function out of what is round them.
fn arguments(content: Value) -> Value {
    let has_no_places = matches!(content.get("args"), Some(Value::Array(args)) if args.is_empty());
    match (content.get("kwargs"), content.get("inputs")) {
        (Some(named), _) if has_no_places => named.clone(),
        (None, Some(inputs @ Value::Map(_))) => inputs.clone(),
        _ => content,
    }
}
