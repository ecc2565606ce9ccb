//! How far a text goes on with nothing in it that means something else.

/// Texts longer than this are looked at in blocks of the other size, which has a price at the start.
const LONG: usize = 64;
const BLOCK: usize = 64;

/// Counts the bytes before the first that ends a text or means something else in it.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    // Names and most values are a word or two.
    let mut rest = bytes;
    let mut len = 0;
    while let Some((word, after)) = rest.split_first_chunk() {
        if let Some(offset) = first_special(word) {
            return len + offset;
        }
        len += word.len();
        rest = after;
        if len == LONG {
            return len + long_plain_len(rest);
        }
    }
    len + rest.iter().take_while(|byte| !is_special(**byte)).count()
}

/// Counts like [`plain_len`] in what is likely to be long, a block at a time.
#[inline(never)]
fn long_plain_len(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks();
    let len = BLOCK * blocks.iter().take_while(|block| is_plain(block)).count();
    let rest = bytes.get(len..).unwrap_or_default();
    let (words, tail) = rest.as_chunks();
    let at = words.iter().position(|word| first_special(word).is_some());
    let (words, tail) = match at {
        Some(at) => (at, words.get(at).map_or(&[][..], |word| word)),
        None => (words.len(), tail),
    };
    len + words * 8 + tail.iter().take_while(|byte| !is_special(**byte)).count()
}

#[inline]
fn first_special(word: &[u8; 8]) -> Option<usize> {
    let special = specials(u64::from_le_bytes(*word));
    (special != 0).then(|| special.trailing_zeros() as usize / 8)
}

/// Whether nothing in a block is special; written so that the compiler looks at many bytes at once.
fn is_plain(block: &[u8; BLOCK]) -> bool {
    let mut special = 0;
    for byte in block {
        special |= u8::from(*byte == b'"') | u8::from(*byte == b'\\') | u8::from(*byte < 0x20);
    }
    special == 0
}

const fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// Marks the bytes of a word that are special by their highest bits; above the lowest mark there may be false ones.
const fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let quotes = word ^ (ONES * b'"' as u64);
    let escapes = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes.wrapping_sub(ONES) & !quotes | escapes.wrapping_sub(ONES) & !escapes | below) & HIGH
}

#[cfg(test)]
mod tests {
    use super::plain_len;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for special in [b'"', b'\\', 0, b'\n', 0x1F] {
            for at in 0..300 {
                let mut bytes = vec![b' '; at];
                // These differ from special bytes in one bit, or have the highest.
                bytes
                    .iter_mut()
                    .zip(
                        [b'#', b'!', b']', b'\xA2', b'\xDC', 0x20, 0x7F, 0x80]
                            .into_iter()
                            .cycle(),
                    )
                    .for_each(|(byte, like)| *byte = like);
                assert_eq!(plain_len(&bytes), at);
                bytes.push(special);
                bytes.extend([b'x', b'"', b'\\', 1, b'x']);
                assert_eq!(plain_len(&bytes), at, "{special}");
            }
        }
    }
}
