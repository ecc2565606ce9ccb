//! Ids that derive from what was recorded.

use std::{
    array,
    collections::{HashMap, HashSet},
};

use genspan::{Identity, SpanId, Timestamp, TraceId};
use sha2::{Digest, Sha256};

/// Gives each exchange its ids: equal input gives equal ids, and no two exchanges get the same.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// How often the same exchange was seen.
    seen: HashMap<[u8; 32], u64>,
    /// Fingerprints of entries, half a hash each.
    entries: HashSet<[u8; 16]>,
}

impl Identities {
    /// Tells whether the very same entry was seen before, as in exports that overlap; equal exchanges have at least
    /// durations of their own.
    pub(super) fn is_copy(&mut self, entry: &[u8]) -> bool {
        let mut bytes = Sha256::digest(entry).into_iter();
        !self
            .entries
            .insert(array::from_fn(|_| bytes.next().unwrap_or_default()))
    }

    /// Derives ids from when an exchange began, what it asked for and both its bodies.
    pub(super) fn of(&mut self, started: Timestamp, url: &str, bodies: [&[u8]; 2]) -> Identity {
        let mut hash = Sha256::new();
        hash.update(started.unix_nanos().to_be_bytes());
        for part in [url.as_bytes()].into_iter().chain(bodies) {
            // The length keeps apart what would read the same when joined.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let exchange: [u8; 32] = hash.finalize().into();
        let nth = self
            .seen
            .entry(exchange)
            .and_modify(|count| *count += 1)
            .or_default();
        let mut hash = Sha256::new();
        hash.update(exchange);
        hash.update(nth.to_be_bytes());
        let mut bytes = hash.finalize().into_iter();
        let mut next = |_| bytes.next().unwrap_or_default();
        Identity {
            trace_id: TraceId(array::from_fn(&mut next)),
            span_id: SpanId(array::from_fn(&mut next)),
        }
    }
}

/// Derives ids from a name that is unique among all that is imported.
pub(super) fn of_name(name: &str) -> Identity {
    let mut bytes = Sha256::digest(name).into_iter();
    let mut next = |_| bytes.next().unwrap_or_default();
    Identity {
        trace_id: TraceId(array::from_fn(&mut next)),
        span_id: SpanId(array::from_fn(&mut next)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_exchanges_are_told_apart_by_their_number_alone() {
        let of = |identities: &mut Identities, url: &str, bodies: [&str; 2]| {
            identities.of(
                Timestamp::from_unix_nanos(7),
                url,
                bodies.map(str::as_bytes),
            )
        };
        let (mut one, mut other) = (Identities::default(), Identities::default());
        let first = of(&mut one, "u", ["a", "b"]);
        let second = of(&mut one, "u", ["a", "b"]);
        assert_ne!(first, second);
        assert_ne!(of(&mut one, "u", ["ab", ""]), first);
        assert_ne!(of(&mut one, "ua", ["", "b"]), first);
        assert_eq!(
            [
                of(&mut other, "u", ["a", "b"]),
                of(&mut other, "u", ["a", "b"])
            ],
            [first, second]
        );
    }

    #[test]
    fn ids_stay_what_they_are_from_version_to_version() {
        let identity = Identities::default().of(Timestamp::from_unix_nanos(7), "u", [b"a", b"b"]);
        insta::assert_snapshot!(format!("{} {}", identity.trace_id, identity.span_id), @"b72a4cc541ac1da90d7bd2dc4a349492 e74877d5d83b72f9");
    }
}
