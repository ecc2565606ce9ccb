//! Which framing a body has, and one reader for them all.

use memchr::memchr;

use super::{
    BYTE_ORDER_MARK,
    array::{ArrayParser, Element},
    event_stream::{EventStreamParser, Found, Message},
    ndjson::{Line, LineParser},
    sse::{SseEvent, SseParser},
    whole::{self, WholeBody},
    within,
};
use crate::json::{Reading, read};

/// Where nothing but blanks came so far, this many bytes are waited for before the label is believed.
const SNIFF_LIMIT: usize = 256;

/// Where lines are looked for under another label, this many bytes are waited for before there is none.
const MAX_FIRST_LINE: usize = 1024 * 1024;

/// How a body is divided into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Server-Sent Events.
    Sse,
    /// One JSON value a line.
    Lines,
    /// The elements of one JSON array, or JSON values one behind the other.
    Array,
    /// AWS's binary messages.
    EventStream,
    /// One document.
    Whole,
}

impl Framing {
    /// Reads the framing that a `content-type` promises; whatever is not known as a stream is one document.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Self {
        const LINES: [&str; 7] = [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonl",
            "application/jsonlines",
            "application/x-jsonlines",
            "application/stream+json",
        ];
        let media_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        if media_type.eq_ignore_ascii_case("text/event-stream") {
            Self::Sse
        } else if LINES
            .iter()
            .any(|lines| media_type.eq_ignore_ascii_case(lines))
        {
            Self::Lines
        } else if media_type.eq_ignore_ascii_case("application/vnd.amazon.eventstream") {
            Self::EventStream
        } else {
            Self::Whole
        }
    }
}

impl Framing {
    /// Corrects a label by the first bytes of a body; `None` where they are too few to tell.
    fn or_sniffed(self, start: &[u8]) -> Option<Self> {
        match (sniff(start), self) {
            (Sniffed::TooShort, _) if start.len() < SNIFF_LIMIT => None,
            (Sniffed::Sse, _) => Some(Self::Sse),
            (Sniffed::Json, Self::Sse | Self::EventStream) => Some(Self::Whole),
            (_, labelled) => Some(labelled),
        }
    }

    /// Corrects a label by all that came.
    fn for_all(self, bytes: &[u8]) -> Self {
        self.or_sniffed(within(bytes, SNIFF_LIMIT).0)
            .unwrap_or(self)
    }
}

/// Corrects a label by the first bytes of a body, of which `looked_at` were looked at before; `None` where they are too
/// few to tell.
///
/// Only so many of the bytes count as would have been waited for: what comes out must not depend on the chunks.
fn framing_of(
    labelled: Framing,
    may_be_lines: bool,
    start: &[u8],
    looked_at: usize,
) -> Option<Framing> {
    let (sniffed, _) = within(start, SNIFF_LIMIT);
    let framing = labelled.or_sniffed(sniffed)?;
    let blanks = sniffed
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(sniffed)
        .trim_ascii_start();
    let begin = sniffed.len() - blanks.len();
    if !may_be_lines || framing != Framing::Whole || !blanks.starts_with(b"{") {
        return Some(framing);
    }
    let (first, is_all) = within(start.get(begin..)?, MAX_FIRST_LINE);
    let unread = looked_at.max(begin) - begin;
    match memchr(b'\n', first.get(unread..).unwrap_or_default()) {
        Some(end) => {
            let line = first.get(..unread + end).unwrap_or_default();
            let is_document = read(line, |reading, _| reading == Reading::Whole);
            Some(if is_document { Framing::Lines } else { framing })
        }
        None if !is_all || first.len() == MAX_FIRST_LINE => Some(framing),
        None => None,
    }
}

/// What the first bytes of a body say about its framing.
enum Sniffed {
    Sse,
    Json,
    Other,
    TooShort,
}

fn sniff(start: &[u8]) -> Sniffed {
    const FIELDS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    if start.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(start) {
        return Sniffed::TooShort;
    }
    let text = start
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(start)
        .trim_ascii_start();
    if FIELDS.iter().any(|field| text.starts_with(field)) {
        return Sniffed::Sse;
    }
    if FIELDS.iter().any(|field| field.starts_with(text)) {
        return Sniffed::TooShort;
    }
    match text {
        [b'{' | b'[', ..] => Sniffed::Json,
        _ => Sniffed::Other,
    }
}

/// One frame of a body, of whichever framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event of an event stream.
    Event(SseEvent<'a>),
    /// A line.
    Line(Line<'a>),
    /// An element of an array.
    Element(Element<'a>),
    /// A message of an AWS event stream.
    Message(Message<'a>),
    /// Bytes that are no frame of their framing; they are left out.
    Damage,
    /// The whole document.
    Body {
        /// The document, or its beginning.
        bytes: &'a [u8],
        /// Whether bytes of it are missing.
        truncated: bool,
    },
}

impl<'a> Frame<'a> {
    /// Shows the payload: an event's data, the line, the element, the message's payload, the document.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Event(event) => event.data,
            Self::Line(line) => line.bytes,
            Self::Element(element) => element.bytes,
            Self::Message(message) => message.payload,
            Self::Damage => &[],
            Self::Body { bytes, .. } => bytes,
        }
    }

    /// Tells whether the payload is known to lack bytes because of a limit or a loss.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        match self {
            Self::Event(event) => event.truncated,
            Self::Line(line) => line.truncated,
            Self::Element(element) => element.truncated,
            Self::Message(message) => message.truncated,
            Self::Damage => true,
            Self::Body { truncated, .. } => *truncated,
        }
    }
}

/// Reads a body into frames by its label, unless its first bytes show that the label is wrong.
///
/// Event streams come labelled as JSON or plain text, and errors as JSON come labelled as event streams.
#[derive(Debug, Clone)]
pub struct Frames {
    labelled: Framing,
    /// One document may turn out to be many.
    may_be_lines: bool,
    reader: Reader,
}

#[derive(Debug, Clone)]
enum Reader {
    /// Too little came to tell.
    Undecided(Vec<u8>),
    Sse(SseParser),
    Lines(LineParser),
    Array(ArrayParser),
    EventStream(EventStreamParser),
    Whole(WholeBody),
}

impl Reader {
    fn new(framing: Framing) -> Self {
        match framing {
            Framing::Sse => Self::Sse(SseParser::new()),
            Framing::Lines => Self::Lines(LineParser::new()),
            Framing::Array => Self::Array(ArrayParser::new()),
            Framing::EventStream => Self::EventStream(EventStreamParser::new()),
            Framing::Whole => Self::Whole(WholeBody::new()),
        }
    }

    fn push(&mut self, bytes: &[u8], on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        match self {
            Self::Undecided(start) => start.extend_from_slice(bytes),
            Self::Sse(parser) => parser.push(bytes, &mut |event| on_frame(Frame::Event(event))),
            Self::Lines(parser) => parser.push(bytes, &mut |line| on_frame(Frame::Line(line))),
            Self::Array(parser) => {
                parser.push(bytes, &mut |element| on_frame(Frame::Element(element)));
            }
            Self::EventStream(parser) => parser.push(bytes, &mut |found| {
                on_frame(match found {
                    Found::Message(message) => Frame::Message(message),
                    Found::Damage => Frame::Damage,
                });
            }),
            Self::Whole(body) => body.push(bytes),
        }
    }
}

impl Frames {
    /// Begins a body that is labelled as `labelled`.
    #[must_use]
    pub fn new(labelled: Framing) -> Self {
        Self {
            labelled,
            may_be_lines: false,
            reader: Reader::Undecided(Vec::new()),
        }
    }

    /// Reads lines also where the label promises one document, if the first line of the body is a document of its own.
    ///
    /// That is for bodies that are expected to come as lines: some servers, and proxies between, label them as JSON.
    #[must_use]
    pub fn or_lines(mut self) -> Self {
        self.may_be_lines = true;
        self
    }

    /// Tells the framing being read, once the first bytes have shown it.
    #[must_use]
    pub fn framing(&self) -> Option<Framing> {
        match self.reader {
            Reader::Undecided(_) => None,
            Reader::Sse(_) => Some(Framing::Sse),
            Reader::Lines(_) => Some(Framing::Lines),
            Reader::Array(_) => Some(Framing::Array),
            Reader::EventStream(_) => Some(Framing::EventStream),
            Reader::Whole(_) => Some(Framing::Whole),
        }
    }

    /// Reads on, calling back for each frame that these bytes end; a whole document comes at the end of input.
    pub fn push(&mut self, bytes: &[u8], on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        let Reader::Undecided(start) = &mut self.reader else {
            return self.reader.push(bytes, on_frame);
        };
        let looked_at = start.len();
        if looked_at == 0
            && let Some(framing) = framing_of(self.labelled, self.may_be_lines, bytes, 0)
        {
            self.reader = Reader::new(framing);
            return self.reader.push(bytes, on_frame);
        }
        start.extend_from_slice(bytes);
        if let Some(framing) = framing_of(self.labelled, self.may_be_lines, start, looked_at) {
            self.decide(framing, on_frame);
        }
    }

    /// Reads a body that is here as a whole, calling back for each frame in it; one document is not copied.
    ///
    /// Where bytes of the body were pushed before, these are the rest of it.
    pub fn push_all(&mut self, bytes: &[u8], on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        let is_untouched = matches!(&self.reader, Reader::Undecided(start) if start.is_empty());
        let framing = framing_of(self.labelled, self.may_be_lines, bytes, 0);
        let framing = framing.unwrap_or_else(|| self.labelled.for_all(bytes));
        if is_untouched && framing == Framing::Whole && !bytes.is_empty() {
            let (bytes, whole) = within(bytes, whole::DEFAULT_LIMIT);
            on_frame(Frame::Body {
                bytes,
                truncated: !whole,
            });
        } else {
            self.push(bytes, on_frame);
            self.finish(on_frame);
        }
    }

    /// Tells that bytes were lost here; see the framings' own `skip`.
    pub fn skip(&mut self, on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        self.decide_now(on_frame);
        match &mut self.reader {
            Reader::Undecided(_) => {}
            Reader::Sse(parser) => parser.skip(),
            Reader::Lines(parser) => parser.skip(),
            Reader::Array(parser) => parser.skip(),
            Reader::EventStream(parser) => parser.skip(),
            Reader::Whole(body) => body.skip(),
        }
    }

    /// Ends the input, calling back with what is left, and makes the reader ready for another body.
    pub fn finish(&mut self, on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        self.decide_now(on_frame);
        match &mut self.reader {
            Reader::Undecided(_) => {}
            Reader::Sse(parser) => parser.finish(&mut |event| on_frame(Frame::Event(event))),
            Reader::Lines(parser) => parser.finish(&mut |line| on_frame(Frame::Line(line))),
            Reader::Array(parser) => {
                parser.finish(&mut |element| on_frame(Frame::Element(element)));
            }
            Reader::EventStream(parser) => parser.finish(),
            Reader::Whole(body) if body.len_seen() == 0 => {}
            Reader::Whole(body) => on_frame(Frame::Body {
                bytes: body.bytes(),
                truncated: body.is_cut(),
            }),
        }
        self.reader = Reader::Undecided(Vec::new());
    }

    /// Settles on the framing that what was held back shows, if none is yet.
    fn decide_now(&mut self, on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        if let Reader::Undecided(start) = &self.reader {
            self.decide(self.labelled.for_all(start), on_frame);
        }
    }

    /// Settles on a framing, if none is yet, and reads what was held back.
    fn decide(&mut self, framing: Framing, on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        if let Reader::Undecided(start) = &mut self.reader {
            let start = std::mem::take(start);
            self.reader = Reader::new(framing);
            self.reader.push(&start, on_frame);
        }
    }
}
