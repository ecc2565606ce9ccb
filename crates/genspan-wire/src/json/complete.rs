//! Makes the beginning of a JSON document a document.

use std::borrow::Cow;

use super::lossy;

/// The deepest nesting that `serde_json` reads.
const MAX_DEPTH: u32 = 127;

/// The bytes of a `\uXXXX` escape.
const ESCAPE_LEN: usize = 6;

/// Makes a document of the beginning of one, so that what arrived can be read.
///
/// What could have become something else is dropped: a key without its value, an unfinished literal, a number at the
/// very end (more digits may have been on the way), half an escape or character. An open string is closed, so the last
/// string may be shorter than it was; all else in the result is as it was in the original. Where bytes are not JSON,
/// the document ends before them; an escaped half of a surrogate pair, which `serde_json` refuses, becomes U+FFFD.
///
/// Whatever is returned, `serde_json` reads. `None` means that nothing is left or that it nests deeper than
/// `serde_json` reads. Takes time in proportion to the length.
///
/// ```
/// use genspan_wire::json::complete;
///
/// assert_eq!(complete(br#"{"city": "Par"#).unwrap(), r#"{"city": "Par"}"#);
/// assert_eq!(complete(br#"{"days": [1, 2], "limit": 1"#).unwrap(), r#"{"days": [1, 2]}"#);
/// assert_eq!(complete(b"12"), None);
/// ```
#[must_use]
pub fn complete(prefix: &[u8]) -> Option<Cow<'_, str>> {
    let text = lossy(without_partial_char(prefix));
    let mut scan = Scan::new(&text);
    scan.run()?;
    if scan.kept == 0 {
        return None;
    }
    if scan.is_untouched() {
        let kept = scan.kept;
        return match text {
            Cow::Borrowed(text) => text.get(..kept).map(Cow::Borrowed),
            Cow::Owned(mut text) => {
                text.truncate(kept);
                Some(Cow::Owned(text))
            }
        };
    }
    Some(Cow::Owned(scan.close()))
}

/// The bytes without the beginning of a character at their end.
fn without_partial_char(bytes: &[u8]) -> &[u8] {
    let Some(last) = bytes.utf8_chunks().last() else {
        return bytes;
    };
    let invalid = last.invalid();
    match std::str::from_utf8(invalid) {
        Err(error) if error.error_len().is_none() => bytes.strip_suffix(invalid).unwrap_or(bytes),
        _ => bytes,
    }
}

/// What the grammar asks for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// How a string ended.
enum Ended {
    /// At its closing quote; the position follows it.
    Closed(usize),
    /// Nowhere: up to this position it is whole.
    Open(usize),
}

/// One pass over the text, remembering up to where it can be kept.
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    next: Next,
    /// One bit for each open bracket, the innermost lowest: set for an object.
    objects: u128,
    depth: u32,
    /// Up to here, with the open brackets closed, the text is a document.
    kept: usize,
    /// Whether the kept text ends inside a string.
    in_string: bool,
    /// Where escapes stand that are half a surrogate pair.
    lone_surrogates: Vec<usize>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            next: Next::Value,
            objects: 0,
            depth: 0,
            kept: 0,
            in_string: false,
            lone_surrogates: Vec::new(),
        }
    }

    /// Scans to the end, or to the first byte that is not JSON; `None` where it nests too deep.
    fn run(&mut self) -> Option<()> {
        while self.next != Next::Nothing {
            let Some(&byte) = self.bytes.get(self.at) else {
                break;
            };
            let going = match (byte, self.next) {
                (b' ' | b'\t' | b'\n' | b'\r', _) => self.step(self.next),
                (b'{', Next::Value | Next::ValueOrEnd) => self.open(true)?,
                (b'[', Next::Value | Next::ValueOrEnd) => self.open(false)?,
                (b'"', Next::Value | Next::ValueOrEnd) => self.string_value(),
                (b't' | b'f' | b'n', Next::Value | Next::ValueOrEnd) => self.literal(),
                (b'-' | b'0'..=b'9', Next::Value | Next::ValueOrEnd) => self.number(),
                (b'"', Next::Key | Next::KeyOrEnd) => self.key(),
                (b':', Next::Colon) => self.step(Next::Value),
                (b',', Next::CommaOrEnd) if self.in_object() => self.step(Next::Key),
                (b',', Next::CommaOrEnd) => self.step(Next::Value),
                (b'}', Next::KeyOrEnd) => self.end(),
                (b'}', Next::CommaOrEnd) if self.in_object() => self.end(),
                (b']', Next::ValueOrEnd) => self.end(),
                (b']', Next::CommaOrEnd) if !self.in_object() => self.end(),
                _ => false,
            };
            if !going {
                break;
            }
        }
        Some(())
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn step(&mut self, next: Next) -> bool {
        self.at += 1;
        self.next = next;
        true
    }

    fn open(&mut self, object: bool) -> Option<bool> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        self.step(if object {
            Next::KeyOrEnd
        } else {
            Next::ValueOrEnd
        });
        self.kept = self.at;
        Some(true)
    }

    fn end(&mut self) -> bool {
        self.depth -= 1;
        self.objects >>= 1;
        self.value_ends_at(self.at + 1)
    }

    fn value_ends_at(&mut self, at: usize) -> bool {
        self.at = at;
        self.kept = at;
        self.next = if self.depth == 0 {
            Next::Nothing
        } else {
            Next::CommaOrEnd
        };
        true
    }

    fn literal(&mut self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        [&b"true"[..], b"false", b"null"]
            .into_iter()
            .find(|literal| rest.starts_with(literal))
            .is_some_and(|literal| self.value_ends_at(self.at + literal.len()))
    }

    /// Reads a number if it is whole, which only a byte after it can show.
    fn number(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(len) = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
        else {
            return false;
        };
        let (number, after) = rest.split_at_checked(len).unwrap_or_default();
        let delimited = after.starts_with([' ', '\t', '\n', '\r', ',', ']', '}']);
        // The reader itself is the judge of grammar and range.
        delimited
            && serde_json::from_str::<f64>(number).is_ok()
            && self.value_ends_at(self.at + len)
    }

    fn key(&mut self) -> bool {
        match self.string() {
            Ended::Closed(at) => {
                self.at = at;
                self.next = Next::Colon;
                true
            }
            Ended::Open(_) => false,
        }
    }

    fn string_value(&mut self) -> bool {
        match self.string() {
            Ended::Closed(at) => self.value_ends_at(at),
            Ended::Open(at) => {
                self.kept = at;
                self.in_string = true;
                false
            }
        }
    }

    /// Reads the string that begins here.
    fn string(&mut self) -> Ended {
        let mut at = self.at + 1;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(plain) = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))
            else {
                return Ended::Open(self.bytes.len());
            };
            at += plain;
            match rest.get(plain..) {
                Some([b'"', ..]) => return Ended::Closed(at + 1),
                Some(
                    [
                        b'\\',
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                        ..,
                    ],
                ) => at += 2,
                Some(escape @ [b'\\', b'u', ..]) => match self.unicode_escape(at, escape) {
                    Some(len) => at += len,
                    None => return Ended::Open(at),
                },
                _ => return Ended::Open(at),
            }
        }
    }

    /// The length of the escape, or pair of escapes, that `rest` begins with, if it is whole.
    fn unicode_escape(&mut self, at: usize, rest: &[u8]) -> Option<usize> {
        match code_unit(rest)? {
            0xD800..=0xDBFF => {
                let after = rest.get(ESCAPE_LEN..).unwrap_or_default();
                match code_unit(after) {
                    Some(0xDC00..=0xDFFF) => return Some(2 * ESCAPE_LEN),
                    // The other half may have been on the way.
                    None if is_partial_escape(after) => return None,
                    _ => self.lone_surrogates.push(at),
                }
            }
            0xDC00..=0xDFFF => self.lone_surrogates.push(at),
            _ => {}
        }
        Some(ESCAPE_LEN)
    }

    /// Whether what is kept is a document without being changed.
    fn is_untouched(&self) -> bool {
        self.depth == 0 && !self.in_string && self.lone_surrogates.is_empty()
    }

    /// What is kept, with what was open closed.
    fn close(&self) -> String {
        let mut out = String::with_capacity(self.kept + self.depth as usize + 1);
        let mut from = 0;
        for &at in self
            .lone_surrogates
            .iter()
            .take_while(|at| **at < self.kept)
        {
            out.push_str(self.text.get(from..at).unwrap_or_default());
            out.push_str("\\ufffd");
            from = at + ESCAPE_LEN;
        }
        out.push_str(self.text.get(from..self.kept).unwrap_or_default());
        if self.in_string {
            out.push('"');
        }
        for level in 0..self.depth {
            out.push(if self.objects >> level & 1 == 1 {
                '}'
            } else {
                ']'
            });
        }
        out
    }
}

/// The UTF-16 code unit of the `\uXXXX` escape that `bytes` begins with.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes.get(..ESCAPE_LEN)? else {
        return None;
    };
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

/// Whether the text ends before it is clear that `bytes` is no `\uXXXX` escape.
fn is_partial_escape(bytes: &[u8]) -> bool {
    bytes.len() < ESCAPE_LEN
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            0 => *byte == b'\\',
            1 => *byte == b'u',
            _ => byte.is_ascii_hexdigit(),
        })
}
