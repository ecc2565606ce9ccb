//! When a message came.

use genspan::{Common, Timestamp, semconv::attribute};

/// Says when a message came, and whether its source says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub at: Timestamp,
    /// Whether it was derived from other moments, since the source does not state it.
    pub is_derived: bool,
}

impl Moment {
    /// Takes a moment that was measured, or that the source states.
    #[must_use]
    pub const fn stated(at: Timestamp) -> Self {
        Self {
            at,
            is_derived: false,
        }
    }

    /// Takes a moment that lies near the real one, as far as one can tell.
    #[must_use]
    pub const fn derived(at: Timestamp) -> Self {
        Self {
            at,
            is_derived: true,
        }
    }

    /// Gives the later of two.
    pub(crate) fn max(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }
}

/// Marks on a span which of its times were derived.
pub(crate) fn mark(common: &mut Common, is_start_derived: bool, is_end_derived: bool) {
    let derived: Vec<&str> = [(is_start_derived, "start"), (is_end_derived, "end")]
        .into_iter()
        .filter_map(|(is_derived, word)| is_derived.then_some(word))
        .collect();
    if !derived.is_empty() {
        common.set(attribute::GENSPAN_TIME_DERIVED, derived);
    }
}
