//! The texts and bytes inside attribute values.

use genspan::shorten::Shortened;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

use super::json_text;

/// Bounds how deep values are searched; deeper ones are left to the shedding of whole attributes.
const DEPTH: usize = 64;

/// Holds one text or one run of bytes that may be shortened.
#[derive(Debug)]
pub(crate) enum Leaf<'a> {
    Text(&'a mut String),
    Bytes(&'a mut Vec<u8>),
}

impl Leaf<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Shortens to at most `level` bytes; gives how many were left out.
    pub(super) fn shorten(&mut self, level: usize) -> usize {
        match self {
            Self::Text(text) => {
                if let Some((short, left_out)) = json_text::shorten(text, level) {
                    **text = short;
                    return left_out;
                }
                let short = Shortened::new(text, level);
                let left_out = short.left_out();
                if left_out > 0 {
                    let short = short.into_text().into_owned();
                    **text = short;
                }
                left_out
            }
            Self::Bytes(bytes) => {
                let left_out = bytes.len().saturating_sub(level);
                bytes.truncate(level);
                left_out
            }
        }
    }
}

pub(super) fn of_attributes<'a>(attributes: &'a mut [KeyValue], leaves: &mut Vec<Leaf<'a>>) {
    collect_members(attributes, leaves, DEPTH);
}

pub(super) fn of_value<'a>(value: &'a mut AnyValue, leaves: &mut Vec<Leaf<'a>>) {
    collect(value, leaves, DEPTH);
}

fn collect_members<'a>(members: &'a mut [KeyValue], leaves: &mut Vec<Leaf<'a>>, depth: usize) {
    for member in members {
        if let Some(value) = &mut member.value {
            collect(value, leaves, depth);
        }
    }
}

fn collect<'a>(value: &'a mut AnyValue, leaves: &mut Vec<Leaf<'a>>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match &mut value.value {
        Some(Value::StringValue(text)) => leaves.push(Leaf::Text(text)),
        Some(Value::BytesValue(bytes)) => leaves.push(Leaf::Bytes(bytes)),
        Some(Value::ArrayValue(array)) => {
            for item in &mut array.values {
                collect(item, leaves, depth);
            }
        }
        Some(Value::KvlistValue(list)) => collect_members(&mut list.values, leaves, depth),
        _ => {}
    }
}
