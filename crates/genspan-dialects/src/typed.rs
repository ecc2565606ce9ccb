//! The types that the conventions have for their keys, whatever became of the values on their way.
//!
//! `tracing` makes texts of whole numbers without a sign, JavaScript makes JSON of lists, and an attribute of
//! OpenTelemetry's SDK holds no object at all.

use genspan::{FinishReason, Value, semconv::attribute as key};

use crate::{Attributes, blocks, chat_shape, conversation, definitions};

const COUNTS: [&str; 10] = [
    key::GEN_AI_USAGE_INPUT_TOKENS,
    key::GEN_AI_USAGE_OUTPUT_TOKENS,
    key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
    key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    key::GEN_AI_REQUEST_MAX_TOKENS,
    key::GEN_AI_REQUEST_CHOICE_COUNT,
    key::GEN_AI_REQUEST_SEED,
    key::SERVER_PORT,
];

const NUMBERS: [&str; 6] = [
    key::GEN_AI_REQUEST_TEMPERATURE,
    key::GEN_AI_REQUEST_TOP_P,
    key::GEN_AI_REQUEST_TOP_K,
    key::GEN_AI_REQUEST_FREQUENCY_PENALTY,
    key::GEN_AI_REQUEST_PRESENCE_PENALTY,
    key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
];

const LISTS: [&str; 3] = [
    key::GEN_AI_RESPONSE_FINISH_REASONS,
    key::GEN_AI_REQUEST_STOP_SEQUENCES,
    key::GEN_AI_REQUEST_ENCODING_FORMATS,
];

/// Content that is structured in the conventions.
pub(crate) const CONTENT: [&str; 7] = [
    key::GEN_AI_SYSTEM_INSTRUCTIONS,
    key::GEN_AI_INPUT_MESSAGES,
    key::GEN_AI_OUTPUT_MESSAGES,
    key::GEN_AI_TOOL_DEFINITIONS,
    key::GEN_AI_TOOL_CALL_ARGUMENTS,
    key::GEN_AI_TOOL_CALL_RESULT,
    key::GEN_AI_RETRIEVAL_DOCUMENTS,
];

/// Gives each of the conventions' keys its type; what cannot have it stays as it is.
pub(crate) fn restore(attributes: &mut Attributes) {
    counts(attributes, &COUNTS);
    for key in NUMBERS {
        let number = attributes.text(key).map(Value::from_json);
        if let Some(Ok(number @ (Value::Int(_) | Value::Double(_)))) = number {
            attributes.set(key, number);
        }
    }
    let stream = attributes.text(key::GEN_AI_REQUEST_STREAM).map(str::parse);
    if let Some(Ok(stream)) = stream {
        attributes.set(key::GEN_AI_REQUEST_STREAM, Value::Bool(stream));
    }
    for key in LISTS {
        if let Some(list) = attributes.text(key).map(list) {
            attributes.set(key, list);
        }
    }
    for key in CONTENT {
        if let Some(read) = attributes.text(key).and_then(structured) {
            attributes.set(key, read);
        }
    }
    instructions(attributes);
    tools(attributes);
    for key in [key::GEN_AI_INPUT_MESSAGES, key::GEN_AI_OUTPUT_MESSAGES] {
        messages(attributes, key);
    }
}

/// Makes whole numbers of texts and of numbers with nothing behind the point.
pub(crate) fn counts(attributes: &mut Attributes, keys: &[&'static str]) {
    for key in keys {
        if let Some(count) = attributes.count(key) {
            attributes.set(*key, count);
        }
    }
}

/// Reads a list that became JSON, or a text with commas, or one word.
fn list(text: &str) -> Value {
    match Value::from_json(text) {
        Ok(list @ Value::Array(_)) => list,
        _ => {
            let words = text.split(',').map(|word| Value::from(word.trim()));
            Value::Array(words.collect())
        }
    }
}

/// Reads JSON of a list or an object; other texts are what they are.
pub(crate) fn structured(text: &str) -> Option<Value> {
    match Value::from_json(text) {
        Ok(read @ (Value::Map(_) | Value::Array(_))) => Some(read),
        _ => None,
    }
}

fn tools(attributes: &mut Attributes) {
    let key = key::GEN_AI_TOOL_DEFINITIONS;
    if let Some(Value::Array(tools)) = attributes.get(key) {
        let tools = tools.iter().cloned().map(definitions::conventional);
        let tools = Value::Array(tools.collect());
        attributes.set(key, tools);
    }
}

/// Makes parts of instructions that are one text, or a list of blocks.
fn instructions(attributes: &mut Attributes) {
    let parts = match attributes.get(key::GEN_AI_SYSTEM_INSTRUCTIONS) {
        Some(Value::String(text)) => vec![conversation::Part::Text(text.clone())],
        Some(Value::Array(blocks)) if blocks.iter().any(|block| block.get("text").is_some()) => {
            blocks.iter().map(blocks::part).collect()
        }
        _ => return,
    };
    let parts = parts.into_iter().map(conversation::Part::into_value);
    attributes.set(
        key::GEN_AI_SYSTEM_INSTRUCTIONS,
        Value::Array(parts.collect()),
    );
}

/// Gives messages that have `content` in place of `parts` the conventions' shape, and reasons to stop their words.
fn messages(attributes: &mut Attributes, key: &'static str) {
    let Some(stated @ Value::Array(_)) = attributes.get(key) else {
        return;
    };
    let mut said = stated.clone();
    if conversation::messages(stated).is_none()
        && let Some(read) = chat_shape::read(stated)
    {
        said = conversation::value(read);
    }
    if let Value::Array(messages) = &mut said {
        messages.iter_mut().for_each(reason);
    }
    if *stated != said {
        attributes.set(key, said);
    }
}

/// Gives the reason of a message the conventions' word.
fn reason(message: &mut Value) {
    let Value::Map(members) = message else {
        return;
    };
    for (name, value) in members {
        if name == "finish_reason"
            && let Value::String(word) = value
        {
            let known = FinishReason::from_provider(word).as_str().to_owned();
            *word = known;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_text_is_what_it_was() {
        let mut attributes = Attributes::default();
        for (key, text) in [
            (key::GEN_AI_USAGE_INPUT_TOKENS, "120"),
            (key::GEN_AI_REQUEST_TEMPERATURE, "0.5"),
            (key::GEN_AI_REQUEST_STREAM, "true"),
            (key::GEN_AI_RESPONSE_FINISH_REASONS, "stop,length"),
            (key::GEN_AI_REQUEST_STOP_SEQUENCES, r#"["a,b"]"#),
            (key::GEN_AI_SYSTEM_INSTRUCTIONS, "Be brief."),
            (
                key::GEN_AI_INPUT_MESSAGES,
                r#"[{"role":"user","content":"Hi"}]"#,
            ),
            (key::GEN_AI_USAGE_OUTPUT_TOKENS, "many"),
        ] {
            attributes.set(key, text);
        }
        restore(&mut attributes);
        let shown: Vec<String> = attributes
            .iter()
            .map(|(_, value)| value.to_json())
            .collect();
        assert_eq!(
            shown,
            [
                "120",
                "0.5",
                "true",
                r#"["stop","length"]"#,
                r#"["a,b"]"#,
                r#"[{"type":"text","content":"Be brief."}]"#,
                r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#,
                r#""many""#,
            ]
        );
    }
}
