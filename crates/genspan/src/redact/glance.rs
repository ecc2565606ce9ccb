//! A look at a short text, for which setting up a vector search would take longer than the search.

/// Which three bytes in a row begin a needle: a bit for each at its [`place`], shared with few others.
#[derive(Debug)]
pub(super) struct Glance {
    places: Box<[u64; WORDS]>,
}

const BITS: u32 = 14;
const WORDS: usize = 1 << (BITS - 6);

impl Glance {
    /// Takes needles of three bytes and more.
    pub(super) fn new<'a>(needles: impl Iterator<Item = &'a str>) -> Self {
        let mut places = Box::new([0; WORDS]);
        for needle in needles {
            let last = needle.bytes().take(3).fold(0, followed);
            if let Some(word) = places.get_mut(place(last) / 64) {
                *word |= 1 << (place(last) % 64);
            }
        }
        Self { places }
    }

    /// Whether a text may have a needle in it, in any case of its letters.
    pub(super) fn may_have_needle(&self, text: &[u8]) -> bool {
        let mut last = 0;
        let mut found = 0;
        for byte in text {
            last = followed(last, *byte);
            let word = self.places.get(place(last) / 64);
            found |= word.copied().unwrap_or(u64::MAX) >> (place(last) % 64);
        }
        found & 1 == 1
    }
}

/// The last three bytes once one more has followed, upper and lower case the same.
const fn followed(last: u32, byte: u8) -> u32 {
    (last << 8 | (byte | 0x20) as u32) & 0x00ff_ffff
}

/// Spreads three bytes over the places there are.
const fn place(last: u32) -> usize {
    (last.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_needle_anywhere() {
        let glance = Glance::new(["key", "PRIVATE KEY", "hf_"].into_iter());
        for text in ["key", "x-api-KEY", "A PRIVATE", "hf_x", "my hf_"] {
            assert!(glance.may_have_needle(text.as_bytes()), "{text}");
        }
        for text in ["", "ke", "stop", "gpt-4o-mini-2024-07-18", "api.openai.com"] {
            assert!(!glance.may_have_needle(text.as_bytes()), "{text}");
        }
    }
}
