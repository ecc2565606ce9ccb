//! What the escapes of a text stand for.

/// What an escape stands for, or two that are one character, and the bytes it has.
///
/// Half a surrogate pair stands for nothing.
pub(super) fn escape(rest: &[u8]) -> Option<(char, usize)> {
    let character = match rest {
        [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => char::from(*byte),
        [b'\\', b'n', ..] => '\n',
        [b'\\', b't', ..] => '\t',
        [b'\\', b'r', ..] => '\r',
        [b'\\', b'b', ..] => '\u{8}',
        [b'\\', b'f', ..] => '\u{C}',
        _ => return unicode(rest),
    };
    Some((character, 2))
}

fn unicode(escapes: &[u8]) -> Option<(char, usize)> {
    let (first, rest) = code_unit(escapes)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let (second, _) = code_unit(rest)?;
    let pair = char::decode_utf16([first, second]).next()?.ok()?;
    Some((pair, 12))
}

/// The code unit that a `\uXXXX` escape stands for, and what follows it.
fn code_unit(escape: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = escape.strip_prefix(b"\\u")?.split_at_checked(4)?;
    let unit = digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    });
    Some((unit?, rest))
}
