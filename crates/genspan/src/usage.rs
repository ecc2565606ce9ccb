//! Tokens of an operation, counted once.

mod check;
mod counts;

pub use counts::{ByModality, Counts};

use crate::Diagnostic;

/// Holds the tokens of an operation: cached ones are part of the input, reasoning is part of the output.
///
/// ```
/// use genspan::{Counts, Usage};
///
/// // Anthropic counts cached tokens apart from the input.
/// let counts = Counts { input: Some(10), cache_read: Some(90), ..Counts::default() };
/// let (usage, diagnostics) = Usage::exclusive(counts);
/// assert_eq!(usage.input(), Some(100));
/// assert!(diagnostics.is_empty());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    counts: Counts,
    estimated: bool,
}

impl Usage {
    /// Takes counts whose input already includes cached tokens, as OpenAI states them.
    ///
    /// A part that exceeds its whole is left out and reported.
    #[must_use]
    pub fn inclusive(counts: Counts) -> (Self, Vec<Diagnostic>) {
        let (counts, diagnostics) = check::checked(counts);
        let usage = Self {
            counts,
            estimated: false,
        };
        (usage, diagnostics)
    }

    /// Takes counts whose input excludes cached tokens, as Anthropic states them.
    ///
    /// Where the provider states no input the total is unknown, and stays so.
    #[must_use]
    pub fn exclusive(counts: Counts) -> (Self, Vec<Diagnostic>) {
        let cached = counts
            .cache_read
            .unwrap_or(0)
            .saturating_add(counts.cache_write.unwrap_or(0));
        Self::inclusive(Counts {
            input: counts.input.map(|input| input.saturating_add(cached)),
            ..counts
        })
    }

    /// Marks the counts as estimated by us rather than stated by the provider.
    #[must_use]
    pub const fn into_estimated(mut self) -> Self {
        self.estimated = true;
        self
    }

    /// Fills in counts that were not stated; where that adds one, the whole is marked as estimated.
    #[must_use]
    pub fn or_estimated(mut self, input: Option<u64>, output: Option<u64>) -> Self {
        for (stated, estimated) in [
            (&mut self.counts.input, input),
            (&mut self.counts.output, output),
        ] {
            if stated.is_none() && estimated.is_some() {
                *stated = estimated;
                self.estimated = true;
            }
        }
        self
    }

    /// Gives the input tokens, cached ones included.
    #[must_use]
    pub const fn input(&self) -> Option<u64> {
        self.counts.input
    }

    /// Gives the output tokens, reasoning included.
    #[must_use]
    pub const fn output(&self) -> Option<u64> {
        self.counts.output
    }

    /// Gives the part of the input that was read from a cache.
    #[must_use]
    pub const fn cache_read(&self) -> Option<u64> {
        self.counts.cache_read
    }

    /// Gives the part of the input that was written to a cache.
    #[must_use]
    pub const fn cache_write(&self) -> Option<u64> {
        self.counts.cache_write
    }

    /// Gives the part of what was written to a cache that is kept for longer than usual.
    #[must_use]
    pub const fn cache_write_long(&self) -> Option<u64> {
        self.counts.cache_write_long
    }

    /// Gives the part of the output that the model spent on reasoning.
    #[must_use]
    pub const fn reasoning(&self) -> Option<u64> {
        self.counts.reasoning
    }

    /// Gives the input by what it is; what no part of it names is of unknown kind.
    #[must_use]
    pub const fn input_by(&self) -> ByModality {
        self.counts.input_by
    }

    /// Gives the part of the input that was read from a cache, by what it is.
    #[must_use]
    pub const fn cache_read_by(&self) -> ByModality {
        self.counts.cache_read_by
    }

    /// Gives the output by what it is; what no part of it names, such as reasoning, is of unknown kind.
    #[must_use]
    pub const fn output_by(&self) -> ByModality {
        self.counts.output_by
    }

    /// Gives all counts: the input includes cached tokens, and no part exceeds its whole.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Tells whether the counts are our estimate.
    #[must_use]
    pub const fn is_estimated(&self) -> bool {
        self.estimated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusive_input_gains_what_was_cached() {
        let counts = Counts {
            input: Some(7),
            cache_read: Some(20),
            cache_write: Some(3),
            ..Counts::default()
        };
        let (usage, diagnostics) = Usage::exclusive(counts);
        assert_eq!(
            (usage.input(), usage.cache_read(), usage.cache_write()),
            (Some(30), Some(20), Some(3))
        );
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn absent_is_not_zero() {
        let (usage, _) = Usage::exclusive(Counts {
            cache_read: Some(4),
            ..Counts::default()
        });
        assert_eq!(
            (usage.input(), usage.output(), usage.cache_read()),
            (None, None, Some(4))
        );
    }

    #[test]
    fn an_estimate_replaces_nothing_that_was_stated() {
        let (usage, _) = Usage::inclusive(Counts {
            input: Some(7),
            ..Counts::default()
        });
        let same = usage.or_estimated(Some(9), None);
        assert_eq!((same, same.is_estimated()), (usage, false));
        let filled = usage.or_estimated(Some(9), Some(0));
        assert_eq!((filled.input(), filled.output()), (Some(7), Some(0)));
        assert!(filled.is_estimated());
    }

    #[test]
    fn a_part_larger_than_its_whole_is_left_out_and_told() {
        let counts = Counts {
            output: Some(5),
            reasoning: Some(9),
            ..Counts::default()
        };
        let (usage, diagnostics) = Usage::inclusive(counts);
        assert_eq!((usage.output(), usage.reasoning()), (Some(5), None));
        assert_eq!(
            diagnostics[0].to_string(),
            "reasoning states 9 tokens of a whole of 5; the part was left out"
        );
    }
}
