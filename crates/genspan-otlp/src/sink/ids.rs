//! Ids of traces and spans.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hasher},
    sync::atomic::{AtomicU64, Ordering},
};

use genspan::{SpanId, TraceId};

/// Gives ids to traces and spans; no id is given twice, and none is all zeros.
pub trait IdGenerator: fmt::Debug + Send + Sync {
    /// Gives an id to a new trace.
    fn trace_id(&self) -> TraceId;

    /// Gives an id to a new span.
    fn span_id(&self) -> SpanId;
}

/// Gives ids that nobody else gives.
///
/// The system's randomness is asked once for each generator; from there a mixed counter goes on, which
/// costs a few nanoseconds and never repeats.
pub struct RandomIds {
    high: u64,
    counter: AtomicU64,
}

impl RandomIds {
    /// Starts at a random place.
    #[must_use]
    pub fn new() -> Self {
        Self {
            high: random(),
            counter: AtomicU64::new(random()),
        }
    }

    /// Gives a number that was not given before, all bits of which look random.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        loop {
            let mixed = mix(self.counter.fetch_add(STEP, Ordering::Relaxed));
            if mixed != 0 {
                return mixed;
            }
        }
    }
}

impl Default for RandomIds {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RandomIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RandomIds").finish_non_exhaustive()
    }
}

impl IdGenerator for RandomIds {
    fn trace_id(&self) -> TraceId {
        let low = self.next();
        TraceId(joined(mix(self.high ^ low), low))
    }

    fn span_id(&self) -> SpanId {
        SpanId(self.next().to_be_bytes())
    }
}

/// Asks the system; where it has nothing, the seed of hash maps is random as well.
fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| RandomState::new().build_hasher().finish())
}

/// Spreads a number over all bits, each number to another (the finalizer of SplitMix64).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn joined(high: u64, low: u64) -> [u8; 16] {
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}

/// Counts from 1, for tests and for output that must be the same each time.
#[derive(Debug, Default)]
pub struct CountingIds {
    traces: AtomicU64,
    spans: AtomicU64,
}

impl IdGenerator for CountingIds {
    fn trace_id(&self) -> TraceId {
        TraceId(joined(0, self.traces.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn span_id(&self) -> SpanId {
        SpanId((self.spans.fetch_add(1, Ordering::Relaxed) + 1).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn random_ids_are_valid_and_differ() {
        let (one, other) = (RandomIds::new(), RandomIds::new());
        let ids: HashSet<_> = (0..1000)
            .flat_map(|_| [one.span_id(), other.span_id()])
            .collect();
        assert_eq!(ids.len(), 2000);
        assert!(ids.iter().all(SpanId::is_valid) && one.trace_id().is_valid());
        assert_ne!(one.trace_id(), one.trace_id());
    }

    #[test]
    fn counted_ids_begin_at_one() {
        let ids = CountingIds::default();
        assert_eq!(
            ids.trace_id().to_string(),
            "00000000000000000000000000000001"
        );
        assert_eq!(
            [ids.span_id(), ids.span_id()].map(|id| id.to_string()),
            ["0000000000000001", "0000000000000002"]
        );
    }
}
