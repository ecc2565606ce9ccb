//! Server-Sent Events by the WHATWG rules, with two additions: an event is bounded, and the end of input ends it.

use std::{borrow::Cow, mem, time::Duration};

use memchr::{memchr, memchr2};

use super::{BYTE_ORDER_MARK, append_within, recycle, within};

/// The bytes of data one event may have unless said otherwise: 8 MiB.
pub const DEFAULT_LIMIT: usize = 8 * 1024 * 1024;

/// Names, ids and retry times over this many bytes are none.
const FIELD_LIMIT: usize = 1024;

/// Room in a carried line for what precedes its value: byte order mark, field name, colon, space.
const LINE_SLACK: usize = 16;

/// One event, borrowed from the pushed bytes where it lay whole in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The name from the `event` field; empty where there was none, which the standard reads as `message`.
    pub event: &'a [u8],
    /// The `data` lines joined by `\n`, as bytes that may not be UTF-8.
    pub data: &'a [u8],
    /// The last `id` so far in the stream, this event's or an earlier one's; empty where there was none.
    pub id: &'a [u8],
    /// Whether the data went over the limit and only its first bytes are here.
    pub truncated: bool,
    /// Whether the input ended before the blank line that ends an event, so the data may be a part.
    pub unterminated: bool,
}

impl<'a> SseEvent<'a> {
    /// Reads the name as text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn event_text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.event)
    }

    /// Reads the data as text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn data_text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.data)
    }
}

/// Turns the bytes of an event stream into events; one parser reads one stream.
#[derive(Debug, Clone)]
pub struct SseParser {
    limit: usize,
    /// The line that earlier pushes began.
    line: Vec<u8>,
    /// Parts of the event in progress that earlier pushes brought.
    event: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    truncated: bool,
    id: Vec<u8>,
    retry: Option<Duration>,
    at_start: bool,
    /// The last push ended in `\r`: a `\n` now belongs to it.
    after_cr: bool,
    skipping: bool,
}

/// Parts of the event in progress that lie in the bytes being pushed.
#[derive(Debug, Default)]
struct Held<'a> {
    event: Option<&'a [u8]>,
    /// The only data line so far; from the second on they are joined in the parser.
    data: Option<&'a [u8]>,
}

impl Default for SseParser {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl SseParser {
    /// Begins a stream whose events may have [`DEFAULT_LIMIT`] bytes of data.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a stream whose events may have `limit` bytes of data; longer ones are cut and marked.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: Vec::new(),
            data: Vec::new(),
            has_data: false,
            truncated: false,
            id: Vec::new(),
            retry: None,
            at_start: true,
            after_cr: false,
            skipping: false,
        }
    }

    /// Reads on, calling back for each event that these bytes end.
    pub fn push(&mut self, bytes: &[u8], on_event: &mut (impl FnMut(SseEvent<'_>) + ?Sized)) {
        let mut rest = bytes;
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            rest = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        if !self.line.is_empty() {
            rest = self.end_carried_line(rest, on_event);
        }
        let mut held = Held::default();
        while let Some((line, after)) = self.split_line(rest) {
            self.read_line(line, &mut held, on_event);
            rest = after;
        }
        self.keep(&held);
        self.carry(rest);
    }

    /// Tells that bytes were lost here: the event in progress is dropped, and reading resumes after the next blank
    /// line, so no event is put together from two.
    pub fn skip(&mut self) {
        self.drop_event();
        self.skipping = true;
        self.at_start = false;
        self.after_cr = false;
        // Nobody knows how the line began that the next bytes go on with: it must be neither blank nor a field.
        self.line.clear();
        self.line.push(b':');
    }

    /// Ends the input, calling back with the event in progress, and makes the parser ready for another stream.
    ///
    /// Of a last line without its end only data counts: half a name would be another name.
    pub fn finish(&mut self, on_event: &mut (impl FnMut(SseEvent<'_>) + ?Sized)) {
        let carried = mem::take(&mut self.line);
        let line = self.without_mark(&carried);
        let mut held = Held::default();
        if let Some(value) = line.strip_prefix(b"data:") {
            self.add_data(without_space(value), &mut held);
        }
        self.dispatch(&mut held, true, on_event);
        *self = Self::with_limit(self.limit);
    }

    /// Tells the reconnection time that the stream asked for, if it did.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// The first line of `bytes` and what follows its end, where there is one.
    fn split_line<'a>(&mut self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let at = match bytes.first()? {
            // Every other line or so is blank, and a search has a price.
            b'\n' | b'\r' => 0,
            _ => memchr2(b'\n', b'\r', bytes)?,
        };
        let (line, ended) = bytes.split_at_checked(at)?;
        let rest = match ended {
            [b'\r', b'\n', rest @ ..] => rest,
            [b'\r'] => {
                self.after_cr = true;
                &[]
            }
            [_, rest @ ..] => rest,
            [] => &[],
        };
        Some((line, rest))
    }

    /// Reads the line that earlier pushes began, if it ends in `bytes`, and returns what follows it.
    fn end_carried_line<'a>(
        &mut self,
        bytes: &'a [u8],
        on_event: &mut (impl FnMut(SseEvent<'_>) + ?Sized),
    ) -> &'a [u8] {
        let Some((end, rest)) = self.split_line(bytes) else {
            self.carry(bytes);
            return &[];
        };
        self.carry(end);
        let mut line = mem::take(&mut self.line);
        let mut held = Held::default();
        self.read_line(&line, &mut held, on_event);
        self.keep(&held);
        recycle(&mut line);
        self.line = line;
        rest
    }

    /// Keeps the beginning of a line for the next push, as much of it as could matter.
    fn carry(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let room = self.limit.saturating_sub(self.data.len()).max(FIELD_LIMIT);
        append_within(&mut self.line, bytes, room.saturating_add(LINE_SLACK));
    }

    /// Keeps what a push brought of an event that it did not end.
    fn keep(&mut self, held: &Held<'_>) {
        if let Some(event) = held.event {
            self.event.clear();
            self.event.extend_from_slice(event);
        }
        if let Some(data) = held.data {
            self.data.extend_from_slice(data);
        }
    }

    fn read_line<'a>(
        &mut self,
        line: &'a [u8],
        held: &mut Held<'a>,
        on_event: &mut (impl FnMut(SseEvent<'_>) + ?Sized),
    ) {
        let line = self.without_mark(line);
        if line.is_empty() {
            return self.dispatch(held, false, on_event);
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            return self.add_data(without_space(value), held);
        }
        if let Some(value) = line.strip_prefix(b"event:") {
            return Self::name_event(without_space(value), held);
        }
        let (field, value) = match memchr(b':', line).and_then(|colon| line.split_at_checked(colon))
        {
            Some((field, value)) => (
                field,
                without_space(value.strip_prefix(b":").unwrap_or(value)),
            ),
            None => (line, Default::default()),
        };
        match field {
            b"data" => self.add_data(value, held),
            b"event" => Self::name_event(value, held),
            _ if value.len() > FIELD_LIMIT => {}
            b"id" if memchr(0, value).is_none() => {
                self.id.clear();
                self.id.extend_from_slice(value);
            }
            b"retry" => self.retry = retry_time(value).or(self.retry),
            _ => {}
        }
    }

    fn name_event<'a>(name: &'a [u8], held: &mut Held<'a>) {
        if name.len() <= FIELD_LIMIT {
            held.event = Some(name);
        }
    }

    fn add_data<'a>(&mut self, value: &'a [u8], held: &mut Held<'a>) {
        if !self.has_data {
            let (kept, whole) = within(value, self.limit);
            held.data = Some(kept);
            self.has_data = true;
            self.truncated = !whole;
            return;
        }
        if let Some(first) = held.data.take() {
            self.data.extend_from_slice(first);
        }
        for bytes in [&b"\n"[..], value] {
            self.truncated |= !append_within(&mut self.data, bytes, self.limit);
        }
    }

    fn dispatch(
        &mut self,
        held: &mut Held<'_>,
        unterminated: bool,
        on_event: &mut (impl FnMut(SseEvent<'_>) + ?Sized),
    ) {
        let Held { event, data } = mem::take(held);
        if self.has_data && !self.skipping {
            on_event(SseEvent {
                event: event.unwrap_or(&self.event),
                data: data.unwrap_or(&self.data),
                id: &self.id,
                truncated: self.truncated,
                unterminated,
            });
        }
        self.skipping = false;
        self.drop_event();
    }

    fn drop_event(&mut self) {
        self.event.clear();
        recycle(&mut self.data);
        self.has_data = false;
        self.truncated = false;
    }

    /// The line without the byte order mark that may precede the first.
    fn without_mark<'a>(&mut self, line: &'a [u8]) -> &'a [u8] {
        if mem::replace(&mut self.at_start, false) {
            line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
        } else {
            line
        }
    }
}

/// The value without the one space that may follow its colon.
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

fn retry_time(value: &[u8]) -> Option<Duration> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = std::str::from_utf8(value).ok()?.parse().ok()?;
    Some(Duration::from_millis(millis))
}
