//! From the conventions to `langfuse.*`.

use std::time::Duration;

use genspan::{
    Timestamp, Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    COMPLETION_START, INPUT, LEVEL, MODEL, OUTPUT, PARAMETERS, SESSION, STATUS_MESSAGE, TYPE,
    USAGE, type_of,
};
use crate::{Attributes, Span, Status, chat_shape, conversation, parameters};

/// Adds `langfuse.*` to a span; one of no GenAI operation stays as it is.
pub fn write(span: &mut Span) {
    let Some(operation) = span.attributes.text(key::GEN_AI_OPERATION_NAME) else {
        return;
    };
    let operation = operation.to_owned();
    let kind = type_of(&operation);
    let attributes = &mut span.attributes;
    attributes.set_if_free(TYPE, Some(kind));
    let model = [key::GEN_AI_RESPONSE_MODEL, key::GEN_AI_REQUEST_MODEL]
        .iter()
        .find_map(|key| attributes.get(key).cloned());
    if matches!(kind, "generation" | "embedding") {
        attributes.set_if_free(MODEL, model);
        parameters::write(attributes, PARAMETERS, &[&parameters::SAMPLING]);
        usage(attributes);
        completion_start(attributes, span.started);
    }
    if matches!(kind, "agent" | "chain") {
        attributes.drop_tokens();
    }
    let session = attributes.get(key::GEN_AI_CONVERSATION_ID).cloned();
    attributes.set_if_free(SESSION, session);
    if operation == operation::EXECUTE_TOOL {
        attributes.copy_json(key::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT);
        attributes.copy_json(key::GEN_AI_TOOL_CALL_RESULT, OUTPUT);
    } else {
        said(attributes);
    }
    if let Status::Error(message) = &span.status {
        attributes.set_if_free(LEVEL, Some("ERROR"));
        let message = (!message.is_empty()).then_some(message.as_str());
        attributes.set_if_free(STATUS_MESSAGE, message);
    }
}

/// States each token once: what was cached beside the rest of the input, reasoning beside the rest of the output.
fn usage(attributes: &mut Attributes) {
    let count = |key: &str| attributes.count(key);
    let input = count(key::GEN_AI_USAGE_INPUT_TOKENS);
    let output = count(key::GEN_AI_USAGE_OUTPUT_TOKENS);
    let read = count(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS);
    let written = count(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)
        .or_else(|| count(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS));
    let reasoning = count(key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS);
    let without = |whole: Option<i64>, parts: [Option<i64>; 2]| {
        let parts = parts.into_iter().flatten().fold(0, i64::saturating_add);
        whole.map(|whole| whole.saturating_sub(parts).max(0))
    };
    let total = input
        .zip(output)
        .map(|(input, output)| input.saturating_add(output));
    let details: Vec<(String, Value)> = [
        ("input", without(input, [read, written])),
        ("input_cache_read", read),
        ("input_cache_creation", written),
        ("output", without(output, [reasoning, None])),
        ("output_reasoning", reasoning),
        ("total", total),
    ]
    .into_iter()
    .filter_map(|(name, count)| Some((name.to_owned(), Value::Int(count?))))
    .collect();
    if !details.is_empty() {
        attributes.set_if_free(USAGE, Some(Value::Map(details).to_json()));
    }
}

/// States when the first of an answer came, which Langfuse wants as a time of day.
fn completion_start(attributes: &mut Attributes, started: Option<Timestamp>) {
    let seconds = match attributes.get(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK) {
        Some(Value::Double(seconds)) => *seconds,
        _ => return,
    };
    let first = Duration::try_from_secs_f64(seconds)
        .ok()
        .zip(started)
        .map(|(wait, started)| started.plus(wait).unix_nanos())
        .and_then(|nanos| jiff::Timestamp::from_nanosecond(nanos.into()).ok());
    let shown = first.map(|first| format!("\"{first:.3}\""));
    attributes.set_if_free(COMPLETION_START, shown);
}

fn said(attributes: &mut Attributes) {
    let input = conversation::asked(attributes);
    let output = conversation::answered(attributes);
    if !input.is_empty() {
        attributes.set_if_free(INPUT, Some(chat_shape::messages(&input).to_json()));
    }
    match output.as_slice() {
        [] => {}
        [_] => {
            let Value::Array(mut said) = chat_shape::messages(&output) else {
                return;
            };
            let one = said.drain(..).next().map(|said| said.to_json());
            attributes.set_if_free(OUTPUT, one);
        }
        _ => attributes.set_if_free(OUTPUT, Some(chat_shape::messages(&output).to_json())),
    }
}
