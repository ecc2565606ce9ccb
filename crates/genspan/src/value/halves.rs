//! Halves of characters in JSON's escapes, which no Rust string can hold.

/// Puts U+FFFD for each escape of a lone surrogate; `None` where there is none.
///
/// JavaScript and Python write such escapes where a text was cut within a character.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_mended = false;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF) if is_followed(escape) => 11,
            Some(0xD800..=0xDFFF) => {
                is_mended = true;
                out.push_str("\\ufffd");
                rest = escape.get(5..).unwrap_or_default();
                continue;
            }
            // The letter too: a backslash that is escaped begins nothing.
            _ => escape.chars().next().map_or(0, char::len_utf8),
        };
        let (whole, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push('\\');
        out.push_str(whole);
        rest = after;
    }
    out.push_str(rest);
    is_mended.then_some(out)
}

/// Reads the number of an escape, from the `u` on.
fn unit(escape: &str) -> Option<u16> {
    u16::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()
}

/// Tells whether the second half stands behind this first one.
fn is_followed(escape: &str) -> bool {
    let next = escape.get(5..).and_then(|rest| rest.strip_prefix('\\'));
    matches!(next.and_then(unit), Some(0xDC00..=0xDFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_halves_are_replaced() {
        let mended = |text: &str| mended(text).unwrap_or_else(|| "none".to_owned());
        assert_eq!(mended(r#"["cut \ud83d","#), r#"["cut \ufffd","#);
        assert_eq!(mended(r"\uD83D\ud83d\ude00"), r"\ufffd\ud83d\ude00");
        assert_eq!(mended(r"\ude00\ud83d"), r"\ufffd\ufffd");
        for whole in [r"\ud83d\ude00", r"\\ud83d", r"\n é", r"\u00", "\\", "\\é"] {
            assert_eq!(mended(whole), "none");
        }
    }
}
