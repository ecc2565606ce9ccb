//! Fingerprints: what is said is compared by them, and not kept.
//!
//! What clients vary from request to request does not count: the order of members, members that are null, white space
//! round a text, the ids of messages.

use std::hash::{DefaultHasher, Hash, Hasher};

use genspan::{Part, SpanContext, SpanId, Value};
use sha2::{Digest, Sha256};

/// Fingerprints anything that can be hashed; it is kept in memory only, so it may differ from version to version.
pub(crate) fn of(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// Fingerprints a value, however its members are ordered.
pub(crate) fn value(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(value, &mut hasher);
    hasher.finish()
}

fn feed(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(is_true) => (1_u8, is_true).hash(hasher),
        Value::Int(number) => (2_u8, number).hash(hasher),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "whole numbers below 2^53 are the same as integers"
        )]
        Value::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            (2_u8, *number as i64).hash(hasher);
        }
        Value::Double(number) => (3_u8, number.to_bits()).hash(hasher),
        Value::String(text) => (4_u8, text.trim()).hash(hasher),
        Value::Array(items) => {
            (5_u8, items.len()).hash(hasher);
            items.iter().for_each(|item| feed(item, hasher));
        }
        Value::Map(members) => {
            let mut members: Vec<_> = members.iter().filter(|(_, it)| !it.is_null()).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            (6_u8, members.len()).hash(hasher);
            for (name, member) in members {
                name.hash(hasher);
                feed(member, hasher);
            }
        }
    }
}

/// Fingerprints a piece of a message; `None` for what some clients send back and others do not, such as reasoning.
///
/// Of a tool's result only its place counts: agents cut old results short.
pub(crate) fn part(part: &Part) -> Option<u64> {
    match part {
        Part::Text(text) => {
            let text = text.trim();
            (!text.is_empty()).then(|| of(("text", text)))
        }
        Part::ToolCallRequest(call) => Some(of(("call", &call.name, value(&call.arguments)))),
        Part::ToolCallResponse(_) => Some(of("result")),
        Part::Blob(blob) => Some(of(("blob", &blob.content))),
        Part::File(file) => Some(of(("file", &file.file_id))),
        Part::Uri(uri) => Some(of(("uri", &uri.uri))),
        _ => None,
    }
}

/// Derives the id of an inferred span from the span of a call, the same in every run and version.
pub(crate) fn span_id(call: &SpanContext, what: &str, nth: usize) -> SpanId {
    let mut hash = Sha256::new();
    hash.update(call.trace_id.0);
    hash.update(call.span_id.0);
    hash.update((nth as u64).to_be_bytes());
    hash.update(what.as_bytes());
    let mut bytes = hash.finalize().into_iter();
    SpanId(std::array::from_fn(|_| bytes.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_does_not_count() {
        let of = |json: &str| value(&Value::from_json(json).unwrap());
        assert_eq!(
            of(r#"{"a":1,"b":[{"c":" x ","d":null}]}"#),
            of(r#"{"b":[{"c":"x"}],"a":1.0}"#)
        );
        for other in [
            r#"{"a":2}"#,
            r#"{"a":"1"}"#,
            r#"{"b":1}"#,
            r#"{"a":1.5}"#,
            "{}",
        ] {
            assert_ne!(of(r#"{"a":1}"#), of(other), "{other}");
        }
    }

    #[test]
    fn derived_ids_stay_what_they_are_from_version_to_version() {
        let call = SpanContext {
            trace_id: genspan::TraceId([1; 16]),
            span_id: SpanId([2; 8]),
            ..SpanContext::default()
        };
        insta::assert_snapshot!(span_id(&call, "agent", 0), @"303ec39e3f19f1e4");
    }
}
