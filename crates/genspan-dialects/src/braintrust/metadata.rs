//! What was asked for beside the messages: settings, and the tools where content may be told.

use genspan::{Value, semconv::attribute as key};

use super::METADATA;
use crate::{
    Attributes, definitions,
    parameters::{self, Names, SAMPLING},
};

/// Names what the metadata holds beside how a model is to choose its words.
const ASKED: [(&str, &str); 3] = [
    (key::GEN_AI_REQUEST_MODEL, "model"),
    (key::GEN_AI_PROVIDER_NAME, "provider"),
    (key::GEN_AI_REQUEST_STREAM, "stream"),
];

const NAMES: [&Names; 2] = [&ASKED, &SAMPLING];

const TOOLS: &str = "tools";

pub(super) fn write(attributes: &mut Attributes) {
    let mut stated = parameters::stated(attributes, &NAMES);
    let offered = attributes.structured(key::GEN_AI_TOOL_DEFINITIONS);
    if let Some(Value::Array(tools)) = offered.as_deref() {
        let tools = tools.iter().map(definitions::nested).collect();
        stated.push((TOOLS.to_owned(), Value::Array(tools)));
    }
    if !stated.is_empty() {
        attributes.set_if_free(METADATA, Some(Value::Map(stated).to_json()));
    }
}

pub(super) fn read(attributes: &mut Attributes) {
    if let Some(Value::Map(mut members)) = attributes.take_structured(METADATA) {
        let at = members.iter().position(|(name, _)| name == TOOLS);
        match at.map(|at| members.remove(at)) {
            Some((_, Value::Array(tools))) => {
                let tools = tools.into_iter().map(definitions::conventional).collect();
                attributes.set_if_free(key::GEN_AI_TOOL_DEFINITIONS, Some(Value::Array(tools)));
            }
            Some(other) => members.push(other),
            None => {}
        }
        attributes.set(METADATA, Value::Map(members).to_json());
    }
    parameters::read(attributes, METADATA, &NAMES);
}
