//! Lines of a file, each within bounds.

use std::io::{self, BufRead};

use genspan_otlp::Request;
use genspan_serve::read_json;
use memchr::memchr;

use super::trouble::LineTrouble;

/// Bounds one line, as the receiver bounds one request.
pub(super) const LONGEST: usize = 64 << 20;

/// Reads lines, one at a time.
pub(super) struct Lines<R> {
    reader: R,
    longest: usize,
    buffer: Vec<u8>,
    number: u64,
}

/// Holds a line that is not blank.
#[derive(Debug)]
pub(super) struct Line<'l> {
    /// Its number, which counts from 1.
    pub(super) number: u64,
    /// `None` where it is too long.
    text: Option<&'l [u8]>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            longest: LONGEST,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// Gives how many lines were read.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line that is not blank; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let Some(is_whole) = self.fill()? else {
                return Ok(None);
            };
            self.number += 1;
            if !is_whole || !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(Line {
                    number: self.number,
                    text: is_whole.then_some(&self.buffer),
                }));
            }
        }
    }

    /// Fills the buffer with the next line, and tells whether it took all of it; `None` where there is none.
    fn fill(&mut self) -> io::Result<Option<bool>> {
        self.buffer.clear();
        let (mut is_any, mut is_whole) = (false, true);
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(is_any.then_some(is_whole));
            }
            is_any = true;
            let end = memchr(b'\n', available);
            let part = end.map_or(available.len(), |at| at + 1);
            is_whole &= self.buffer.len() + part <= self.longest;
            if is_whole {
                let part = available.get(..part).unwrap_or(available);
                self.buffer.extend_from_slice(part);
            }
            self.reader.consume(part);
            if end.is_some() {
                return Ok(Some(is_whole));
            }
        }
    }
}

impl Line<'_> {
    /// Reads the requests that the line holds.
    pub(super) fn requests(&self) -> Result<Vec<Request>, LineTrouble> {
        let text = self.text.ok_or(LineTrouble::TooLong)?.trim_ascii_end();
        read_json(text).map_err(|error| {
            // What people or programs lay out nicely breaks its lines there.
            let is_opening = matches!(text.last(), Some(b'{' | b'[' | b','));
            match (error.is_cut, is_opening) {
                (true, true) => LineTrouble::Spread,
                (true, false) => LineTrouble::Cut(error),
                (false, _) => LineTrouble::Wrong(error),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Gives the numbers of the lines that are not blank, and their lengths.
    fn read(text: &[u8], room: usize) -> Vec<(u64, Option<usize>)> {
        let mut lines = Lines {
            longest: 20,
            ..Lines::new(BufReader::with_capacity(room, text))
        };
        let mut read = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            read.push((line.number, line.text.map(<[u8]>::len)));
        }
        read
    }

    #[test]
    fn lines_are_numbered_as_editors_do_whatever_the_chunks_are() {
        let text = b"one\n\n  \r\nfour\r\nfive";
        for room in 1..text.len() {
            assert_eq!(
                read(text, room),
                [(1, Some(4)), (4, Some(6)), (5, Some(4))],
                "{room}"
            );
        }
        assert_eq!(read(b"", 8), []);
        assert_eq!(read(b"\n\n", 8), []);
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself_alone() {
        let (long, longest) = ("x".repeat(20), "y".repeat(19));
        let text = format!("a\n{long}\nb\n{longest}\n{long}");
        for room in 1..text.len() {
            let want = [
                (1, Some(2)),
                (2, None),
                (3, Some(2)),
                (4, Some(20)),
                (5, Some(20)),
            ];
            assert_eq!(read(text.as_bytes(), room), want, "{room}");
        }
    }
}
