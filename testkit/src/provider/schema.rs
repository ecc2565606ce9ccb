//! A value that fits a tool's JSON Schema, always the same for the same schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Schemas nested deeper than this give `null`.
const DEPTH: usize = 8;

/// Makes arguments for a tool from its schema.
pub(super) fn example(schema: &Value) -> Value {
    match of(schema, schema, DEPTH) {
        Value::Object(it) => Value::Object(it),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            json!({})
        }
    }
}

fn of(root: &Value, schema: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    if let Some(target) = schema["$ref"]
        .as_str()
        .and_then(|it| root.pointer(it.strip_prefix('#')?))
    {
        return of(root, target, depth);
    }
    let first = |list: &str| schema[list].get(0).unwrap_or(&Value::Null);
    for given in [
        &schema["const"],
        first("enum"),
        &schema["default"],
        first("examples"),
    ] {
        if !given.is_null() {
            return given.clone();
        }
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].get(0) {
            return of(root, first, depth);
        }
    }
    let kind = schema["type"].as_str().or_else(|| first("type").as_str());
    match kind {
        Some("string") => json!(if schema["format"] == "date" {
            "2024-01-01"
        } else {
            "example"
        }),
        Some("integer") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1.5)),
        Some("boolean") => json!(true),
        Some("array") => schema
            .get("items")
            .map_or_else(|| json!([]), |items| json!([of(root, items, depth)])),
        Some("null") => Value::Null,
        _ => object(root, schema, depth),
    }
}

/// The required members, or all where none is required, in the order of their names.
fn object(root: &Value, schema: &Value, depth: usize) -> Value {
    let Some(members) = schema["properties"].as_object() else {
        return json!({});
    };
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let names: BTreeSet<&str> = members
        .keys()
        .map(String::as_str)
        .filter(|name| required.is_empty() || required.contains(name))
        .collect();
    let filled: Map<String, Value> = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), of(root, members.get(name)?, depth))))
        .collect();
    Value::Object(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_what_is_required_and_follows_references() {
        let schema = json!({
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"$ref": "#/$defs/Unit"}, "days": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
            "required": ["unit", "city", "tags"],
            "$defs": {"Unit": {"enum": ["C", "F"]}},
        });
        assert_eq!(
            example(&schema),
            json!({"city": "example", "tags": ["example"], "unit": "C"})
        );
    }

    #[test]
    fn ends_on_a_schema_that_contains_itself() {
        let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert!(example(&schema).pointer("/next/next").is_some());
    }

    #[test]
    fn takes_no_schema_for_no_arguments() {
        assert_eq!(example(&Value::Null), json!({}));
        assert_eq!(example(&json!({"type": "string"})), json!({}));
    }
}
