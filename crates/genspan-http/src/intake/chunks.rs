//! Small chunks of a response, gathered in one buffer.

use bytes::Bytes;
use genspan::Timestamp;

/// Holds copies of small chunks in a row, with their times.
///
/// A reference to a small chunk keeps the whole buffer that it was read into, which for a thousand streams is a
/// great deal; copying what is small costs less than holding on to it.
#[derive(Debug)]
pub(crate) struct Chunks {
    bytes: Vec<u8>,
    /// Where each chunk ends, and when it came.
    ends: Vec<(usize, Timestamp)>,
}

impl Chunks {
    /// The longest chunk that is copied.
    pub(super) const SMALL: usize = 4 * 1024;
    /// How many chunks one buffer is made for.
    const FEW: usize = 16;
    /// How much one buffer may hold.
    const MOST: usize = 16 * 1024;

    pub(super) fn of(chunk: &[u8], at: Timestamp) -> Self {
        let mut chunks = Self {
            bytes: Vec::with_capacity((chunk.len() * Self::FEW).clamp(512, Self::MOST)),
            ends: Vec::with_capacity(Self::FEW),
        };
        chunks.push(chunk, at);
        chunks
    }

    pub(super) fn has_room_for(&self, chunk: &[u8]) -> bool {
        self.bytes.len() + chunk.len() <= Self::MOST
    }

    pub(super) fn push(&mut self, chunk: &[u8], at: Timestamp) {
        self.bytes.extend_from_slice(chunk);
        self.ends.push((self.bytes.len(), at));
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) const fn count(&self) -> usize {
        self.ends.len()
    }

    /// Gives the chunks back, as they came.
    pub(super) fn into_pieces(self) -> impl Iterator<Item = (Bytes, Timestamp)> {
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        self.ends.into_iter().map(move |(end, at)| {
            let piece = bytes.slice(start..end);
            start = end;
            (piece, at)
        })
    }
}
