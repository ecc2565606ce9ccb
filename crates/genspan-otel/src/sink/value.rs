//! Values in the API's own shapes.

use std::{borrow::Cow, collections::HashMap};

use genspan::{Attribute, Value};
use opentelemetry::{Array, Key, KeyValue, StringValue, logs::AnyValue};

/// Gives attributes as spans take them.
pub(crate) fn flat_attributes(attributes: Vec<Attribute>) -> Vec<KeyValue> {
    attributes.into_iter().filter_map(attribute).collect()
}

/// Gives an attribute as spans take it; `None` where it has no value.
pub(super) fn attribute(attribute: Attribute) -> Option<KeyValue> {
    let value = flat(attribute.value)?;
    Some(KeyValue::new(key(attribute.key), value))
}

/// Gives an attribute as log records take it; `None` where it has no value.
pub(super) fn structured(attribute: Attribute) -> Option<(Key, AnyValue)> {
    Some((key(attribute.key), any(attribute.value)?))
}

fn key(key: Cow<'static, str>) -> Key {
    match key {
        Cow::Borrowed(key) => Key::from_static_str(key),
        Cow::Owned(key) => Key::from(key),
    }
}

/// Gives a value without structure: what is more than a list of equals becomes JSON.
pub(crate) fn flat(value: Value) -> Option<opentelemetry::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::String(text) => text.into(),
        Value::Array(items) => match list(&items) {
            Some(list) => opentelemetry::Value::Array(list),
            None => Value::Array(items).to_json().into(),
        },
        Value::Map(_) => value.to_json().into(),
    })
}

/// Gives a list of values of one kind; `None` where they differ or have structure themselves.
fn list(items: &[Value]) -> Option<Array> {
    Some(match items.first() {
        None => Array::String(Vec::new()),
        Some(Value::String(_)) => Array::String(all(items, |item| {
            item.as_str().map(|text| StringValue::from(text.to_owned()))
        })?),
        Some(Value::Int(_)) => Array::I64(all(items, |item| match item {
            Value::Int(number) => Some(*number),
            _ => None,
        })?),
        Some(Value::Double(_)) => Array::F64(all(items, |item| match item {
            Value::Double(number) => Some(*number),
            _ => None,
        })?),
        Some(Value::Bool(_)) => Array::Bool(all(items, |item| match item {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        })?),
        Some(Value::Null | Value::Array(_) | Value::Map(_)) => return None,
    })
}

/// Reads what a span holds.
pub(crate) fn read(value: &opentelemetry::Value) -> Value {
    match value {
        opentelemetry::Value::Bool(flag) => Value::Bool(*flag),
        opentelemetry::Value::I64(number) => Value::Int(*number),
        opentelemetry::Value::F64(number) => Value::Double(*number),
        opentelemetry::Value::String(text) => Value::from(text.as_str()),
        opentelemetry::Value::Array(array) => Value::Array(match array {
            Array::Bool(items) => items.iter().copied().map(Value::Bool).collect(),
            Array::I64(items) => items.iter().copied().map(Value::Int).collect(),
            Array::F64(items) => items.iter().copied().map(Value::Double).collect(),
            Array::String(items) => items
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect(),
            _ => Vec::new(),
        }),
        _ => Value::Null,
    }
}

fn all<T>(items: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    items.iter().map(read).collect()
}

/// Gives a value with its structure; `None` for null, of which the API knows nothing.
pub(super) fn any(value: Value) -> Option<AnyValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::String(text) => text.into(),
        Value::Array(items) => AnyValue::ListAny(Box::new(
            // A null in a list keeps its place, or those after it would be taken for others.
            items
                .into_iter()
                .map(|item| any(item).unwrap_or_else(|| "null".into()))
                .collect(),
        )),
        Value::Map(members) => {
            let mut map = HashMap::with_capacity(members.len());
            for (name, value) in members {
                if let Some(value) = any(value) {
                    map.entry(Key::from(name)).or_insert(value);
                }
            }
            AnyValue::Map(Box::new(map))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        Value::from_json(text).unwrap()
    }

    fn on_span(text: &str) -> Option<opentelemetry::Value> {
        flat(json(text))
    }

    #[test]
    fn lists_of_one_kind_stay_lists_on_spans() {
        let of = |array: Array| Some(opentelemetry::Value::Array(array));
        assert_eq!(on_span("[]"), of(Array::String(Vec::new())));
        let words = vec!["a".into(), "b".into()];
        assert_eq!(on_span(r#"["a","b"]"#), of(Array::String(words)));
        assert_eq!(on_span("[1,2]"), of(Array::I64(vec![1, 2])));
        assert_eq!(on_span("[0.5]"), of(Array::F64(vec![0.5])));
        assert_eq!(on_span("[true]"), of(Array::Bool(vec![true])));
    }

    #[test]
    fn structure_is_json_on_spans() {
        for text in [
            r#"["a",1]"#,
            "[1,0.5]",
            "[null]",
            r#"[{"z":1,"a":[null]}]"#,
            r#"{"z":1,"a":2}"#,
        ] {
            assert_eq!(on_span(text), Some(text.to_owned().into()));
        }
        assert_eq!(on_span("null"), None);
    }

    #[test]
    fn structure_stays_structure_on_events() {
        let value = any(json(r#"{"a":[1,null,{"b":"c"}],"n":null,"a":2}"#)).unwrap();
        let inner: AnyValue = [("b", "c")].into_iter().collect();
        let list = vec![AnyValue::Int(1), "null".into(), inner];
        let expected: AnyValue = [("a", AnyValue::ListAny(Box::new(list)))]
            .into_iter()
            .collect();
        assert_eq!(value, expected);
    }
}
