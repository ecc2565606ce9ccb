//! Bytes in pieces.

/// Cuts bytes in pieces whose lengths follow from a seed: mostly short ones, some empty.
pub(crate) fn pieces(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u64::from(seed) | 0x9e37_79b9_0000_0100;
    let (mut rest, mut list) = (bytes, Vec::new());
    while !rest.is_empty() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let longest = if state & 0x700 == 0 { 300 } else { 9 };
        let length = usize::try_from(state >> 20).unwrap_or_default() % longest;
        let (piece, behind) = rest.split_at(length.min(rest.len()));
        list.push(piece);
        rest = behind;
    }
    list
}
