//! Newline-delimited JSON: one value a line.

use std::mem;

use memchr::memchr;

use super::{BYTE_ORDER_MARK, append_within, recycle, within};

/// The bytes one line may have unless said otherwise: 8 MiB.
pub const DEFAULT_LIMIT: usize = 8 * 1024 * 1024;

/// Room in a carried line beyond its limit: byte order mark, `\r`, and one byte that shows it is too long.
const LINE_SLACK: usize = 5;

/// One line that is not blank, borrowed from the pushed bytes where it lay whole in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line without its end, as bytes that may not be UTF-8.
    pub bytes: &'a [u8],
    /// Whether the line went over the limit and only its first bytes are here.
    pub truncated: bool,
    /// Whether the input ended before the line did, so it may be a part.
    pub unterminated: bool,
}

/// Turns the bytes of a body into its lines; one parser reads one body.
#[derive(Debug, Clone)]
pub struct LineParser {
    limit: usize,
    line: Vec<u8>,
    at_start: bool,
    skipping: bool,
}

impl Default for LineParser {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl LineParser {
    /// Begins a body whose lines may have [`DEFAULT_LIMIT`] bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a body whose lines may have `limit` bytes; longer ones are cut and marked.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            at_start: true,
            skipping: false,
        }
    }

    /// Reads on, calling back for each line that ends in these bytes and is not blank.
    pub fn push(&mut self, bytes: &[u8], on_line: &mut (impl FnMut(Line<'_>) + ?Sized)) {
        let mut rest = bytes;
        while let Some((line, ended)) = memchr(b'\n', rest).and_then(|at| rest.split_at_checked(at))
        {
            rest = ended.strip_prefix(b"\n").unwrap_or(&[]);
            if self.line.is_empty() {
                self.end_line(line, false, on_line);
            } else {
                self.carry(line);
                self.end_carried_line(false, on_line);
            }
        }
        self.carry(rest);
    }

    /// Tells that bytes were lost here: the line in progress is dropped, and reading resumes with the next one.
    pub fn skip(&mut self) {
        recycle(&mut self.line);
        self.at_start = false;
        self.skipping = true;
    }

    /// Ends the input, calling back with the line in progress, and makes the parser ready for another body.
    pub fn finish(&mut self, on_line: &mut (impl FnMut(Line<'_>) + ?Sized)) {
        self.end_carried_line(true, on_line);
        *self = Self::with_limit(self.limit);
    }

    fn carry(&mut self, bytes: &[u8]) {
        append_within(&mut self.line, bytes, self.limit.saturating_add(LINE_SLACK));
    }

    fn end_carried_line(
        &mut self,
        unterminated: bool,
        on_line: &mut (impl FnMut(Line<'_>) + ?Sized),
    ) {
        let mut line = mem::take(&mut self.line);
        self.end_line(&line, unterminated, on_line);
        recycle(&mut line);
        self.line = line;
    }

    fn end_line(
        &mut self,
        line: &[u8],
        unterminated: bool,
        on_line: &mut (impl FnMut(Line<'_>) + ?Sized),
    ) {
        let at_start = mem::replace(&mut self.at_start, false);
        if mem::replace(&mut self.skipping, false) {
            return;
        }
        // Carried or not, the same bytes are looked at: the result must not depend on the chunks.
        let (line, _) = within(line, self.limit.saturating_add(LINE_SLACK));
        let line = line
            .strip_prefix(BYTE_ORDER_MARK)
            .filter(|_| at_start)
            .unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (bytes, whole) = within(line, self.limit);
        if !line.trim_ascii().is_empty() {
            on_line(Line {
                bytes,
                truncated: !whole,
                unterminated,
            });
        }
    }
}
