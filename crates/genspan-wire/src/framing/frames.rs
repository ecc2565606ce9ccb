//! Which framing a body has, and one reader for them all.

use super::{
    BYTE_ORDER_MARK,
    array::{ArrayParser, Element},
    ndjson::{Line, LineParser},
    sse::{SseEvent, SseParser},
    whole::{self, WholeBody},
    within,
};

/// Where nothing but blanks came so far, this many bytes are waited for before the label is believed.
const SNIFF_LIMIT: usize = 256;

/// How a body is divided into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Server-Sent Events.
    Sse,
    /// One JSON value a line.
    Lines,
    /// The elements of one JSON array, or JSON values one behind the other.
    Array,
    /// One document.
    Whole,
}

impl Framing {
    /// Reads the framing that a `content-type` promises; whatever is not known as a stream is one document.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Self {
        const LINES: [&str; 6] = [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonl",
            "application/jsonlines",
            "application/x-jsonlines",
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
            (Sniffed::Json, Self::Sse) => Some(Self::Whole),
            (_, labelled) => Some(labelled),
        }
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
    /// The whole document.
    Body {
        /// The document, or its beginning.
        bytes: &'a [u8],
        /// Whether bytes of it are missing.
        truncated: bool,
    },
}

impl<'a> Frame<'a> {
    /// Shows the payload: an event's data, the line, the element, the document.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Event(event) => event.data,
            Self::Line(line) => line.bytes,
            Self::Element(element) => element.bytes,
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
    reader: Reader,
}

#[derive(Debug, Clone)]
enum Reader {
    /// Too little came to tell.
    Undecided(Vec<u8>),
    Sse(SseParser),
    Lines(LineParser),
    Array(ArrayParser),
    Whole(WholeBody),
}

impl Reader {
    fn new(framing: Framing) -> Self {
        match framing {
            Framing::Sse => Self::Sse(SseParser::new()),
            Framing::Lines => Self::Lines(LineParser::new()),
            Framing::Array => Self::Array(ArrayParser::new()),
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
            reader: Reader::Undecided(Vec::new()),
        }
    }

    /// Tells the framing being read, once the first bytes have shown it.
    #[must_use]
    pub fn framing(&self) -> Option<Framing> {
        match self.reader {
            Reader::Undecided(_) => None,
            Reader::Sse(_) => Some(Framing::Sse),
            Reader::Lines(_) => Some(Framing::Lines),
            Reader::Array(_) => Some(Framing::Array),
            Reader::Whole(_) => Some(Framing::Whole),
        }
    }

    /// Reads on, calling back for each frame that these bytes end; a whole document comes at the end of input.
    pub fn push(&mut self, bytes: &[u8], on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        let Reader::Undecided(start) = &mut self.reader else {
            return self.reader.push(bytes, on_frame);
        };
        let missing = SNIFF_LIMIT.saturating_sub(start.len());
        let (looked_at, unread) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        if start.is_empty()
            && let Some(framing) = self.labelled.or_sniffed(looked_at)
        {
            self.reader = Reader::new(framing);
            return self.reader.push(bytes, on_frame);
        }
        start.extend_from_slice(looked_at);
        if let Some(framing) = self.labelled.or_sniffed(start) {
            self.decide(framing, on_frame);
            self.reader.push(unread, on_frame);
        }
    }

    /// Reads a body that is here as a whole, calling back for each frame in it; one document is not copied.
    ///
    /// Where bytes of the body were pushed before, these are the rest of it.
    pub fn push_all(&mut self, bytes: &[u8], on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        let is_untouched = matches!(&self.reader, Reader::Undecided(start) if start.is_empty());
        let (looked_at, _) = within(bytes, SNIFF_LIMIT);
        let framing = self.labelled.or_sniffed(looked_at);
        if is_untouched && framing.unwrap_or(self.labelled) == Framing::Whole && !bytes.is_empty() {
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
        self.decide(self.labelled, on_frame);
        match &mut self.reader {
            Reader::Undecided(_) => {}
            Reader::Sse(parser) => parser.skip(),
            Reader::Lines(parser) => parser.skip(),
            Reader::Array(parser) => parser.skip(),
            Reader::Whole(body) => body.skip(),
        }
    }

    /// Ends the input, calling back with what is left, and makes the reader ready for another body.
    pub fn finish(&mut self, on_frame: &mut (impl FnMut(Frame<'_>) + ?Sized)) {
        self.decide(self.labelled, on_frame);
        match &mut self.reader {
            Reader::Undecided(_) => {}
            Reader::Sse(parser) => parser.finish(&mut |event| on_frame(Frame::Event(event))),
            Reader::Lines(parser) => parser.finish(&mut |line| on_frame(Frame::Line(line))),
            Reader::Array(parser) => {
                parser.finish(&mut |element| on_frame(Frame::Element(element)));
            }
            Reader::Whole(body) if body.len_seen() == 0 => {}
            Reader::Whole(body) => on_frame(Frame::Body {
                bytes: body.bytes(),
                truncated: body.is_cut(),
            }),
        }
        *self = Self::new(self.labelled);
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
