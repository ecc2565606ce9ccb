//! A fingerprint that tells equal requests from others.

/// Fingerprints bytes, the same however they are cut into chunks.
///
/// It is kept in memory for a minute to compare requests of one client, so it need not withstand an
/// attacker; it must be fast, since every request passes through it. Each step is a bijection of the state, so
/// two bodies that differ in one word only never get the same fingerprint.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Digest {
    state: u64,
    /// The bytes that do not fill a word yet, lowest first.
    rest: u64,
    length: u64,
}

impl Digest {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

    /// Fingerprints several parts, each as a whole.
    pub(crate) fn of(parts: &[&[u8]]) -> u64 {
        let mut digest = Self::default();
        for part in parts {
            digest.update(part);
            digest.update(&(part.len() as u64).to_le_bytes());
        }
        digest.value()
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let to_fill = usize::try_from((8 - self.length % 8) % 8).unwrap_or_default();
        let (head, bytes) = bytes.split_at(to_fill.min(bytes.len()));
        self.bytewise(head);
        let mut words = bytes.chunks_exact(8);
        for word in words.by_ref() {
            if let Ok(word) = word.try_into() {
                self.word(u64::from_le_bytes(word));
                self.length += 8;
            }
        }
        self.bytewise(words.remainder());
    }

    pub(crate) const fn value(&self) -> u64 {
        let mut last = *self;
        last.word(self.rest);
        last.word(self.length);
        last.state ^ (last.state >> 32)
    }

    fn bytewise(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.rest |= u64::from(*byte) << (8 * (self.length % 8));
            self.length += 1;
            if self.length.is_multiple_of(8) {
                let word = std::mem::take(&mut self.rest);
                self.word(word);
            }
        }
    }

    const fn word(&mut self, word: u64) {
        self.state = (self.state.rotate_left(23) ^ word).wrapping_mul(Self::FACTOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_do_not_matter() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut whole = Digest::default();
        whole.update(&bytes);
        for size in 1..=33 {
            let mut cut = Digest::default();
            bytes.chunks(size).for_each(|chunk| cut.update(chunk));
            assert_eq!(cut.value(), whole.value(), "chunks of {size}");
        }
    }

    #[test]
    fn lengths_and_places_matter() {
        let of = |bytes: &[u8]| Digest::of(&[bytes]);
        let all = [
            of(b""),
            of(b"\0"),
            of(b"\0\0"),
            of(b"ab"),
            of(b"ba"),
            of(b"12345678"),
            of(b"123456780"),
            of(b"012345678"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
        assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
    }
}
