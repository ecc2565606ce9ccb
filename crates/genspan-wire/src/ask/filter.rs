//! A stream without what the question for usage brought.

use std::{borrow::Cow, mem, ops::Range};

use memchr::{memchr2, memmem};

use super::named::{Brought, brought};

/// What is kept back of a frame that has not ended: no chunk that states usage alone comes near it.
const MAX_HELD: usize = 64 * 1024;

/// Takes what [`ask`](super::ask) brought out of an event stream: the chunk that states usage alone, and `"usage":null`
/// in the others.
///
/// What a frame is made of is kept back until the frame ends, which is when its reader can first make something of it;
/// comments and what is longer than 64 KiB are not. All else goes out as it comes, without a copy.
#[derive(Debug)]
pub struct UsageFilter {
    /// The beginning of the frame that earlier pushes brought.
    held: Vec<u8>,
    /// The frame is passed on as it comes.
    is_passing: bool,
    edge: Edge,
}

impl Default for UsageFilter {
    /// Begins a stream.
    fn default() -> Self {
        Self {
            held: Vec::new(),
            is_passing: false,
            edge: Edge {
                is_line_empty: true,
                line_feed: LineFeed::Begins,
            },
        }
    }
}

impl UsageFilter {
    /// Takes the next bytes and gives those that go out now: a part of the bytes taken, where nothing was kept back
    /// before and nothing is taken out amid them.
    #[must_use]
    pub fn push<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let mut out = Out::of(bytes);
        let mut at = self.skip_line_feed(&mut out);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(len) = self.edge.frame_end(rest) else {
                self.hold(rest, at, &mut out);
                break;
            };
            let place = at..at + len;
            at = place.end;
            let goes_out = self.end_frame(place, &mut out);
            self.edge.line_feed = match (rest.get(len - 1), rest.get(len)) {
                (Some(b'\r'), Some(b'\n')) => {
                    if goes_out {
                        out.pass(at..at + 1);
                    }
                    at += 1;
                    LineFeed::Begins
                }
                (Some(b'\r'), None) => LineFeed::OfFrame { goes_out },
                _ => LineFeed::Begins,
            };
        }
        out.into_bytes()
    }

    /// Ends the stream, and gives what was kept back of a frame that never ended.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        mem::take(self).held
    }

    /// Tells whether something is kept back.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Deals with a line feed that belongs to the carriage return that ended the push and the frame before.
    fn skip_line_feed(&mut self, out: &mut Out<'_>) -> usize {
        let LineFeed::OfFrame { goes_out } = self.edge.line_feed else {
            return 0;
        };
        match out.input.first() {
            None => 0,
            Some(b'\n') => {
                self.edge.line_feed = LineFeed::Begins;
                if goes_out {
                    out.pass(0..1);
                }
                1
            }
            Some(_) => {
                self.edge.line_feed = LineFeed::Begins;
                0
            }
        }
    }

    /// Keeps the beginning of a frame back, unless it is better passed on.
    fn hold(&mut self, rest: &[u8], at: usize, out: &mut Out<'_>) {
        let is_comment = self.held.is_empty() && rest.first() == Some(&b':');
        self.is_passing |= is_comment || self.held.len() + rest.len() > MAX_HELD;
        if self.is_passing {
            out.put(&mem::take(&mut self.held));
            out.pass(at..at + rest.len());
        } else {
            self.held.extend_from_slice(rest);
        }
    }

    /// Lets a frame go out whose end stands in `place`, but for what was brought; tells whether anything of it does.
    fn end_frame(&mut self, place: Range<usize>, out: &mut Out<'_>) -> bool {
        if mem::take(&mut self.is_passing) {
            out.pass(place);
            return true;
        }
        let Some(end) = out.input.get(place.clone()) else {
            return true;
        };
        if self.held.is_empty() {
            match brought_by(end) {
                Brought::Nothing => out.pass(place),
                Brought::Member(cut) => {
                    out.pass(place.start..place.start + cut.start);
                    out.pass(place.start + cut.end..place.end);
                }
                Brought::All => return false,
            }
            return true;
        }
        let mut frame = mem::take(&mut self.held);
        frame.extend_from_slice(end);
        match brought_by(&frame) {
            Brought::Nothing => out.put(&frame),
            Brought::Member(cut) => {
                out.put(frame.get(..cut.start).unwrap_or_default());
                out.put(frame.get(cut.end..).unwrap_or_default());
            }
            Brought::All => return false,
        }
        true
    }
}

/// Looks at a frame; only one with a single line of data is a chunk.
fn brought_by(frame: &[u8]) -> Brought {
    if memmem::find(frame, b"\"usage\"").is_none() {
        return Brought::Nothing;
    }
    let mut data = None;
    let mut at = 0;
    for line in frame.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if let Some(value) = line.strip_prefix(b"data:")
            && data
                .replace((at + line.len() - value.len(), value))
                .is_some()
        {
            return Brought::Nothing;
        }
        at += line.len() + 1;
    }
    let Some((start, value)) = data else {
        return Brought::Nothing;
    };
    match std::str::from_utf8(value).map_or(Brought::Nothing, brought) {
        Brought::Member(cut) => Brought::Member(start + cut.start..start + cut.end),
        other => other,
    }
}

/// Finds the blank lines that end frames, whatever ends the lines.
#[derive(Debug)]
struct Edge {
    is_line_empty: bool,
    line_feed: LineFeed,
}

/// Says what a line feed would be that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineFeed {
    /// The end of a line.
    Begins,
    /// A part of the end of the line before.
    OfLine,
    /// A part of the end of the frame before, which goes out or does not.
    OfFrame { goes_out: bool },
}

impl Edge {
    /// Gives the length of what stands before the end of the frame, with it; a line feed behind a carriage return that
    /// ends the frame is not counted.
    fn frame_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let mut rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            if mem::replace(&mut self.line_feed, LineFeed::Begins) == LineFeed::OfLine
                && let Some(behind) = rest.strip_prefix(b"\n")
            {
                at += 1;
                rest = behind;
                if rest.is_empty() {
                    return None;
                }
            }
            let Some(len) = memchr2(b'\n', b'\r', rest) else {
                self.is_line_empty = false;
                return None;
            };
            at += len + 1;
            if mem::replace(&mut self.is_line_empty, true) && len == 0 {
                return Some(at);
            }
            if rest.get(len) == Some(&b'\r') {
                self.line_feed = LineFeed::OfLine;
            }
        }
    }
}

/// Gathers what goes out, as a part of the input for as long as it is one.
struct Out<'b> {
    input: &'b [u8],
    part: Range<usize>,
    own: Option<Vec<u8>>,
}

impl<'b> Out<'b> {
    const fn of(input: &'b [u8]) -> Self {
        Self {
            input,
            part: 0..0,
            own: None,
        }
    }

    /// Lets a part of the input go out.
    fn pass(&mut self, part: Range<usize>) {
        if self.own.is_none() && self.part.is_empty() {
            self.part = part;
        } else if self.own.is_none() && self.part.end == part.start {
            self.part.end = part.end;
        } else {
            let bytes = self.input.get(part).unwrap_or_default();
            self.put(bytes);
        }
    }

    /// Lets bytes go out that were kept back.
    fn put(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let earlier = self.input.get(self.part.clone()).unwrap_or_default();
        self.own
            .get_or_insert_with(|| earlier.to_vec())
            .extend_from_slice(bytes);
    }

    fn into_bytes(self) -> Cow<'b, [u8]> {
        self.own.map_or_else(
            || Cow::Borrowed(self.input.get(self.part).unwrap_or_default()),
            Cow::Owned,
        )
    }
}
