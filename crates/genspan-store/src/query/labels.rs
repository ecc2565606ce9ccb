//! What was asked for and what came back beside messages, by short labels.

use genspan::{Value, semconv::attribute as key};
use genspan_dialects::Attributes;

/// Gives what was asked for beside messages.
pub(super) fn request(attributes: &Attributes) -> Value {
    let prefix = key::GEN_AI_REQUEST_MODEL.trim_end_matches("model");
    let mut members = under(attributes, prefix);
    for (label, key) in [
        ("outputType", key::GEN_AI_OUTPUT_TYPE),
        ("serviceTier", key::OPENAI_REQUEST_SERVICE_TIER),
        ("serverAddress", key::SERVER_ADDRESS),
        ("serverPort", key::SERVER_PORT),
        ("dimensions", key::GEN_AI_EMBEDDINGS_DIMENSION_COUNT),
    ] {
        add(&mut members, label, attributes.get(key));
    }
    Value::Map(members)
}

/// Gives what is said of the answer beside messages.
pub(super) fn response(attributes: &Attributes) -> Value {
    let prefix = key::GEN_AI_RESPONSE_ID.trim_end_matches("id");
    let mut members = under(attributes, prefix);
    for (label, key) in [
        ("serviceTier", key::OPENAI_RESPONSE_SERVICE_TIER),
        ("systemFingerprint", key::OPENAI_RESPONSE_SYSTEM_FINGERPRINT),
        ("costSource", key::GENSPAN_COST_SOURCE),
        ("attempts", key::GENSPAN_ATTEMPTS),
    ] {
        add(&mut members, label, attributes.get(key));
    }
    Value::Map(members)
}

fn under(attributes: &Attributes, prefix: &str) -> Vec<(String, Value)> {
    let found = attributes.iter();
    found
        .filter_map(|(key, value)| Some((camel(key.strip_prefix(prefix)?), value.clone())))
        .collect()
}

fn add(members: &mut Vec<(String, Value)>, label: &str, value: Option<&Value>) {
    if let Some(value) = value {
        members.push((label.to_owned(), value.clone()));
    }
}

/// Writes `stop_sequences` as `stopSequences`.
fn camel(key: &str) -> String {
    let mut label = String::with_capacity(key.len());
    let mut is_next = false;
    for letter in key.chars() {
        if matches!(letter, '_' | '.') {
            is_next = true;
        } else if is_next {
            label.extend(letter.to_uppercase());
            is_next = false;
        } else {
            label.push(letter);
        }
    }
    label
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_are_written_as_json_names() {
        let labels =
            ["model", "max_tokens", "choice.count", "time_to_first_chunk"].map(super::camel);
        assert_eq!(
            labels,
            ["model", "maxTokens", "choiceCount", "timeToFirstChunk"]
        );
    }
}
