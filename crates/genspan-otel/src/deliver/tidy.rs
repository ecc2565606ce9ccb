//! What the SDK leaves to its exporters: one value for each key, and members in a fixed order.

use std::collections::HashSet;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    trace::v1::{Span, Status},
};

/// Keeps the last value of each key; the SDK appends where a key is set again.
pub(super) fn last_wins(attributes: &mut Vec<KeyValue>) {
    if !repeats(attributes) {
        return;
    }
    let mut known = HashSet::with_capacity(attributes.len());
    let mut is_last: Vec<bool> = attributes
        .iter()
        .rev()
        .map(|attribute| known.insert(attribute.key.as_str()))
        .collect();
    attributes.retain(|_| is_last.pop().unwrap_or(true));
}

/// Tells whether a key stands more than once; for the usual few, comparing is quicker than hashing.
fn repeats(attributes: &[KeyValue]) -> bool {
    const FEW: usize = 32;
    if attributes.len() > FEW {
        let mut known = HashSet::with_capacity(attributes.len());
        return !attributes
            .iter()
            .all(|attribute| known.insert(attribute.key.as_str()));
    }
    let mut rest = attributes;
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| other.key == first.key) {
            return true;
        }
        rest = others;
    }
    false
}

pub(super) fn span(span: &mut Span) {
    last_wins(&mut span.attributes);
    for event in &mut span.events {
        last_wins(&mut event.attributes);
    }
    for link in &mut span.links {
        last_wins(&mut link.attributes);
    }
    // A status that says nothing is none.
    if span.status == Some(Status::default()) {
        span.status = None;
    }
}

pub(super) fn log_record(record: &mut LogRecord) {
    last_wins(&mut record.attributes);
    for attribute in &mut record.attributes {
        if let Some(value) = &mut attribute.value {
            in_order(value);
        }
    }
    if let Some(body) = &mut record.body {
        in_order(body);
    }
}

/// Sorts the members of maps, which come out of a hash map in any order.
fn in_order(value: &mut AnyValue) {
    match &mut value.value {
        Some(Value::KvlistValue(members)) => {
            members.values.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            for value in members
                .values
                .iter_mut()
                .filter_map(|member| member.value.as_mut())
            {
                in_order(value);
            }
        }
        Some(Value::ArrayValue(items)) => items.values.iter_mut().for_each(in_order),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};

    use super::*;

    fn pair(key: &str, value: Value) -> KeyValue {
        KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            key_strindex: 0,
        }
    }

    #[test]
    fn the_last_value_of_a_key_stands_and_the_order_of_the_rest_does_not_change() {
        let int = |key, value| pair(key, Value::IntValue(value));
        let mut attributes = vec![
            int("a", 1),
            int("b", 2),
            int("a", 3),
            int("c", 4),
            int("a", 5),
        ];
        last_wins(&mut attributes);
        assert_eq!(attributes, [int("b", 2), int("c", 4), int("a", 5)]);
        last_wins(&mut attributes);
        assert_eq!(attributes.len(), 3);
        let numbered = |n| pair(&format!("k{}", n % 90), Value::IntValue(n));
        let mut many: Vec<KeyValue> = (0..100).map(numbered).collect();
        last_wins(&mut many);
        assert_eq!((many.len(), many.first()), (90, Some(&int("k10", 10))));
    }

    #[test]
    fn members_of_maps_are_in_order_however_deep() {
        let map = |keys: [&str; 2]| {
            let values = keys.map(|key| pair(key, Value::BoolValue(true))).to_vec();
            Value::KvlistValue(KeyValueList { values })
        };
        let deep = |keys| {
            let values = vec![AnyValue {
                value: Some(map(keys)),
            }];
            Value::KvlistValue(KeyValueList {
                values: vec![pair("list", Value::ArrayValue(ArrayValue { values }))],
            })
        };
        let record = |keys| LogRecord {
            attributes: vec![pair("k", deep(keys))],
            body: Some(AnyValue {
                value: Some(map(keys)),
            }),
            ..LogRecord::default()
        };
        let mut one = record(["b", "a"]);
        log_record(&mut one);
        assert_eq!(one, record(["a", "b"]));
    }
}
