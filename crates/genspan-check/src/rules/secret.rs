//! Secrets: text that the redactor would not let pass.

use genspan::Value;

use super::{Notes, Rules, attributes};
use crate::finding::{Finding, Place, Signal};

/// What stands before the rule's name in a replacement.
const REPLACEMENT: &str = "[redacted:";

/// Checks the attributes of a resource or a scope.
pub(crate) fn resource(
    rules: &Rules,
    attributes: &[(String, Value)],
    mut place: Place,
) -> Vec<Finding> {
    place.signal = Signal::Resource;
    let mut notes = rules.notes(place);
    attributes::duplicates(&mut notes, attributes);
    check_all(&mut notes, attributes);
    notes.into_findings()
}

/// Looks at every text of every attribute, keys included.
pub(super) fn check_all(notes: &mut Notes<'_>, attributes: &[(String, Value)]) {
    for (key, value) in attributes {
        check(notes, key, key);
        // Structure written out as text is read as structure, so that each text in it is judged by itself.
        let structure = value.as_str().and_then(structure);
        check_value(notes, key, structure.as_ref().unwrap_or(value));
    }
}

fn structure(text: &str) -> Option<Value> {
    let is_likely = text.starts_with(['[', '{']);
    is_likely.then(|| Value::from_json(text).ok()).flatten()
}

/// Looks at every text of a value.
pub(super) fn check_value(notes: &mut Notes<'_>, subject: &str, value: &Value) {
    match value {
        Value::String(text) => check(notes, subject, text),
        Value::Array(items) => {
            for item in items {
                check_value(notes, subject, item);
            }
        }
        Value::Map(members) => {
            for (key, value) in members {
                check(notes, subject, key);
                match value {
                    Value::String(text) => check_named(notes, subject, key, text),
                    other => check_value(notes, subject, other),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
    }
}

/// Looks at a text.
pub(super) fn check(notes: &mut Notes<'_>, subject: &str, text: &str) {
    let redacted = notes.rules.redactor.redact(text);
    tell(notes, subject, text, &redacted);
}

/// Looks at a text whose name may tell that it is a secret.
fn check_named(notes: &mut Notes<'_>, subject: &str, name: &str, text: &str) {
    let redacted = notes.rules.redactor.redact_value(name, text);
    tell(notes, subject, text, &redacted);
}

fn tell(notes: &mut Notes<'_>, subject: &str, text: &str, redacted: &str) {
    if text == redacted {
        return;
    }
    let rules = rules_of(text, redacted);
    notes.violation(
        "unsafe",
        subject,
        format!(
            "holds what looks like a secret ({rules}) in {} bytes of text",
            text.len()
        ),
        "redact it before it is written, and revoke it if it is real",
    );
}

/// Names the rules whose replacements are in the redacted text and were not before.
fn rules_of(text: &str, redacted: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for after in redacted.split(REPLACEMENT).skip(1) {
        let name = after.split_once(']').map_or(after, |(name, _)| name);
        let was_there = text.contains(&format!("{REPLACEMENT}{name}]"));
        if !was_there && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
