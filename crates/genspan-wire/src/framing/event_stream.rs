//! AWS's binary event streams: messages with headers, each with a checksum over its lengths and one over all of it.
//!
//! A message counts whole or not at all: what its checksum does not vouch for is left out and told. Where only a
//! message is damaged the next one is read on from its end; where its lengths are, reading goes on at the next bytes
//! that are lengths with a right checksum.

mod crc;
mod message;

use std::mem;

use self::crc::{Crc, crc};
pub use self::message::{HeaderValue, Kind, Message};
use super::{append_within, recycle, within};

/// The bytes of headers and payload that are kept of one message unless said otherwise: 8 MiB.
pub const DEFAULT_LIMIT: usize = 8 * 1024 * 1024;

/// The two lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum of a message.
const CHECKSUM: usize = 4;
/// The bytes that every message has.
const FRAME: u32 = 16;

/// What was found in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A message.
    Message(Message<'a>),
    /// A message that could not be read, or bytes that are no message.
    Damage,
}

/// Turns the bytes of an event stream into messages; one parser reads one stream.
#[derive(Debug, Clone)]
pub struct EventStreamParser {
    limit: usize,
    state: State,
    /// The beginning of a prelude, or what is kept of the headers and the payload of the message in progress.
    held: Vec<u8>,
}

#[derive(Debug, Clone)]
enum State {
    /// Between messages.
    Prelude,
    /// Somewhere in what is no message: the next prelude is looked for.
    Lost,
    /// In a message.
    Body(Body),
}

/// A message in progress.
#[derive(Debug, Clone)]
struct Body {
    /// The bytes of the headers.
    headers: usize,
    /// The bytes of headers and payload that did not come yet.
    missing: usize,
    crc: Crc,
    /// As much of the checksum as came.
    checksum: Vec<u8>,
    /// Not all that came was kept.
    is_cut: bool,
}

/// The lengths that a message begins with.
struct Prelude {
    headers: usize,
    /// The bytes of headers and payload.
    body: usize,
}

impl Default for EventStreamParser {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl EventStreamParser {
    /// Begins a stream whose messages may have [`DEFAULT_LIMIT`] bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a stream whose messages may have `limit` bytes of headers and payload; longer ones are cut and marked.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            state: State::Prelude,
            held: Vec::new(),
        }
    }

    /// Reads on, calling back for each message that these bytes end, and for each damage they show.
    pub fn push(&mut self, bytes: &[u8], on_found: &mut (impl FnMut(Found<'_>) + ?Sized)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match &self.state {
                State::Prelude | State::Lost => self.read_prelude(rest, on_found),
                State::Body(_) => self.read_body(rest, on_found),
            };
        }
    }

    /// Tells that bytes were lost here: the message in progress is dropped, and reading resumes at the next prelude.
    pub fn skip(&mut self) {
        recycle(&mut self.held);
        self.state = State::Lost;
    }

    /// Ends the input and makes the parser ready for another stream. A message in progress is left out: nothing
    /// vouches for what came of it.
    pub fn finish(&mut self) {
        *self = Self::with_limit(self.limit);
    }

    /// Reads a prelude, or goes on looking for one; gives what follows.
    fn read_prelude<'b>(
        &mut self,
        bytes: &'b [u8],
        on_found: &mut (impl FnMut(Found<'_>) + ?Sized),
    ) -> &'b [u8] {
        if self.held.is_empty()
            && let Some((start, rest)) = bytes.split_at_checked(PRELUDE)
        {
            if let Some(prelude) = prelude(start) {
                return self.begin(&prelude, start, rest, on_found);
            }
            self.lose(on_found);
            return bytes.get(1..).unwrap_or_default();
        }
        let missing = PRELUDE.saturating_sub(self.held.len());
        let (taken, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        self.held.extend_from_slice(taken);
        if self.held.len() < PRELUDE {
            return rest;
        }
        let mut start = mem::take(&mut self.held);
        if let Some(prelude) = prelude(&start) {
            return self.begin(&prelude, &start, rest, on_found);
        }
        self.lose(on_found);
        start.remove(0);
        self.held = start;
        rest
    }

    /// Tells of damage, once for all bytes up to the next prelude.
    fn lose(&mut self, on_found: &mut (impl FnMut(Found<'_>) + ?Sized)) {
        if !matches!(mem::replace(&mut self.state, State::Lost), State::Lost) {
            on_found(Found::Damage);
        }
    }

    /// Begins a message; one that is here as a whole is read in place.
    fn begin<'b>(
        &mut self,
        prelude: &Prelude,
        start: &[u8],
        rest: &'b [u8],
        on_found: &mut (impl FnMut(Found<'_>) + ?Sized),
    ) -> &'b [u8] {
        let mut checksum = Crc::default();
        checksum.update(start);
        if let Some((body, after)) = rest.split_at_checked(prelude.body)
            && let Some((stated, after)) = after.split_first_chunk::<CHECKSUM>()
        {
            checksum.update(body);
            let (kept, whole) = within(body, self.limit);
            let is_right = checksum.value() == u32::from_be_bytes(*stated);
            on_found(found(is_right, prelude.headers, kept, !whole));
            self.state = State::Prelude;
            return after;
        }
        self.state = State::Body(Body {
            headers: prelude.headers,
            missing: prelude.body,
            crc: checksum,
            checksum: Vec::with_capacity(CHECKSUM),
            is_cut: false,
        });
        rest
    }

    /// Goes on with the message in progress; gives what follows it.
    fn read_body<'b>(
        &mut self,
        bytes: &'b [u8],
        on_found: &mut (impl FnMut(Found<'_>) + ?Sized),
    ) -> &'b [u8] {
        let State::Body(body) = &mut self.state else {
            return bytes;
        };
        let (taken, rest) = bytes.split_at_checked(body.missing).unwrap_or((bytes, &[]));
        body.missing = body.missing.saturating_sub(taken.len());
        body.crc.update(taken);
        body.is_cut |= !append_within(&mut self.held, taken, self.limit);
        let wanted = CHECKSUM.saturating_sub(body.checksum.len());
        let (stated, rest) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
        body.checksum.extend_from_slice(stated);
        if body.missing > 0 || body.checksum.len() < CHECKSUM {
            return rest;
        }
        let is_right = body.checksum == body.crc.value().to_be_bytes();
        on_found(found(is_right, body.headers, &self.held, body.is_cut));
        recycle(&mut self.held);
        self.state = State::Prelude;
        rest
    }
}

/// Reads the lengths; `None` where their checksum is wrong or no message can have them.
fn prelude(bytes: &[u8]) -> Option<Prelude> {
    let (lengths, stated) = bytes.split_at_checked(8)?;
    let (total, headers) = lengths.split_first_chunk()?;
    let total = u32::from_be_bytes(*total);
    let headers = u32::from_be_bytes(*headers.first_chunk()?);
    let body = total.checked_sub(FRAME).filter(|body| headers <= *body)?;
    let is_right = crc(lengths) == u32::from_be_bytes(*stated.first_chunk()?);
    Some(Prelude {
        headers: usize::try_from(headers).ok().filter(|_| is_right)?,
        body: usize::try_from(body).ok()?,
    })
}

fn found(is_right: bool, headers: usize, body: &[u8], truncated: bool) -> Found<'_> {
    let message = || {
        let (headers, payload) = body.split_at_checked(headers)?;
        Message::new(headers, payload, truncated)
    };
    is_right
        .then(message)
        .flatten()
        .map_or(Found::Damage, Found::Message)
}
