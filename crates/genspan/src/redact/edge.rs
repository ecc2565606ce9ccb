//! Where a token may begin, and the escapes that stand before and around one.
//!
//! Text reaches the redactor plain, as JSON, as JSON inside JSON, percent-encoded or coloured for a terminal, so
//! a letter before a key may be the end of an escape and no part of a word.

/// The byte at `at`, or 0 past either end, which no rule takes for part of anything.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The bytes from `start` to `end`, empty where there are none.
pub(super) fn slice(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.get(start..end.min(bytes.len())).unwrap_or_default()
}

/// Where a run of bytes that satisfy `is_part` ends; looks at `limit` bytes at most.
pub(super) fn run_end(
    bytes: &[u8],
    from: usize,
    limit: usize,
    is_part: impl Fn(u8) -> bool,
) -> usize {
    let rest = slice(bytes, from, from.saturating_add(limit));
    from + rest.iter().position(|&b| !is_part(b)).unwrap_or(rest.len())
}

/// Whether a byte belongs to a name such as `api_key` or `x-api-key`.
pub(super) fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// Whether a token may begin at `at`: nothing, punctuation or an escape stands before it. With `glued` a dash or
/// an underscore may stand there too.
pub(super) fn opens(bytes: &[u8], at: usize, glued: bool) -> bool {
    let before = byte(bytes, at.wrapping_sub(1));
    if at == 0 || !is_name(before) || (glued && !before.is_ascii_alphanumeric()) {
        return true;
    }
    escape_before(bytes, at) > 0
}

/// How many bytes of an escape (`\n`, `\u0026`, `\x1b`, `%3D`, a terminal's colour) end right before `at`; 0
/// when none does.
pub(super) fn escape_before(bytes: &[u8], at: usize) -> usize {
    let ends = |len: usize, lead: &[u8]| {
        let Some(start) = at.checked_sub(len) else {
            return false;
        };
        let escape = slice(bytes, start, at);
        escape
            .strip_prefix(lead)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    if matches!(
        byte(bytes, at.wrapping_sub(1)),
        b'n' | b'r' | b't' | b'b' | b'f'
    ) && byte(bytes, at.wrapping_sub(2)) == b'\\'
    {
        2
    } else if ends(6, b"\\u") {
        6
    } else if ends(4, b"\\x") {
        4
    } else if ends(3, b"%") {
        3
    } else {
        colour_before(bytes, at)
    }
}

/// The length of `[31m` or `[1;31m` before `at`, the visible part of a terminal's colour sequence.
fn colour_before(bytes: &[u8], at: usize) -> usize {
    let Some(m) = at.checked_sub(1).filter(|&m| byte(bytes, m) == b'm') else {
        return 0;
    };
    let digits = slice(bytes, m.saturating_sub(12), m)
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit() || **b == b';')
        .count();
    if m > digits && byte(bytes, m - digits - 1) == b'[' {
        digits + 2
    } else {
        0
    }
}

/// A quote, and how many backslashes stand before it: one level of JSON inside JSON each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    pub(super) mark: u8,
    pub(super) level: usize,
    /// The first byte after it.
    pub(super) end: usize,
}

/// The quote at `at`, escaped or not.
pub(super) fn quote_at(bytes: &[u8], at: usize) -> Option<Quote> {
    let end = run_end(bytes, at, 16, |b| b == b'\\');
    let mark = byte(bytes, end);
    matches!(mark, b'"' | b'\'' | b'`').then_some(Quote {
        mark,
        level: end - at,
        end: end + 1,
    })
}

/// How much of a text decides whether something is a secret. Bounds the work at any one hit, so that text full
/// of near misses stays cheap; a secret itself is followed to its end.
pub(super) const LOOK: usize = 256;

/// Whether text looks drawn from a generator: some unbroken stretch of letters and digits mixes both, or is mixed
/// in case and long, or holds many digits.
pub(super) fn is_mixed(body: &[u8]) -> bool {
    body.split(|b| !b.is_ascii_alphanumeric()).any(|part| {
        let digits = part.iter().filter(|b| b.is_ascii_digit()).count();
        let upper = part.iter().any(u8::is_ascii_uppercase);
        let lower = part.iter().any(u8::is_ascii_lowercase);
        match part.len() {
            0..8 => false,
            _ if digits > 0 && digits < part.len() => true,
            _ if digits == part.len() => true,
            len => len >= 16 && upper && lower,
        }
    })
}

/// Whether text is random beyond doubt: at least 16 bytes with letters, digits, and many changes between
/// lower case, upper case and digits.
pub(super) fn is_random(body: &[u8]) -> bool {
    let class = |b: u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let changes = body.windows(2).filter(|pair| {
        matches!(pair, [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && class(*a) != class(*b))
    });
    body.len() >= 16 && body.iter().any(u8::is_ascii_digit) && changes.count() >= 4
}
