//! The settings of a request, which OpenInference has as one JSON text.

use genspan::{Value, semconv::attribute as key};

use crate::Span;

const PARAMETERS: &str = "llm.invocation_parameters";

/// Settings by the name that providers use.
const NAMES: [(&str, &str); 11] = [
    (key::GEN_AI_REQUEST_TEMPERATURE, "temperature"),
    (key::GEN_AI_REQUEST_TOP_P, "top_p"),
    (key::GEN_AI_REQUEST_TOP_K, "top_k"),
    (key::GEN_AI_REQUEST_MAX_TOKENS, "max_tokens"),
    (key::GEN_AI_REQUEST_FREQUENCY_PENALTY, "frequency_penalty"),
    (key::GEN_AI_REQUEST_PRESENCE_PENALTY, "presence_penalty"),
    (key::GEN_AI_REQUEST_STOP_SEQUENCES, "stop"),
    (key::GEN_AI_REQUEST_SEED, "seed"),
    (key::GEN_AI_REQUEST_CHOICE_COUNT, "n"),
    (key::GEN_AI_REQUEST_STREAM, "stream"),
    (key::GEN_AI_REQUEST_REASONING_LEVEL, "reasoning_effort"),
];

pub(super) fn write(span: &mut Span) {
    let parameters: Vec<(String, Value)> = NAMES
        .iter()
        .filter_map(|(key, name)| Some(((*name).to_owned(), span.attributes.take(key)?)))
        .collect();
    if !parameters.is_empty() {
        span.attributes
            .set(PARAMETERS, Value::Map(parameters).to_json());
    }
}

/// Takes apart what is known; what is left stays one text.
pub(super) fn read(span: &mut Span) {
    let Some(Value::Map(parameters)) = span.attributes.take_structured(PARAMETERS) else {
        return;
    };
    let mut left = Vec::new();
    for (name, value) in parameters {
        match known(&name, &value) {
            Some((key, value)) if !span.attributes.has(key) => span.attributes.set(key, value),
            _ => left.push((name, value)),
        }
    }
    if !left.is_empty() {
        span.attributes.set(PARAMETERS, Value::Map(left).to_json());
    }
}

/// Gives the key of a setting, and its value in the type that the conventions have for it.
fn known(name: &str, value: &Value) -> Option<(&'static str, Value)> {
    let name = match name {
        "max_completion_tokens" | "max_output_tokens" => "max_tokens",
        "stop_sequences" => "stop",
        other => other,
    };
    let (key, _) = NAMES.iter().find(|(_, known)| *known == name)?;
    let value = match (*key, value) {
        (key::GEN_AI_REQUEST_STOP_SEQUENCES, Value::String(one)) => {
            Value::Array(vec![Value::String(one.clone())])
        }
        (key::GEN_AI_REQUEST_STOP_SEQUENCES, Value::Array(_))
        | (key::GEN_AI_REQUEST_STREAM, Value::Bool(_))
        | (key::GEN_AI_REQUEST_REASONING_LEVEL, Value::String(_)) => value.clone(),
        (
            key::GEN_AI_REQUEST_STOP_SEQUENCES
            | key::GEN_AI_REQUEST_STREAM
            | key::GEN_AI_REQUEST_REASONING_LEVEL,
            _,
        ) => return None,
        (_, Value::Int(_) | Value::Double(_)) => value.clone(),
        _ => return None,
    };
    Some((key, value))
}
