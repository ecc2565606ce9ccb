//! Values as JSON text.

use std::fmt::Write;

use super::Value;
use crate::shorten::json_len;

/// Writes a value behind what is there already, as compact JSON.
pub(crate) fn write(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(true) => json.push_str("true"),
        Value::Bool(false) => json.push_str("false"),
        // Writing to a string does not fail.
        Value::Int(number) => _ = write!(json, "{number}"),
        Value::Double(number) => {
            json.push_str(&serde_json::to_string(number).unwrap_or_default());
        }
        Value::String(text) => write_text(text, json),
        Value::Array(items) => {
            let mut before = '[';
            for item in items {
                json.push(before);
                write(item, json);
                before = ',';
            }
            json.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Map(members) => {
            let mut before = '{';
            for (name, value) in members {
                json.push(before);
                write_text(name, json);
                json.push(':');
                write(value, json);
                before = ',';
            }
            json.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
}

/// Bounds a value's JSON from below.
pub(super) fn least(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 1 + items.iter().map(|item| least(item) + 1).sum::<usize>(),
        Value::Map(members) => {
            let member = |(name, value): &(String, Value)| name.len() + 4 + least(value);
            1 + members.iter().map(member).sum::<usize>()
        }
        Value::Null | Value::Bool(_) => 4,
        Value::Int(_) | Value::Double(_) => 1,
    }
}

/// Measures a value's JSON, numbers by an upper bound.
pub(super) fn len(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Int(_) | Value::Double(_) => 24,
        Value::String(text) => json_len(text) + 2,
        Value::Array(items) => 2 + items.iter().map(|item| len(item) + 1).sum::<usize>(),
        Value::Map(members) => {
            let member = |(name, value): &(String, Value)| json_len(name) + 4 + len(value);
            2 + members.iter().map(member).sum::<usize>()
        }
    }
}

/// Writes a text between quotes behind what is there already.
pub(crate) fn write_text(text: &str, json: &mut String) {
    json.push('"');
    let mut rest = text;
    while let Some(clean) = first_escaped(rest.as_bytes())
        && let Some((before, after)) = rest.split_at_checked(clean)
        && let Some(&escaped) = after.as_bytes().first()
    {
        json.push_str(before);
        match escaped {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            0x08 => json.push_str("\\b"),
            0x0c => json.push_str("\\f"),
            control => _ = write!(json, "\\u{control:04x}"),
        }
        rest = after.get(1..).unwrap_or_default();
    }
    json.push_str(rest);
    json.push('"');
}

/// Where the first byte stands that JSON wants escaped. Looks at eight bytes at once.
#[inline]
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let found = chunks
        .iter()
        .enumerate()
        .find_map(|(at, chunk)| Some(at * 8 + first_of_eight(u64::from_le_bytes(*chunk))?));
    found.or_else(|| {
        let is_escaped = |b: &u8| matches!(b, ..0x20 | b'"' | b'\\');
        Some(chunks.len() * 8 + rest.iter().position(is_escaped)?)
    })
}

/// The first of eight bytes, lowest first, that JSON wants escaped.
#[inline]
fn first_of_eight(bytes: u64) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A subtraction borrows from the bytes above one that is below the limit, so only the first one found counts.
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(EACH * u64::from(limit)) & !bytes;
    let is = |byte: u8| below(bytes ^ (EACH * u64::from(byte)), 1);
    let found = (below(bytes, 0x20) | is(b'"') | is(b'\\')) & (EACH * 0x80);
    (found != 0).then_some(found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same_as_serde_json(value: &Value) {
        let mut json = String::new();
        write(value, &mut json);
        assert_eq!(json, serde_json::to_string(value).unwrap());
        assert!(least(value) <= json.len() + 2);
    }

    #[test]
    fn every_character_is_written_as_serde_json_does() {
        for code in (0..0x300_u32).chain([0x2028, 0xfeff, 0x1f600]) {
            let Some(char) = char::from_u32(code) else {
                continue;
            };
            for before in 0..9 {
                same_as_serde_json(&Value::String(format!(
                    "{}{char}z\"{char}",
                    "é".repeat(before)
                )));
            }
        }
    }

    #[test]
    fn numbers_are_written_as_serde_json_does() {
        for number in [0.0, -0.0, 1.0, 1e300, 0.1, f64::NAN, f64::INFINITY] {
            same_as_serde_json(&Value::Double(number));
        }
        for number in [0, -1, i64::MAX, i64::MIN] {
            same_as_serde_json(&Value::Int(number));
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Double),
            "(?s:.{0,30})".prop_map(Value::String),
            "[\\x00-\\x7f]{0,60}".prop_map(Value::String),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec(("(?s:.{0,9})", inner), 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_written_as_serde_json_does(value in value()) {
            same_as_serde_json(&value);
        }
    }
}
