//! Who measured: one process, by one of its libraries.

use genspan::{Value, semconv::attribute as key};
use opentelemetry_proto::tonic::{common::v1::InstrumentationScope, resource::v1::Resource};

use crate::{query::detail::key_values, read::KeyValue};

/// Names a host, as the conventions for resources do.
const HOST: &str = "host.name";

/// Names a process on its host, as the conventions for resources do.
const PROCESS: &str = "process.pid";

/// Names a library where attributes stand for it, as the conventions for other formats do.
const SCOPE: &str = "otel.scope.name";
const SCOPE_VERSION: &str = "otel.scope.version";

/// Gives what tells a process from others of its program: its instance, else its host and number, else all it says of itself.
pub(super) fn process(resource: Option<&Resource>) -> Vec<KeyValue> {
    let mut all = key_values(resource.map_or(&[], |resource| resource.attributes.as_slice()));
    let named = [
        [key::SERVICE_INSTANCE_ID].as_slice(),
        [HOST, PROCESS].as_slice(),
    ];
    let has = |name: &str| all.iter().any(|attribute| attribute.key == name);
    let names = named
        .into_iter()
        .find(|names| names.iter().all(|name| has(name)));
    if let Some(names) = names {
        all.retain(|attribute| names.contains(&attribute.key.as_str()));
    }
    all
}

/// Adds the library to what tells a process from others.
pub(super) fn with_scope(
    process: &[KeyValue],
    scope: Option<&InstrumentationScope>,
) -> Vec<KeyValue> {
    let said = scope.into_iter().flat_map(|scope| {
        [(SCOPE, &scope.name), (SCOPE_VERSION, &scope.version)]
            .into_iter()
            .filter(|(_, word)| !word.is_empty())
    });
    let said = said.map(|(key, word)| KeyValue {
        key: key.to_owned(),
        value: Value::from(word.clone()),
    });
    let mut all: Vec<KeyValue> = process.iter().cloned().chain(said).collect();
    sort(&mut all);
    all
}

/// Brings attributes into an order that does not hang on who wrote them.
pub(super) fn sort(attributes: &mut [KeyValue]) {
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
}

/// Writes attributes as one text, the same for the same ones.
pub(super) fn as_text(attributes: &[KeyValue]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        text.push_str(&attribute.key);
        text.push('=');
        text.push_str(&attribute.value.to_json());
        text.push('\n');
    }
    text
}
