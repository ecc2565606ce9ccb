//! Puts back what [`cut`](super::cut) took out.

use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value,
};
use prost::Message;

use super::Damage;

/// Holds what was taken out of one node, in the order of its segments.
pub(crate) type Found = (u64, Vec<Vec<u8>>);

/// Puts values back, one list of attributes after the other, in the order in which they were taken out.
#[derive(Debug)]
pub(crate) struct Restorer {
    node: u64,
    leaves: std::iter::Peekable<std::vec::IntoIter<Found>>,
}

impl Restorer {
    pub(crate) fn new(leaves: Vec<Found>) -> Self {
        Self {
            node: 0,
            leaves: leaves.into_iter().peekable(),
        }
    }

    fn next(&mut self) -> Option<Vec<Vec<u8>>> {
        self.node += 1;
        let node = self.node;
        self.leaves
            .next_if(|(at, _)| *at == node)
            .map(|(_, segments)| segments)
    }

    pub(crate) fn attributes(&mut self, list: &mut Vec<KeyValue>) -> Result<(), Damage> {
        let mut restored = Vec::with_capacity(list.len());
        for mut attribute in list.drain(..) {
            if let Some(segments) = self.next() {
                for segment in segments {
                    let run = KeyValueList::decode(segment.as_slice()).map_err(damage)?;
                    restored.extend(run.values);
                }
                continue;
            }
            if let Some(value) = &mut attribute.value {
                self.value(value)?;
            }
            restored.push(attribute);
        }
        *list = restored;
        Ok(())
    }

    pub(crate) fn value(&mut self, value: &mut AnyValue) -> Result<(), Damage> {
        let segments = self.next();
        match (&mut value.value, segments) {
            (Some(Value::StringValue(text)), Some(segments)) => {
                *text = String::from_utf8(segments.concat()).map_err(damage)?;
            }
            (Some(Value::BytesValue(bytes)), Some(segments)) => *bytes = segments.concat(),
            (Some(Value::ArrayValue(array)), Some(segments)) => {
                for segment in segments {
                    let items = ArrayValue::decode(segment.as_slice()).map_err(damage)?;
                    array.values.extend(items.values);
                }
            }
            (Some(Value::ArrayValue(array)), None) => {
                for item in &mut array.values {
                    self.value(item)?;
                }
            }
            (Some(Value::KvlistValue(members)), None) => self.attributes(&mut members.values)?,
            (_, None) => {}
            (_, Some(_)) => return Err(Damage("content belongs nowhere".to_owned())),
        }
        Ok(())
    }
}

fn damage(error: impl std::fmt::Display) -> Damage {
    Damage(format!("content does not read: {error}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::{Effort, Leaf, Packer, Segment, cut::Cutter, unpack};

    fn found(leaves: Vec<Leaf>) -> Vec<Found> {
        let bytes = |segment| match segment {
            Segment::Inline(bytes) => bytes,
            Segment::Piece(piece) => unpack(&piece.packed).unwrap(),
        };
        let leaf = |leaf: Leaf| (leaf.node, leaf.segments.into_iter().map(bytes).collect());
        leaves.into_iter().map(leaf).collect()
    }

    fn value() -> impl Strategy<Value = AnyValue> {
        let leaf = prop_oneof![
            Just(None),
            any::<i64>().prop_map(|number| Some(Value::IntValue(number))),
            ("[a-c\\[\\]\",{}]{0,12}", 0..200_usize)
                .prop_map(|(text, times)| Some(Value::StringValue(text.repeat(times)))),
            (any::<u8>(), 0..1_000_usize)
                .prop_map(|(byte, times)| Some(Value::BytesValue(vec![byte; times]))),
        ];
        let leaf = leaf.prop_map(|value| AnyValue { value });
        leaf.prop_recursive(3, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(|values| AnyValue {
                    value: Some(Value::ArrayValue(ArrayValue { values }))
                }),
                list_of(inner).prop_map(|values| AnyValue {
                    value: Some(Value::KvlistValue(KeyValueList { values }))
                }),
            ]
        })
    }

    fn list_of(value: impl Strategy<Value = AnyValue>) -> impl Strategy<Value = Vec<KeyValue>> {
        let key = prop_oneof![Just(String::new()), "[a-b]", "[mn]\\.[0-3]\\.[ab]"];
        let attribute = (key, prop::option::of(value)).prop_map(|(key, value)| KeyValue {
            key,
            value,
            ..KeyValue::default()
        });
        prop::collection::vec(attribute, 0..8)
    }

    proptest! {
        #[test]
        fn what_was_taken_out_is_put_back(lists in prop::collection::vec(list_of(value()), 1..3)) {
            let mut cut = lists.clone();
            let mut packer = Packer::new(Effort::Thorough);
            let mut cutter = Cutter::new(&mut packer);
            cut.iter_mut().for_each(|list| cutter.attributes(list));
            let mut restorer = Restorer::new(found(cutter.leaves));
            for list in &mut cut {
                restorer.attributes(list).unwrap();
            }
            prop_assert_eq!(cut, lists);
        }
    }
}
