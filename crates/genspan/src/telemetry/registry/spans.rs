//! Where operations are found by the ids of their spans.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use crate::SpanContext;

/// Holds the slot of each span.
///
/// Every start and end comes by here, so finding a place costs next to nothing.
#[derive(Debug, Default)]
pub(super) struct Spans(HashMap<u64, usize, BuildHasherDefault<Spread>>);

impl Spans {
    /// Notes where a span is; of two with the same id the later one counts.
    pub(super) fn insert(&mut self, span: &SpanContext, slot: usize) {
        if span.is_valid() {
            self.0.insert(key(span), slot);
        }
    }

    /// Forgets a span, unless another of its id has come since.
    pub(super) fn remove(&mut self, span: &SpanContext, slot: usize) {
        if self.find(span) == Some(slot) {
            self.0.remove(&key(span));
        }
    }

    pub(super) fn find(&self, span: &SpanContext) -> Option<usize> {
        self.0.get(&key(span)).copied()
    }
}

const fn key(span: &SpanContext) -> u64 {
    u64::from_be_bytes(span.span_id.0)
}

/// Spreads ids, which are as good as random where they are not counted, over all bits.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        // The golden ratio's fraction: neighbours come to stand far apart.
        self.0 = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpanId, TraceId};

    #[test]
    fn of_two_with_one_id_the_later_stays_to_be_found() {
        let span = SpanContext {
            trace_id: TraceId([1; 16]),
            span_id: SpanId([2; 8]),
            ..SpanContext::NONE
        };
        let mut spans = Spans::default();
        spans.insert(&span, 3);
        spans.insert(&span, 4);
        spans.remove(&span, 3);
        assert_eq!(spans.find(&span), Some(4));
        spans.remove(&span, 4);
        assert_eq!(spans.find(&span), None);
        spans.insert(&SpanContext::NONE, 5);
        assert_eq!(spans.find(&SpanContext::NONE), None, "nothing stands there");
    }
}
