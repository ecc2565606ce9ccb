//! The value assigned to a name: where it begins and ends, and whether it is a secret or only speaks of one.

use super::assign::closes;
use super::edge::{LOOK, Quote, byte, is_mixed, quote_at, run_end, slice};
use super::scan::placeholder_end;

/// How a value is tied to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assigned {
    /// `name=value`, in its many spellings.
    Equals,
    /// `name: value`, which prose writes too unless the value is quoted.
    Colon,
    /// `("name", "value")`, `<name>value`, `--name value`.
    Loosely,
}

/// A value whose beginning is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) how: Assigned,
    pub(super) start: usize,
    pub(super) quote: Option<Quote>,
}

/// Words of a value that only stands for a secret.
const STAND_INS: &[&str] = &[
    "your",
    "redacted",
    "placeholder",
    "example",
    "changeme",
    "xxxxxxxx",
    "insert",
];

/// Words of an unquoted value that is code and no secret.
const CODE: &[&str] = &[
    "password",
    "passwd",
    "key",
    "token",
    "secret",
    "credential",
    "env",
    "config",
    "settings",
    "self",
    "args",
];

impl Value {
    /// Finds the beginning of a value: past spaces, emphasis and an opening quote.
    pub(super) fn open(bytes: &[u8], separator_end: usize, how: Assigned) -> Self {
        let is_space = |b: u8| matches!(b, b' ' | b'\t');
        let mut start = run_end(bytes, separator_end, 8, is_space);
        if slice(bytes, start, start + 3) == b"** " {
            start = run_end(bytes, start + 2, 8, is_space);
        }
        // The prefixes of Python's and Rust's string literals.
        if matches!(byte(bytes, start), b'b' | b'r' | b'f' | b'u')
            && matches!(byte(bytes, start + 1), b'"' | b'\'')
        {
            start += 1;
        }
        let quote = quote_at(bytes, start);
        Self {
            how,
            start: quote.map_or(start, |quote| quote.end),
            quote,
        }
    }

    /// The value's range, if its first bytes satisfy `is_secret`; a value that is redacted already has none.
    pub(super) fn range(
        self,
        bytes: &[u8],
        is_secret: impl Fn(Self, &[u8]) -> bool,
    ) -> Option<(usize, usize)> {
        let seen = self.end(bytes, LOOK)?;
        if seen == self.start || placeholder_end(bytes, self.start) == Some(seen) {
            return None;
        }
        if !is_secret(self, slice(bytes, self.start, seen)) {
            return None;
        }
        let end = if seen - self.start < LOOK {
            seen
        } else {
            self.end(bytes, usize::MAX)?
        };
        Some((self.start, end))
    }

    /// From the value's beginning to the end of its line or of its quotes.
    pub(super) fn line(self, bytes: &[u8]) -> Option<(usize, usize)> {
        let mut at = self.start;
        while at < bytes.len() {
            if let Some(quote) = quote_at(bytes, at) {
                // Header lines are quoted as a whole (JSON, a shell); an unopened quote closes that.
                if self.quote.is_none_or(|open| closes(quote, open)) {
                    break;
                }
                at = quote.end;
            } else if matches!(byte(bytes, at), b'\n' | b'\r') || is_escaped_space(bytes, at) {
                break;
            } else {
                at += 1;
            }
        }
        let is_done = placeholder_end(bytes, self.start) == Some(at);
        (at > self.start && !is_done).then_some((self.start, at))
    }

    /// Where the value ends; `None` where spaces inside quotes make it a sentence. Looks at `limit` bytes at most.
    fn end(self, bytes: &[u8], limit: usize) -> Option<usize> {
        let mut at = self.start;
        while at < bytes.len() && at - self.start < limit {
            let b = byte(bytes, at);
            if b.is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            if let Some(end) = placeholder_end(bytes, at) {
                at = end;
                continue;
            }
            if let Some(quote) = quote_at(bytes, at) {
                match self.quote {
                    Some(open) if !closes(quote, open) => at = quote.end,
                    _ => return Some(self.trimmed(bytes, at)),
                }
                continue;
            }
            if b.is_ascii_whitespace() || is_escaped_space(bytes, at) {
                return if self.quote.is_some() {
                    None
                } else {
                    Some(self.trimmed(bytes, at))
                };
            }
            if self.quote.is_none() && (is_terminator(b) || is_escaped_terminator(bytes, at)) {
                return Some(self.trimmed(bytes, at));
            }
            at += 1;
        }
        Some(at)
    }

    /// Leaves the full stop or question mark of a sentence outside.
    fn trimmed(self, bytes: &[u8], end: usize) -> usize {
        let is_stop = |b: &&u8| matches!(b, b'.' | b'?' | b'!' | b':');
        let stops = slice(bytes, self.start, end)
            .iter()
            .rev()
            .take_while(is_stop)
            .count();
        if self.quote.is_some() {
            end
        } else {
            end - stops
        }
    }

    /// Whether the value of a name that holds secrets is one, and no type, code or stand-in.
    pub(super) fn is_secret(self, body: &[u8]) -> bool {
        let shown = body
            .iter()
            .filter(|b| !matches!(b, b'*' | b'.' | b'x' | b'X'))
            .count();
        if body.len() < 8 || shown < 2 || self.is_reference(body) {
            return false;
        }
        let has_digit = body.iter().any(u8::is_ascii_digit);
        match (self.quote, self.how) {
            (_, Assigned::Loosely) => {
                is_mixed(body) || (has_digit && body.iter().any(u8::is_ascii_alphabetic))
            }
            (Some(_), _) | (None, Assigned::Equals) => true,
            (None, Assigned::Colon) => {
                has_digit
                    || body.iter().any(|b| {
                        b.is_ascii_punctuation()
                            && !matches!(b, b'_' | b'-' | b'.' | b':' | b'(' | b'/')
                    })
            }
        }
    }

    /// Whether a value stands for a secret held elsewhere: a variable, a call, a template, an example's filler.
    pub(super) fn is_reference(self, body: &[u8]) -> bool {
        let opens_code = matches!(
            body,
            [b'$', b'{' | b'(' | b'A'..=b'Z' | b'_', ..]
                | [b'{' | b'<' | b'[' | b'(', ..]
                | [b'%', b's' | b'(', ..]
        );
        let text = String::from_utf8_lossy(body).to_ascii_lowercase();
        let digits = body.iter().any(u8::is_ascii_digit);
        let is_path =
            |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b':' | b'-' | b'>');
        let callee = body
            .split(|b| matches!(b, b'(' | b'['))
            .next()
            .unwrap_or_default();
        let is_call =
            callee.len() < body.len() && callee.iter().all(|b| is_path(b) || b.is_ascii_digit());
        let is_constant = !digits && body.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
        let is_code =
            !digits && body.iter().all(is_path) && CODE.iter().any(|word| text.contains(word));
        opens_code
            || (is_constant && body.contains(&b'_'))
            || STAND_INS.iter().any(|word| text.contains(word))
            || (self.quote.is_none() && (is_call || is_code))
    }
}

fn is_terminator(b: u8) -> bool {
    matches!(
        b,
        b'&' | b',' | b';' | b'<' | b'>' | b')' | b'}' | b']' | b'|'
    )
}

/// Whether a line break or tab stands here in its escaped form.
fn is_escaped_space(bytes: &[u8], at: usize) -> bool {
    let end = run_end(bytes, at, 16, |b| b == b'\\');
    end > at && matches!(byte(bytes, end), b'n' | b'r' | b't')
}

/// Whether `&`, `<` or `>` stands here the way HTML-safe JSON writes it.
fn is_escaped_terminator(bytes: &[u8], at: usize) -> bool {
    let escape = slice(bytes, at, at + 6);
    [b"\\u0026", b"\\u003c", b"\\u003e"]
        .iter()
        .any(|known| escape.eq_ignore_ascii_case(*known))
}
