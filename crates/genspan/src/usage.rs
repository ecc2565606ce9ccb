//! Tokens of an operation, counted once.

use std::fmt;

use crate::Diagnostic;

/// Holds token counts as a provider states them, before they are made comparable.
///
/// A count that was not stated stays `None`; it is never taken for 0.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tokens of the input.
    pub input: Option<u64>,
    /// Tokens of the output.
    pub output: Option<u64>,
    /// Input tokens that were read from the provider's cache.
    pub cache_read: Option<u64>,
    /// Input tokens that were written to the provider's cache.
    pub cache_write: Option<u64>,
    /// The part of those that the provider keeps for longer than it does by itself, as Anthropic's for an hour.
    pub cache_write_long: Option<u64>,
    /// Output tokens that the model spent on reasoning.
    pub reasoning: Option<u64>,
    /// The input by what it is.
    pub input_by: ByModality,
    /// The input that was read from the provider's cache, by what it is.
    pub cache_read_by: ByModality,
    /// The output by what it is.
    pub output_by: ByModality,
}

/// Holds the parts of a count by what the tokens stand for; what was not stated stays `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ByModality {
    /// Tokens of text.
    pub text: Option<u64>,
    /// Tokens of sound.
    pub audio: Option<u64>,
    /// Tokens of pictures.
    pub image: Option<u64>,
    /// Tokens of moving pictures.
    pub video: Option<u64>,
}

impl fmt::Debug for Counts {
    /// Shows what was stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Counts");
        for (name, count) in [
            ("input", self.input),
            ("output", self.output),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("cache_write_long", self.cache_write_long),
            ("reasoning", self.reasoning),
        ] {
            if let Some(count) = count {
                shown.field(name, &count);
            }
        }
        for (name, by) in [
            ("input_by", &self.input_by),
            ("cache_read_by", &self.cache_read_by),
            ("output_by", &self.output_by),
        ] {
            if *by != ByModality::default() {
                shown.field(name, by);
            }
        }
        shown.finish()
    }
}

impl fmt::Debug for ByModality {
    /// Shows what was stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ByModality");
        for (name, count) in [
            ("text", self.text),
            ("audio", self.audio),
            ("image", self.image),
            ("video", self.video),
        ] {
            if let Some(count) = count {
                shown.field(name, &count);
            }
        }
        shown.finish()
    }
}

impl ByModality {
    fn combined(
        self,
        other: Self,
        with: &impl Fn(Option<u64>, Option<u64>) -> Option<u64>,
    ) -> Self {
        Self {
            text: with(self.text, other.text),
            audio: with(self.audio, other.audio),
            image: with(self.image, other.image),
            video: with(self.video, other.video),
        }
    }
}

impl Counts {
    /// Makes counts of two, each of this and the other's of the same name.
    #[must_use]
    pub fn combined(
        self,
        other: Self,
        with: impl Fn(Option<u64>, Option<u64>) -> Option<u64>,
    ) -> Self {
        Self {
            input: with(self.input, other.input),
            output: with(self.output, other.output),
            cache_read: with(self.cache_read, other.cache_read),
            cache_write: with(self.cache_write, other.cache_write),
            cache_write_long: with(self.cache_write_long, other.cache_write_long),
            reasoning: with(self.reasoning, other.reasoning),
            input_by: self.input_by.combined(other.input_by, &with),
            cache_read_by: self.cache_read_by.combined(other.cache_read_by, &with),
            output_by: self.output_by.combined(other.output_by, &with),
        }
    }

    /// Takes what was stated later: the last word of each count stands, one that was left out stays.
    pub fn update(&mut self, later: Self) {
        *self = self.combined(later, |earlier, later| later.or(earlier));
    }
}

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
        let mut diagnostics = Vec::new();
        let mut checked = counts;
        checked.cache_read = part(
            "cache_read",
            counts.cache_read,
            counts.input,
            &mut diagnostics,
        );
        checked.cache_write = part(
            "cache_write",
            counts.cache_write,
            counts.input,
            &mut diagnostics,
        );
        checked.reasoning = part(
            "reasoning",
            counts.reasoning,
            counts.output,
            &mut diagnostics,
        );
        (
            Self {
                counts: checked,
                estimated: false,
            },
            diagnostics,
        )
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

    /// Gives the part of the output that the model spent on reasoning.
    #[must_use]
    pub const fn reasoning(&self) -> Option<u64> {
        self.counts.reasoning
    }

    /// Tells whether the counts are our estimate.
    #[must_use]
    pub const fn is_estimated(&self) -> bool {
        self.estimated
    }
}

/// Checks a part against its whole; without a whole there is nothing to exceed.
fn part(
    name: &'static str,
    stated: Option<u64>,
    whole: Option<u64>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<u64> {
    match (stated, whole) {
        (Some(stated), Some(whole)) if stated > whole => {
            diagnostics.push(Diagnostic::UsagePartExceedsWhole {
                part: name,
                stated,
                whole,
            });
            None
        }
        _ => stated,
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
