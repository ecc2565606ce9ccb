//! Each attribute by itself: known once, in this version, with the right type and a known value.

use genspan::semconv::spec::{self, AttributeSpec, AttributeType};
use genspan::semconv::{attribute, keys};
use genspan::{Conventions, Value};

use super::{Notes, namespace, shape};
use crate::otlp::EVENT_NAME;
use crate::view::json_type;

/// Tells how content stands on what carries the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// Structured or as JSON text, as spans take it.
    Loose,
    /// Structured, as log records must have it.
    Structured,
    /// With members of a message's body beside the attributes, as v1.36 has it where events are on spans.
    MessageBody,
}

/// Namespaces of OpenTelemetry's core conventions, which may stand anywhere.
const CORE: &[&str] = &[
    "client",
    "cloud",
    "code",
    "container",
    "db",
    "deployment",
    "dns",
    "enduser",
    "error",
    "exception",
    "faas",
    "host",
    "http",
    "k8s",
    "messaging",
    "network",
    "os",
    "otel",
    "peer",
    "process",
    "rpc",
    "server",
    "service",
    "session",
    "telemetry",
    "thread",
    "tls",
    "url",
    "user",
    "user_agent",
];

pub(super) fn check(
    notes: &mut Notes<'_>,
    version: Conventions,
    attributes: &[(String, Value)],
    carrier: Carrier,
) {
    duplicates(notes, attributes);
    for (key, value) in attributes {
        if let Some(spec) = spec::attribute(version, key) {
            typed(notes, version, spec, key, value, carrier);
        } else {
            unknown(notes, version, key, carrier);
        }
    }
}

pub(super) fn duplicates(notes: &mut Notes<'_>, attributes: &[(String, Value)]) {
    let mut keys: Vec<&str> = attributes.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let mut told = None;
    for pair in keys.windows(2) {
        if let [one, other] = pair
            && one == other
            && told != Some(*one)
        {
            notes.violation(
                "duplicate-attribute",
                one,
                "the key stands more than once; receivers keep any one of the values",
                "set each key once",
            );
            told = Some(*one);
        }
    }
}

fn typed(
    notes: &mut Notes<'_>,
    version: Conventions,
    spec: &AttributeSpec,
    key: &str,
    value: &Value,
    carrier: Carrier,
) {
    let fits = match spec.kind {
        AttributeType::String | AttributeType::Template | AttributeType::Enum(_) => {
            matches!(value, Value::String(_))
        }
        AttributeType::Int => matches!(value, Value::Int(_)),
        AttributeType::Double => matches!(value, Value::Double(_)),
        AttributeType::Boolean => matches!(value, Value::Bool(_)),
        AttributeType::Strings => {
            matches!(value, Value::Array(items) if items.iter().all(|item| item.as_str().is_some()))
        }
        AttributeType::Any => !value.is_null(),
    };
    if !fits {
        let (found, expected) = (type_of(value), name_of(spec.kind));
        notes.violation(
            "wrong-type",
            key,
            format!("the value is {found}; {version} has {expected} there"),
            format!("set it as {expected}, or leave it out where it is not known"),
        );
    } else if let (AttributeType::Enum(known), Some(text)) = (spec.kind, value.as_str()) {
        if !known.contains(&text) && key != attribute::GEN_AI_OPERATION_NAME {
            let shown = notes.shown(text);
            notes.advice(
                "unknown-value",
                key,
                format!("\"{shown}\" is none of the values that {version} knows"),
                "use a known value where one fits: backends group and price by it",
            );
        }
    } else if spec.kind == AttributeType::Any {
        shape::check(notes, version, key, value, carrier);
    }
}

fn unknown(notes: &mut Notes<'_>, version: Conventions, key: &str, carrier: Carrier) {
    // Opted in by a word of its own, it stands beside the legacy version too.
    let is_opted_in = key == attribute::GEN_AI_TOOL_DEFINITIONS && version == Conventions::V1_36;
    let is_allowed = is_opted_in
        || notes.rules.options.allows(key)
        || key == EVENT_NAME
        || (carrier == Carrier::MessageBody && !key.contains('.'));
    if is_allowed {
        return;
    }
    if let Some((now, help)) = successor(version, key) {
        notes.violation(
            "other-version",
            key,
            format!("{version} does not have this key{now}"),
            help,
        );
    } else if namespace(key) == namespace(attribute::GEN_AI_OPERATION_NAME) {
        notes.violation(
            "unknown-attribute",
            key,
            format!("no version of the conventions has this key; {version} was asked"),
            "use the conventions' key, or one in a namespace of your own",
        );
    } else if !CORE.contains(&namespace(key)) {
        notes.advice(
            "foreign-attribute",
            key,
            "the key belongs to neither the conventions nor an allowed namespace",
            format!(
                "allow it with --allow {} if it is meant to be there",
                notes.shown(namespace(key))
            ),
        );
    }
}

/// For a key that another version has or had: where that is, and what to do.
fn successor(version: Conventions, key: &str) -> Option<(String, String)> {
    let has = |version, key: &str| spec::attribute(version, key).is_some();
    let home = Conventions::ALL
        .into_iter()
        .filter(|other| has(*other, key))
        .map(Conventions::as_str)
        .collect::<Vec<_>>();
    let pairs = keys::RENAMED;
    let forward = pairs.iter().find(|(old, _)| *old == key);
    let backward = pairs.iter().find(|(_, new)| *new == key);
    let counterpart = forward
        .map(|(_, new)| *new)
        .filter(|new| has(version, new))
        .or_else(|| {
            backward
                .map(|(old, _)| *old)
                .filter(|old| has(version, old))
        });
    if home.is_empty() && forward.is_none() {
        return None;
    }
    let place = if home.is_empty() {
        String::new()
    } else {
        format!("; it is of {}", home.join(" and "))
    };
    let help = match counterpart {
        Some(counterpart) => format!("use {counterpart} in its place"),
        None => format!("leave it out in {version}, or name the right version in the schema URL"),
    };
    Some((place, help))
}

fn name_of(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String | AttributeType::Template | AttributeType::Enum(_) => "a string",
        AttributeType::Int => "an integer",
        AttributeType::Double => "a double",
        AttributeType::Boolean => "a boolean",
        AttributeType::Strings => "an array of strings",
        AttributeType::Any => "a structured value",
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Int(_) => "an integer",
        Value::Double(_) => "a double",
        Value::Array(items) if items.iter().all(|item| item.as_str().is_some()) => {
            "an array of strings"
        }
        Value::Array(_) => "an array of other than strings",
        other => json_type(other),
    }
}
