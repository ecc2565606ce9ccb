//! Members of OTLP/JSON objects by name and type.

use genspan::Value;

use super::Item;
use crate::view::json_type;

/// Finds a member by its name in camel case, however the writer spelled it.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(members) = value else {
        return None;
    };
    let exact = members.iter().find(|(key, _)| key == name);
    let found = exact.or_else(|| members.iter().find(|(key, _)| is_same(key, name)));
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// Compares a name in snake case with one in camel case.
fn is_same(snake: &str, camel: &str) -> bool {
    let mut letters = snake.bytes().filter(|byte| *byte != b'_');
    snake.contains('_')
        && camel
            .bytes()
            .all(|wanted| letters.next() == Some(wanted.to_ascii_lowercase()))
        && letters.next().is_none()
}

fn fault(items: &mut Vec<Item>, name: &str, value: &Value, expected: &str) {
    let kind = json_type(value);
    items.push(Item::Fault(format!("{name} is {kind}, not {expected}")));
}

/// Reads a list; an absent one is empty.
pub(super) fn list<'a>(value: &'a Value, name: &str, items: &mut Vec<Item>) -> &'a [Value] {
    match member(value, name) {
        None => &[],
        Some(Value::Array(list)) => list,
        Some(other) => {
            fault(items, name, other, "a list");
            &[]
        }
    }
}

/// Reads a text; an absent one is empty.
pub(super) fn text(value: &Value, name: &str, items: &mut Vec<Item>) -> String {
    match member(value, name) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => {
            fault(items, name, other, "a string");
            String::new()
        }
    }
}

/// Reads a whole number that is not negative, written as a number or a text; an absent one is 0.
pub(super) fn unsigned(value: &Value, name: &str, items: &mut Vec<Item>) -> u64 {
    let Some(found) = member(value, name) else {
        return 0;
    };
    as_unsigned(found).unwrap_or_else(|| {
        fault(items, name, found, "a whole number");
        0
    })
}

pub(super) fn as_unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::String(digits) => digits.parse().ok(),
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and in range by the guard"
        )]
        Value::Double(number) if number.fract() == 0.0 && (0.0..2e19).contains(number) => {
            Some(*number as u64)
        }
        _ => None,
    }
}

pub(super) fn as_signed(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::String(digits) => digits.parse().ok(),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "whole and in range by the guard"
        )]
        Value::Double(number) if number.fract() == 0.0 && number.abs() < 9e18 => {
            Some(*number as i64)
        }
        _ => None,
    }
}

pub(super) fn as_double(value: &Value) -> Option<f64> {
    match value {
        Value::Double(number) => Some(*number),
        #[allow(
            clippy::cast_precision_loss,
            reason = "a double is what the field holds"
        )]
        Value::Int(number) => Some(*number as f64),
        // Rust reads the words that protobuf writes: NaN, Infinity, -Infinity.
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Reads an enum, by number or by name; an absent one is 0.
pub(super) fn choice(value: &Value, name: &str, names: &[(&str, u8)], items: &mut Vec<Item>) -> u8 {
    let Some(found) = member(value, name) else {
        return 0;
    };
    let by_name = found
        .as_str()
        .and_then(|text| names.iter().find(|(known, _)| *known == text))
        .map(|(_, number)| *number);
    let by_number = || as_unsigned(found).and_then(|number| u8::try_from(number).ok());
    by_name.or_else(by_number).unwrap_or_else(|| {
        items.push(Item::Fault(format!("{name} is no value of its enum")));
        0
    })
}

/// Reads the attributes of an object.
pub(super) fn attributes(value: &Value, items: &mut Vec<Item>) -> Vec<(String, Value)> {
    let list = list(value, "attributes", items);
    list.iter().map(|pair| key_value(pair, items)).collect()
}

fn key_value(pair: &Value, items: &mut Vec<Item>) -> (String, Value) {
    if !matches!(pair, Value::Map(_)) {
        fault(items, "an attribute", pair, "an object");
    }
    let key = text(pair, "key", items);
    let value = member(pair, "value").map_or(Value::Null, |value| any_value(value, items));
    (key, value)
}

/// Reads the protocol's wrapping of a value; one that holds nothing is null.
pub(super) fn any_value(value: &Value, items: &mut Vec<Item>) -> Value {
    let Value::Map(members) = value else {
        fault(items, "a value", value, "an object such as {stringValue}");
        return Value::Null;
    };
    // A writer that spells out defaults may state the members it did not choose, as null.
    let Some((name, inner)) = members.iter().find(|(_, inner)| !inner.is_null()) else {
        return Value::Null;
    };
    let camel: String = name.replace('_', "").to_ascii_lowercase();
    let read = match camel.as_str() {
        "stringvalue" | "bytesvalue" => inner.as_str().map(Value::from),
        "boolvalue" => matches!(inner, Value::Bool(_)).then(|| inner.clone()),
        "intvalue" => as_signed(inner).map(Value::Int),
        "doublevalue" => as_double(inner).map(Value::Double),
        "arrayvalue" => {
            let values = list(inner, "values", items);
            Some(Value::Array(
                values.iter().map(|value| any_value(value, items)).collect(),
            ))
        }
        "kvlistvalue" => {
            let values = list(inner, "values", items);
            Some(Value::Map(
                values.iter().map(|pair| key_value(pair, items)).collect(),
            ))
        }
        _ => None,
    };
    read.unwrap_or_else(|| {
        items.push(Item::Fault("a value is of no known type".to_owned()));
        Value::Null
    })
}
