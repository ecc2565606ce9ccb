//! Attribute values; structure stays structure.

use genspan::{Attribute, Value};
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value,
};

pub(crate) fn attributes(attributes: impl IntoIterator<Item = Attribute>) -> Vec<KeyValue> {
    attributes
        .into_iter()
        .map(|attribute| key_value(attribute.key.into_owned(), attribute.value))
        .collect()
}

/// Makes an attribute that holds a text.
pub(crate) fn text(key: &str, value: impl Into<String>) -> KeyValue {
    key_value(key.to_owned(), Value::String(value.into()))
}

pub(super) fn key_value(key: String, value: Value) -> KeyValue {
    KeyValue {
        key,
        value: Some(any_value(value)),
        key_strindex: 0,
    }
}

pub(super) fn any_value(value: Value) -> AnyValue {
    let value = match value {
        Value::Null => None,
        Value::Bool(value) => Some(any_value::Value::BoolValue(value)),
        Value::Int(value) => Some(any_value::Value::IntValue(value)),
        Value::Double(value) => Some(any_value::Value::DoubleValue(value)),
        Value::String(value) => Some(any_value::Value::StringValue(value)),
        Value::Array(items) => Some(any_value::Value::ArrayValue(ArrayValue {
            values: items.into_iter().map(any_value).collect(),
        })),
        Value::Map(members) => {
            let values = members
                .into_iter()
                .map(|(key, value)| key_value(key, value))
                .collect();
            Some(any_value::Value::KvlistValue(KeyValueList { values }))
        }
    };
    AnyValue { value }
}
