//! Text that may become very long, in bounded memory.

use std::{borrow::Cow, collections::VecDeque};

/// The bytes of a text that are kept unless said otherwise: 1 MiB.
pub const DEFAULT_LIMIT: usize = 1024 * 1024;

/// Gathers a text piece by piece, keeping the beginning and the end of one that is too long.
///
/// The first three quarters of the limit keep the beginning, the last quarter the end; characters stay whole. What
/// comes out depends on the text alone, not on the pieces.
///
/// ```
/// use genspan_wire::bounded::BoundedText;
///
/// let mut text = BoundedText::with_limit(8);
/// text.push_str("abcdefgh");
/// assert_eq!(text.clone().into_string(), "abcdefgh");
/// text.push_str("ij");
/// assert_eq!(text.into_string(), "abcdef…[2 bytes left out]…ij");
/// ```
#[derive(Debug, Clone)]
pub struct BoundedText {
    limit: usize,
    head: String,
    /// Set at the first character that does not fit: a shorter one later must not follow the head.
    head_ended: bool,
    tail: VecDeque<u8>,
    seen: u64,
}

impl Default for BoundedText {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl BoundedText {
    /// Begins a text of which [`DEFAULT_LIMIT`] bytes are kept.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a text of which `limit` bytes are kept.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            head: String::new(),
            head_ended: false,
            tail: VecDeque::new(),
            seen: 0,
        }
    }

    /// Appends a piece.
    pub fn push_str(&mut self, piece: &str) {
        self.seen = self.seen.saturating_add(piece.len() as u64);
        let mut rest = piece;
        if !self.head_ended {
            let room = self.head_limit().saturating_sub(self.head.len());
            let (fits, over) = piece
                .split_at_checked(piece.floor_char_boundary(room))
                .unwrap_or(("", piece));
            self.head.push_str(fits);
            self.head_ended = !over.is_empty();
            rest = over;
        }
        self.push_tail(rest.as_bytes());
    }

    /// Appends a piece, which becomes the text without being copied where it is owned and the first.
    pub fn push(&mut self, piece: Cow<'_, str>) {
        match piece {
            Cow::Owned(piece) if self.seen == 0 && piece.len() <= self.head_limit() => {
                self.seen = piece.len() as u64;
                self.head = piece;
            }
            piece => self.push_str(&piece),
        }
    }

    /// Tells whether nothing was appended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Tells whether some of the text is left out.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.left_out() > 0
    }

    /// Counts the bytes that were appended, kept or not.
    #[must_use]
    pub fn len_seen(&self) -> u64 {
        self.seen
    }

    /// Counts the bytes that are left out between beginning and end.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        let kept = self.head.len() + self.tail.len() - self.broken_start();
        self.seen.saturating_sub(kept as u64)
    }

    /// Shows the beginning: all of the text up to three quarters of the limit.
    ///
    /// Where the text is JSON and cut, this is what [`json::complete`](crate::json::complete) can read.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Hands over the text, with `…[N bytes left out]…` where that is so.
    #[must_use]
    pub fn into_string(self) -> String {
        let (left_out, broken) = (self.left_out(), self.broken_start());
        let Self {
            head: mut text,
            mut tail,
            ..
        } = self;
        if left_out > 0 {
            text.push_str(&format!("…[{left_out} bytes left out]…"));
        }
        tail.drain(..broken);
        text.push_str(&String::from_utf8_lossy(tail.make_contiguous()));
        text
    }

    fn head_limit(&self) -> usize {
        self.limit - self.limit / 4
    }

    /// Appends to the end, pushing out what no longer fits.
    fn push_tail(&mut self, bytes: &[u8]) {
        let limit = self.limit.saturating_sub(self.head.len());
        let kept = bytes
            .get(bytes.len().saturating_sub(limit)..)
            .unwrap_or(bytes);
        let excess = (self.tail.len() + kept.len()).saturating_sub(limit);
        self.tail.drain(..excess);
        self.tail.extend(kept);
    }

    /// Counts the bytes at the start of the tail whose character lost its first byte.
    fn broken_start(&self) -> usize {
        self.tail
            .iter()
            .take_while(|byte| is_continuation(**byte))
            .count()
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}
