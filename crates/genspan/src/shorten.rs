//! Size caps for one piece of text: what is too long keeps its head and its tail and says how much is missing.
//!
//! **Redaction comes first.** A cut may fall inside a secret, and half a key is no longer recognised as one, so
//! text goes through [`Redactor::redact`](crate::redact::Redactor::redact) before it is shortened, never after.

use std::borrow::Cow;

/// Stands where text was left out: `…[12345 bytes left out]…`.
const MARKER: (&str, &str) = ("…[", " bytes left out]…");

/// Stands alone where not even the marker fits.
const ELLIPSIS: &str = "…";

/// Text under a size cap, together with how much of it is missing.
///
/// ```
/// use genspan::shorten::Shortened;
///
/// let long = "x".repeat(1000);
/// let short = Shortened::new(&long, 100);
/// assert_eq!(short.left_out(), 927);
/// assert!(short.into_text().contains("…[927 bytes left out]…"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortened<'a> {
    text: Cow<'a, str>,
    left_out: usize,
}

impl<'a> Shortened<'a> {
    /// Fits text into `max_bytes`, measured as [`json_len`] measures it.
    ///
    /// Text that fits is borrowed unchanged. Of longer text about three quarters of the room go to the head and
    /// the rest to the tail, cut between characters, with a marker between them that counts the bytes of the
    /// original left out. A cap too small for the marker gives a lone `…`, one below its three bytes the empty
    /// string.
    #[must_use]
    pub fn new(text: &'a str, max_bytes: usize) -> Self {
        if fits(text, max_bytes) {
            return Self {
                text: Cow::Borrowed(text),
                left_out: 0,
            };
        }
        // The marker is budgeted with the largest count it could carry, so it never outgrows its place.
        let Some(room) = max_bytes.checked_sub(marker(text.len()).len()) else {
            let rest = if max_bytes < ELLIPSIS.len() {
                ""
            } else {
                ELLIPSIS
            };
            return Self {
                text: Cow::Borrowed(rest),
                left_out: text.len(),
            };
        };
        let (head, used) = prefix_within(text, room - room / 4);
        let tail = suffix_within(text, room - used);
        let left_out = text.len() - head.len() - tail.len();
        let text = [head, &marker(left_out), tail].concat();
        Self {
            text: Cow::Owned(text),
            left_out,
        }
    }

    /// Fits text as [`Shortened::new`] does; what fits and is owned is handed on as it is.
    pub(crate) fn of(text: Cow<'a, str>, max_bytes: usize) -> Self {
        match text {
            Cow::Borrowed(text) => Self::new(text, max_bytes),
            Cow::Owned(text) if fits(&text, max_bytes) => Self {
                text: Cow::Owned(text),
                left_out: 0,
            },
            Cow::Owned(text) => {
                let short = Shortened::new(&text, max_bytes);
                Self {
                    left_out: short.left_out,
                    text: Cow::Owned(short.into_text().into_owned()),
                }
            }
        }
    }

    /// Counts the bytes of the original that are missing, 0 when nothing is.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Hands over the text to record.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        self.text
    }
}

/// Fits text into `max_bytes` of JSON, keeping head and tail; see [`Shortened::new`] for the rules.
///
/// ```
/// assert_eq!(genspan::shorten::shorten("short", 100), "short");
/// ```
#[must_use]
pub fn shorten(text: &str, max_bytes: usize) -> Cow<'_, str> {
    Shortened::new(text, max_bytes).into_text()
}

/// Measures text in the bytes it takes inside a JSON string, escapes included and the quotes round it not.
///
/// ```
/// assert_eq!(genspan::shorten::json_len("a\n\u{1}é"), 1 + 2 + 6 + 2);
/// ```
#[must_use]
pub fn json_len(text: &str) -> usize {
    let (chunks, rest) = text.as_bytes().as_chunks::<32>();
    let chunks: usize = chunks.iter().map(|chunk| extra(chunk)).sum();
    text.len() + chunks + extra(rest)
}

/// How much escapes add to at most 51 bytes. Written without a branch, for the compiler to make vector instructions of
/// it.
fn extra(bytes: &[u8]) -> usize {
    let extra = |&byte: &u8| {
        let is_quoted = (byte == b'"') | (byte == b'\\');
        let is_control = byte < 0x20;
        let has_letter =
            (byte == 0x08) | (byte == b'\t') | (byte == b'\n') | (byte == 0x0c) | (byte == b'\r');
        u8::from(is_quoted) + 5 * u8::from(is_control) - 4 * u8::from(has_letter)
    };
    usize::from(bytes.iter().map(extra).fold(0_u8, u8::wrapping_add))
}

fn fits(text: &str, max_bytes: usize) -> bool {
    // No byte grows to more than six, which settles most texts without a look at them.
    text.len() <= max_bytes && (text.len() <= max_bytes / 6 || json_len(text) <= max_bytes)
}

fn char_len(char: char) -> usize {
    u8::try_from(char)
        .ok()
        .filter(u8::is_ascii)
        .map_or(char.len_utf8(), |byte| 1 + extra(&[byte]))
}

fn marker(left_out: usize) -> String {
    let (before, after) = MARKER;
    format!("{before}{left_out}{after}")
}

/// The longest head whose escaped size is within `room`, and that size.
fn prefix_within(text: &str, room: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, char) in text.char_indices() {
        let next = used + char_len(char);
        if next > room {
            return (text.split_at_checked(at).map_or("", |(head, _)| head), used);
        }
        used = next;
    }
    (text, used)
}

/// The longest tail whose escaped size is within `room`.
fn suffix_within(text: &str, room: usize) -> &str {
    let mut used = 0;
    let mut start = text.len();
    for (at, char) in text.char_indices().rev() {
        used += char_len(char);
        if used > room {
            break;
        }
        start = at;
    }
    text.split_at_checked(start).map_or("", |(_, tail)| tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_len_is_what_serde_json_writes() {
        let every: String = (0..=0x2ff_u32)
            .filter_map(char::from_u32)
            .chain(['…', '😀', '\u{2028}'])
            .collect();
        let written = serde_json::to_string(&every).unwrap();
        assert_eq!(json_len(&every), written.len() - 2);
    }

    #[test]
    fn keeps_three_quarters_head_and_one_quarter_tail() {
        let text = format!("{}{}", "h".repeat(500), "t".repeat(500));
        assert_eq!(
            shorten(&text, 68),
            format!("{}…[959 bytes left out]…{}", "h".repeat(31), "t".repeat(10))
        );
    }

    #[test]
    fn caps_below_the_marker_give_an_ellipsis_or_nothing() {
        let text = "x".repeat(100);
        let at = |cap| shorten(&text, cap).into_owned();
        assert_eq!([at(0), at(2), at(3), at(25)], ["", "", "…", "…"]);
        assert_eq!(at(26), "…[100 bytes left out]…");
        assert_eq!(Shortened::new(&text, 3).left_out(), 100);
    }

    #[test]
    fn escapes_count_against_the_cap() {
        let text = "\u{1}".repeat(100);
        let short = shorten(&text, 120);
        assert!(json_len(&short) <= 120, "{short:?}");
        assert!(short.len() < 50);
    }

    proptest! {
        #[test]
        fn the_cap_holds_and_head_and_tail_are_the_original_s(text in "(?s:.{0,200})", cap in 0_usize..400) {
            let short = Shortened::new(&text, cap);
            let left_out = short.left_out();
            let short = short.into_text();
            prop_assert!(json_len(&short) <= cap);
            if json_len(&text) <= cap {
                prop_assert_eq!(short, text.as_str());
                prop_assert_eq!(left_out, 0);
            } else if let Some((head, tail)) = short.split_once(&marker(left_out)) {
                prop_assert!(text.starts_with(head) && text.ends_with(tail));
                prop_assert_eq!(head.len() + left_out + tail.len(), text.len());
            } else {
                prop_assert!(short.is_empty() || short == ELLIPSIS);
                prop_assert_eq!(left_out, text.len());
            }
        }

        #[test]
        fn shortening_twice_is_shortening_once(text in "(?s:.{0,200})", cap in 0_usize..400) {
            let once = shorten(&text, cap).into_owned();
            prop_assert_eq!(shorten(&once, cap), once.as_str());
        }
    }
}
