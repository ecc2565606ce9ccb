//! Takes long values out of what came in, and says where they belong.
//!
//! Every attribute and every value counts as a node, in the order in which they stand; what was taken out leaves its node
//! empty. [`restore`](super::restore) counts in the same way.

use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value,
};
use prost::Message;

use super::{LONG, Leaf, Packer, Segment, json};

/// Takes values out, one list of attributes after the other.
#[derive(Debug)]
pub(crate) struct Cutter<'p> {
    packer: &'p mut Packer,
    node: u64,
    pub(crate) leaves: Vec<Leaf>,
}

impl<'p> Cutter<'p> {
    pub(crate) const fn new(packer: &'p mut Packer) -> Self {
        Self {
            packer,
            node: 0,
            leaves: Vec::new(),
        }
    }

    fn next(&mut self) -> u64 {
        self.node += 1;
        self.node
    }

    pub(crate) fn attributes(&mut self, list: &mut Vec<KeyValue>) {
        let runs = if encoded_len(list) >= LONG {
            flattened(list)
        } else {
            Vec::new()
        };
        let mut runs = runs.into_iter().peekable();
        for (at, attribute) in list.iter_mut().enumerate() {
            let node = self.next();
            if let Some((_, units)) = runs.next_if(|(run, _)| *run == at) {
                let groups = grouped(units, |unit| encoded_len(unit));
                let segments = groups.into_iter().map(|group| {
                    let values = group.into_iter().flatten().collect();
                    self.packer
                        .segment(&KeyValueList { values }.encode_to_vec())
                });
                let segments = segments.collect();
                self.leaves.push(Leaf { node, segments });
            } else if let Some(value) = &mut attribute.value {
                self.value(value);
            }
        }
    }

    pub(crate) fn value(&mut self, value: &mut AnyValue) {
        let node = self.next();
        let segments = match &mut value.value {
            Some(Value::StringValue(text)) if text.len() >= LONG => {
                let segments = of_text(self.packer, text);
                text.clear();
                segments
            }
            Some(Value::BytesValue(bytes)) if bytes.len() >= LONG => {
                let segments = vec![self.packer.segment(bytes)];
                bytes.clear();
                segments
            }
            Some(Value::ArrayValue(array)) if array.encoded_len() >= LONG => {
                let items = std::mem::take(&mut array.values);
                grouped(items, AnyValue::encoded_len)
                    .into_iter()
                    .map(|values| self.packer.segment(&ArrayValue { values }.encode_to_vec()))
                    .collect()
            }
            Some(Value::ArrayValue(array)) => {
                for item in &mut array.values {
                    self.value(item);
                }
                return;
            }
            Some(Value::KvlistValue(members)) => {
                self.attributes(&mut members.values);
                return;
            }
            _ => return,
        };
        self.leaves.push(Leaf { node, segments });
    }
}

/// Holds the attributes of one message that is spread over them.
type Unit = Vec<KeyValue>;

/// Takes out runs of attributes that are messages spread over keys, such as `llm.input_messages.0.message.content`, and
/// gives where each was; an empty attribute stands there now.
fn flattened(list: &mut Vec<KeyValue>) -> Vec<(usize, Vec<Unit>)> {
    let mut kept: Vec<KeyValue> = Vec::with_capacity(list.len());
    let mut runs: Vec<(usize, Vec<Unit>)> = Vec::new();
    // The message that the attribute before was a part of.
    let mut open: Option<String> = None;
    for attribute in list.drain(..) {
        let Some(name) = unit(&attribute.key).map(str::to_owned) else {
            open = None;
            kept.push(attribute);
            continue;
        };
        match (runs.last_mut(), &open) {
            (Some((_, units)), Some(open)) => match units.last_mut() {
                Some(unit) if name == *open => unit.push(attribute),
                _ => units.push(vec![attribute]),
            },
            _ => {
                runs.push((kept.len(), vec![vec![attribute]]));
                kept.push(KeyValue::default());
            }
        }
        open = Some(name);
    }
    *list = kept;
    runs
}

/// Gives the part of a key that names one element of a list: up to the first number between dots.
fn unit(key: &str) -> Option<&str> {
    let mut end = 0;
    for segment in key.split('.') {
        end += segment.len();
        let is_number = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && end > segment.len() {
            return key.get(..end);
        }
        end += 1;
    }
    None
}

fn of_text(packer: &mut Packer, text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut done = 0;
    let mut add = |range: std::ops::Range<usize>| {
        if let Some(part) = text.as_bytes().get(range)
            && !part.is_empty()
        {
            segments.push(packer.segment(part));
        }
    };
    for range in json::ranges(text) {
        add(done..range.start);
        done = range.end;
        add(range);
    }
    add(done..text.len());
    segments
}

/// Takes short neighbours together, from the first on; a long element stands alone.
fn grouped<T>(items: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut open = 0;
    for item in items {
        let size = size(&item);
        let is_alone = size >= LONG;
        match groups.last_mut() {
            Some(group) if !is_alone && open > 0 => {
                group.push(item);
                open += size;
            }
            _ => {
                groups.push(vec![item]);
                open = size;
            }
        }
        if is_alone || open >= LONG {
            open = 0;
        }
    }
    groups
}

fn encoded_len(list: &[KeyValue]) -> usize {
    list.iter().map(Message::encoded_len).sum()
}
