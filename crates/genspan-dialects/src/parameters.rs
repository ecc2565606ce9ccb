//! The settings of a request, which vendors have as one JSON text beside the conventions' keys.

use genspan::{Value, semconv::attribute as key};

use crate::Attributes;

/// Pairs keys of the conventions with the names that providers use.
pub(crate) type Names = [(&'static str, &'static str)];

/// How a model is to choose its words.
pub(crate) const SAMPLING: [(&str, &str); 9] = [
    (key::GEN_AI_REQUEST_TEMPERATURE, "temperature"),
    (key::GEN_AI_REQUEST_TOP_P, "top_p"),
    (key::GEN_AI_REQUEST_TOP_K, "top_k"),
    (key::GEN_AI_REQUEST_MAX_TOKENS, "max_tokens"),
    (key::GEN_AI_REQUEST_FREQUENCY_PENALTY, "frequency_penalty"),
    (key::GEN_AI_REQUEST_PRESENCE_PENALTY, "presence_penalty"),
    (key::GEN_AI_REQUEST_STOP_SEQUENCES, "stop_sequences"),
    (key::GEN_AI_REQUEST_SEED, "seed"),
    (key::GEN_AI_REQUEST_CHOICE_COUNT, "n"),
];

/// Gives the settings that are stated.
pub(crate) fn stated(attributes: &Attributes, names: &[&Names]) -> Vec<(String, Value)> {
    names
        .iter()
        .flat_map(|names| names.iter())
        .filter_map(|(key, name)| Some(((*name).to_owned(), attributes.get(key)?.clone())))
        .collect()
}

/// Copies the settings that are stated.
pub(crate) fn write(attributes: &mut Attributes, to: &'static str, names: &[&Names]) {
    let stated = stated(attributes, names);
    if !stated.is_empty() {
        attributes.set_if_free(to, Some(Value::Map(stated).to_json()));
    }
}

/// Reads the settings that the conventions have keys for; the others stay.
pub(crate) fn read(attributes: &mut Attributes, from: &'static str, names: &[&Names]) {
    let Some(Value::Map(members)) = attributes.take_structured(from) else {
        return;
    };
    let mut left = Vec::new();
    for (name, value) in members {
        match names
            .iter()
            .flat_map(|names| names.iter())
            .find(|(_, known)| *known == name)
        {
            Some((key, _)) => attributes.set_if_free(*key, Some(value)),
            None => left.push((name, value)),
        }
    }
    if !left.is_empty() {
        attributes.set(from, Value::Map(left).to_json());
    }
}
