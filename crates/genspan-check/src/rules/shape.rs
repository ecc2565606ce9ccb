//! Structured attributes: structured where they must be, and of the right shape.

use genspan::{Conventions, Value};

use super::Notes;
use super::attributes::Carrier;
use crate::content::{Grade, Shape, misfits};

pub(super) fn check(
    notes: &mut Notes<'_>,
    version: Conventions,
    key: &str,
    value: &Value,
    carrier: Carrier,
) {
    if carrier == Carrier::Structured && value.as_str().is_some_and(is_json) {
        notes.violation(
            "unstructured-content",
            key,
            "the value is JSON in a string; on events it has to be structured",
            "set it as an array or a map value",
        );
    }
    let Some(shape) = Shape::of(key) else {
        return;
    };
    for misfit in misfits(shape, version, value) {
        let path = if misfit.path.is_empty() {
            "the value".to_owned()
        } else {
            misfit.path
        };
        let (expected, found) = (misfit.expected, misfit.found);
        let message = format!("{path} is {found}; {version} has {expected} there");
        match misfit.grade {
            Grade::Wrong => notes.violation(
                "wrong-shape",
                key,
                message,
                "write the value as the conventions' JSON schema of this attribute has it",
            ),
            Grade::Unlucky => notes.advice(
                "poor-shape",
                key,
                message,
                "write it where it can be had; readers look for it",
            ),
        }
    }
}

/// Tells a structure written out as text from a text that is one by itself, as a tool's answer may be.
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    (text.starts_with('[') || text.starts_with('{')) && Value::from_json(text).is_ok()
}
