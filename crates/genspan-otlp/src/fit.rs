//! Cuts one span, log record or metric until it fits: a large item loses its longest texts, not its batch.
//!
//! Longest texts are shortened first, all to one length, so that short ones stay whole, and those that
//! are JSON stay JSON; then events go,
//! then links, then attributes from the last. Ids, name, times and status are never touched. What the
//! texts lost is counted in `genspan.content.truncated`, the rest in OTLP's own `dropped_*_count`.

mod json_text;
mod leaves;

use genspan::semconv::attribute::GENSPAN_CONTENT_TRUNCATED;
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    trace::v1::Span,
};

use self::leaves::{Leaf, of_attributes, of_value};

/// Texts are not shortened below this; then other parts go.
const SHORTEST: usize = 128;

/// Bounds the rounds of shortening; each comes close to its aim, so few are needed.
const ROUNDS: usize = 8;

/// Cuts a span until it takes at most this many bytes in protobuf; tells whether it does now.
///
/// Longest texts are shortened first, and those that are JSON stay JSON; then events go, then links, then
/// attributes. Ids, name, times and status are never touched; what is missing is counted.
pub fn fit_span(span: &mut Span, bytes: usize) -> bool {
    fit(span, bytes, prost::Message::encoded_len)
}

/// Cuts the item until `measure` gives at most `limit`; tells whether it fits now.
pub(crate) fn fit<T: Cut>(item: &mut T, limit: usize, measure: impl Fn(&T) -> usize) -> bool {
    let mut size = measure(item);
    if size <= limit {
        return true;
    }
    for _ in 0..ROUNDS {
        // Room for the mark itself, and a little for lengths that are written with it.
        let excess = size.saturating_sub(limit) + 64;
        let cut = shorten(&mut item.leaves(), excess);
        if cut > 0 {
            mark(item.attributes(), cut);
        }
        size = measure(item);
        if size <= limit {
            return true;
        }
        if cut == 0 {
            break;
        }
    }
    while item.shed() {
        if measure(item) <= limit {
            return true;
        }
    }
    measure(item) <= limit
}

/// Takes about `excess` bytes off the longest leaves; gives how many it took.
fn shorten(leaves: &mut [Leaf<'_>], excess: usize) -> usize {
    let mut lengths: Vec<usize> = leaves.iter().map(Leaf::len).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let level = water_level(&lengths, excess).max(SHORTEST);
    leaves
        .iter_mut()
        .filter(|leaf| leaf.len() > level)
        .map(|leaf| leaf.shorten(level))
        .sum()
}

/// Finds the length that takes `excess` off all longer ones together; `lengths` fall.
fn water_level(lengths: &[usize], excess: usize) -> usize {
    let mut taken = 0;
    for (index, &length) in lengths.iter().enumerate() {
        let next = lengths.get(index + 1).copied().unwrap_or(0);
        let count = index + 1;
        let step = (length - next) * count;
        if taken + step >= excess {
            return length - (excess - taken).div_ceil(count);
        }
        taken += step;
    }
    0
}

/// Adds to the number of bytes that are missing, which the recorder may have begun to count.
fn mark(attributes: &mut Vec<KeyValue>, left_out: usize) {
    let earlier = attributes
        .iter()
        .position(|attribute| attribute.key == GENSPAN_CONTENT_TRUNCATED);
    let stated = earlier
        .map(|at| attributes.remove(at))
        .and_then(|attribute| attribute.value?.value);
    let before = match stated {
        Some(Value::IntValue(before)) => before,
        _ => 0,
    };
    let count = before
        .max(0)
        .saturating_add(i64::try_from(left_out).unwrap_or(i64::MAX));
    attributes.push(KeyValue {
        key: GENSPAN_CONTENT_TRUNCATED.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::IntValue(count)),
        }),
        key_strindex: 0,
    });
}

/// Can be made smaller bit by bit.
pub(crate) trait Cut {
    /// Gives all texts that may be shortened.
    fn leaves(&mut self) -> Vec<Leaf<'_>>;

    /// Gives the attributes that hold the mark.
    fn attributes(&mut self) -> &mut Vec<KeyValue>;

    /// Takes away the part that is missed least; `false` where nothing is left to take.
    fn shed(&mut self) -> bool;
}

impl Cut for Span {
    fn leaves(&mut self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        of_attributes(&mut self.attributes, &mut leaves);
        for event in &mut self.events {
            of_attributes(&mut event.attributes, &mut leaves);
        }
        for link in &mut self.links {
            of_attributes(&mut link.attributes, &mut leaves);
        }
        if let Some(status) = &mut self.status {
            leaves.push(Leaf::Text(&mut status.message));
        }
        leaves
    }

    fn attributes(&mut self) -> &mut Vec<KeyValue> {
        &mut self.attributes
    }

    fn shed(&mut self) -> bool {
        shed(&mut self.events, &mut self.dropped_events_count)
            || shed(&mut self.links, &mut self.dropped_links_count)
            || shed(&mut self.attributes, &mut self.dropped_attributes_count)
    }
}

impl Cut for LogRecord {
    fn leaves(&mut self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        of_attributes(&mut self.attributes, &mut leaves);
        if let Some(body) = &mut self.body {
            of_value(body, &mut leaves);
        }
        leaves
    }

    fn attributes(&mut self) -> &mut Vec<KeyValue> {
        &mut self.attributes
    }

    fn shed(&mut self) -> bool {
        shed(&mut self.attributes, &mut self.dropped_attributes_count) || self.body.take().is_some()
    }
}

/// Drops the later half of a list and counts it, but for the mark, which moves to the front.
fn shed<T: Shed>(list: &mut Vec<T>, dropped: &mut u32) -> bool {
    if let Some(at) = list.iter().position(T::is_mark) {
        let mark = list.remove(at);
        list.insert(0, mark);
    }
    let marks = usize::from(list.first().is_some_and(T::is_mark));
    let rest = list.len() - marks;
    if rest == 0 {
        return false;
    }
    let gone = rest.div_ceil(2);
    list.truncate(list.len() - gone);
    *dropped = dropped.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
    true
}

trait Shed {
    fn is_mark(&self) -> bool {
        false
    }
}

impl Shed for opentelemetry_proto::tonic::trace::v1::span::Event {}

impl Shed for opentelemetry_proto::tonic::trace::v1::span::Link {}

impl Shed for KeyValue {
    fn is_mark(&self) -> bool {
        self.key == GENSPAN_CONTENT_TRUNCATED
    }
}

#[cfg(test)]
mod tests;
