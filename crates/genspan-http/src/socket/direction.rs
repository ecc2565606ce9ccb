//! The messages of one side of a WebSocket, as text.

use flate2::{Decompress, FlushDecompress, Status};
use genspan_wire::framing::websocket::{Messages, Piece};

/// Bounds a message; of a longer one the beginning is kept.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// What a compressed message leaves out at its end (RFC 7692, section 7.2.2).
const TAIL: &[u8] = &[0, 0, 0xff, 0xff];

/// Puts the messages of one side together and undoes their compression.
#[derive(Debug, Default)]
pub(super) struct Direction {
    messages: Messages,
    message: Message,
}

#[derive(Debug, Default)]
struct Message {
    text: Vec<u8>,
    deflated: Option<Deflated>,
    is_broken: bool,
}

#[derive(Debug)]
struct Deflated {
    state: Decompress,
    /// Each message is compressed by itself.
    is_reset: bool,
}

impl Direction {
    /// Begins one whose messages may be compressed, each by itself or all as one.
    pub(super) fn deflated(is_reset: bool) -> Self {
        let mut direction = Self::default();
        direction.message.deflated = Some(Deflated {
            state: Decompress::new(false),
            is_reset,
        });
        direction
    }

    /// Takes the next bytes and gives the messages that end in them.
    pub(super) fn push(&mut self, bytes: &[u8], on_message: &mut dyn FnMut(&[u8])) {
        let Self { messages, message } = self;
        messages.push(bytes, &mut |piece| {
            message.take(piece);
            if piece.is_last {
                if !message.is_broken {
                    on_message(&message.text);
                }
                message.text = Vec::new();
            }
        });
    }

    /// Tells whether nothing can be read any more.
    pub(super) const fn is_lost(&self) -> bool {
        self.messages.is_lost() || self.message.is_broken
    }
}

impl Message {
    fn take(&mut self, piece: Piece<'_>) {
        match &mut self.deflated {
            Some(deflated) if piece.is_compressed => {
                let is_read = deflated.inflate(piece.bytes, &mut self.text)
                    && (!piece.is_last || deflated.inflate(TAIL, &mut self.text));
                if piece.is_last && deflated.is_reset {
                    deflated.state.reset(false);
                }
                self.is_broken |= !is_read;
            }
            // Nobody agreed on compressing it.
            None if piece.is_compressed => self.is_broken = true,
            _ => {
                let room = MAX_MESSAGE.saturating_sub(self.text.len());
                self.text.extend(piece.bytes.iter().take(room));
            }
        }
    }
}

impl Deflated {
    /// Tells whether the bytes could be read; what is beyond the bound is read and not kept.
    fn inflate(&mut self, mut bytes: &[u8], text: &mut Vec<u8>) -> bool {
        let mut out = Vec::with_capacity(16 * 1024);
        loop {
            let before = self.state.total_in();
            let status = self
                .state
                .decompress_vec(bytes, &mut out, FlushDecompress::Sync);
            let read = usize::try_from(self.state.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(read..).unwrap_or_default();
            let room = MAX_MESSAGE.saturating_sub(text.len());
            text.extend(out.iter().take(room));
            let is_full = out.len() == out.capacity();
            let is_stuck = read == 0 && out.is_empty();
            out.clear();
            match status {
                Err(_) => return false,
                // A sender may end its compression with each message; the next one begins anew.
                Ok(Status::StreamEnd) => {
                    self.state.reset(false);
                    return bytes.is_empty() || bytes == TAIL || self.inflate(bytes, text);
                }
                Ok(_) if (bytes.is_empty() && !is_full) || is_stuck => return bytes.is_empty(),
                Ok(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    fn deflate(state: &mut Compress, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 1024);
        state
            .compress_vec(text, &mut out, FlushCompress::Sync)
            .unwrap();
        out.truncate(out.len() - TAIL.len());
        let mut frame = vec![0xc1, 126];
        frame.extend(u16::try_from(out.len()).unwrap().to_be_bytes());
        frame.extend(out);
        frame
    }

    fn read(direction: &mut Direction, stream: &[u8], size: usize) -> Vec<String> {
        let mut found = Vec::new();
        for chunk in stream.chunks(size) {
            direction.push(chunk, &mut |message| {
                found.push(String::from_utf8_lossy(message).into_owned());
            });
        }
        found
    }

    #[test]
    fn compressed_messages_are_read_in_any_split_with_and_without_what_went_before() {
        let texts = [
            "{\"type\":\"response.create\"}",
            "",
            "{\"type\":\"response.create\"}",
        ];
        let long = "abc".repeat(30_000);
        for is_reset in [false, true] {
            let mut state = Compress::new(Compression::default(), false);
            let mut stream = Vec::new();
            for text in texts.iter().copied().chain([long.as_str()]) {
                stream.extend(deflate(&mut state, text.as_bytes()));
                if is_reset {
                    state.reset();
                }
            }
            stream.extend(b"\x81\x05plain");
            for size in [1, 7, 64, stream.len()] {
                let mut direction = Direction::deflated(is_reset);
                let found = read(&mut direction, &stream, size);
                assert_eq!(found[..3], texts);
                assert_eq!(
                    (found[3].as_str(), found[4].as_str()),
                    (long.as_str(), "plain")
                );
                assert!(!direction.is_lost());
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_given_up() {
        let mut agreed = Direction::deflated(false);
        assert!(read(&mut agreed, b"\xc1\x03\xff\xff\xff\x81\x01a", 64).is_empty());
        assert!(agreed.is_lost());
        let mut plain = Direction::default();
        assert!(read(&mut plain, b"\xc1\x03abc", 64).is_empty());
        assert!(plain.is_lost());
    }
}
