//! Token counts as a provider states them.

use std::fmt;

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
    /// Sums up what is stated, `None` where nothing is.
    #[must_use]
    pub fn sum(&self) -> Option<u64> {
        [self.text, self.audio, self.image, self.video]
            .into_iter()
            .flatten()
            .reduce(u64::saturating_add)
    }

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
