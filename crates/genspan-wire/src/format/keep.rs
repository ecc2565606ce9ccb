//! What one exchange may cost in memory, however many texts it has.

use std::borrow::Cow;

use crate::bounded::{BoundedText, DEFAULT_LIMIT};

/// The bytes of content that are kept of one answer.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The bytes a piece is counted for at least, so that many small ones are bounded too.
const PIECE: usize = 256;

/// Counts what is kept of an exchange and refuses what is too much.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    room: usize,
    refused: bool,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            room: MAX_BYTES,
            refused: false,
        }
    }
}

impl Keep {
    /// Asks whether a new piece of the given size may be kept.
    pub(crate) const fn piece(&mut self, bytes: usize) -> bool {
        self.take(bytes.saturating_add(PIECE))
    }

    /// Appends to a text: beyond its own bound it grows no more and costs nothing.
    pub(crate) fn push(&mut self, text: &mut BoundedText, piece: Cow<'_, str>) {
        if text.len_seen() >= DEFAULT_LIMIT as u64 || self.take(piece.len().min(DEFAULT_LIMIT)) {
            text.push(piece);
        }
    }

    /// Notes that something was left out.
    pub(crate) const fn refuse(&mut self) {
        self.refused = true;
    }

    pub(crate) const fn has_refused(&self) -> bool {
        self.refused
    }

    /// Asks whether so many bytes more may be kept.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                true
            }
            None => {
                self.refused = true;
                false
            }
        }
    }
}
