//! The frames of a WebSocket connection (RFC 6455), one direction of it.

/// Holds a part of a message's payload, unmasked, as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes; compressed where the message is.
    pub bytes: &'a [u8],
    /// Whether the message's payload went through an extension, of which there is one: `permessage-deflate`.
    pub is_compressed: bool,
    /// Whether the message ends with it.
    pub is_last: bool,
}

/// Finds the messages in one direction of a connection, whatever the chunks that its bytes arrive in.
///
/// It keeps no payload. Control frames, which may stand between a message's fragments, are passed over. After bytes
/// that no frame begins with nothing is found any more: where the next one begins cannot be known.
///
/// ```
/// use genspan_wire::framing::websocket::Messages;
///
/// let mut messages = Messages::default();
/// let mut said = Vec::new();
/// for chunk in [&b"\x01\x03Hel"[..], b"\x80", b"\x02lo"] {
///     messages.push(chunk, &mut |piece| said.extend_from_slice(piece.bytes));
/// }
/// assert_eq!(said, b"Hello");
/// assert!(!messages.is_lost());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The bytes of a header that is not yet whole.
    header: Vec<u8>,
    frame: Option<Frame>,
    /// The message that is not yet whole went through an extension.
    message: Option<bool>,
    is_lost: bool,
}

#[derive(Clone, Debug)]
struct Frame {
    is_control: bool,
    is_final: bool,
    is_compressed: bool,
    /// How much of the payload is still to come.
    left: u64,
    mask: Option<[u8; 4]>,
    /// Where in the mask the next byte stands.
    turn: usize,
}

impl Messages {
    /// Takes the next bytes, and gives the pieces of messages in them; a message without payload gives an empty one.
    pub fn push(&mut self, mut bytes: &[u8], on_piece: &mut dyn FnMut(Piece<'_>)) {
        while !self.is_lost {
            if let Some(frame) = &mut self.frame {
                let len = usize::try_from(frame.left).unwrap_or(usize::MAX);
                let (payload, rest) = bytes.split_at(len.min(bytes.len()));
                bytes = rest;
                frame.left -= payload.len() as u64;
                let ends = frame.left == 0;
                if !frame.is_control && (ends || !payload.is_empty()) {
                    frame.give(payload, ends, on_piece);
                }
                if !ends {
                    return;
                }
                self.frame = None;
            }
            let Some((first, rest)) = bytes.split_first() else {
                return;
            };
            self.header.push(*first);
            bytes = rest;
            self.read_header();
        }
    }

    /// Tells whether bytes came that are no frame.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Begins a frame, once its header is whole.
    fn read_header(&mut self) {
        let [first, second, rest @ ..] = self.header.as_slice() else {
            return;
        };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_len = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < extended + mask_len {
            return;
        }
        let (length, mask) = rest.split_at(extended);
        let left = match extended {
            0 => u64::from(second & 0x7f),
            _ => length
                .iter()
                .fold(0, |number, byte| (number << 8) | u64::from(*byte)),
        };
        let (opcode, is_final, reserved) = (first & 0x0f, first & 0x80 != 0, first & 0x70);
        let is_control = opcode >= 8;
        // Only a message's first frame says whether it is compressed.
        let is_compressed = match (opcode, self.message) {
            (8..=10, _) if is_final && extended == 0 && reserved == 0 => false,
            (0, Some(is_compressed)) if reserved == 0 => is_compressed,
            (1 | 2, None) if reserved & 0x30 == 0 => reserved != 0,
            _ => return self.is_lost = true,
        };
        if !is_control {
            self.message = (!is_final).then_some(is_compressed);
        }
        self.frame = Some(Frame {
            is_control,
            is_final,
            is_compressed,
            left,
            mask: mask.try_into().ok(),
            turn: 0,
        });
        self.header.clear();
    }
}

impl Frame {
    fn give(&mut self, payload: &[u8], ends: bool, on_piece: &mut dyn FnMut(Piece<'_>)) {
        let (is_compressed, is_last) = (self.is_compressed, ends && self.is_final);
        let mut give = |bytes: &[u8]| {
            on_piece(Piece {
                bytes,
                is_compressed,
                is_last,
            });
        };
        match self.mask {
            None => give(payload),
            Some(mask) => {
                let masks = mask.iter().cycle().skip(self.turn);
                let plain: Vec<u8> = payload
                    .iter()
                    .zip(masks)
                    .map(|(byte, it)| byte ^ it)
                    .collect();
                self.turn = (self.turn + payload.len()) % mask.len();
                give(&plain);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the messages, each with whether it is compressed.
    fn messages(chunks: &[&[u8]]) -> (Vec<(Vec<u8>, bool)>, bool) {
        let mut found = Vec::new();
        let mut current = Vec::new();
        let mut messages = Messages::default();
        for chunk in chunks {
            messages.push(chunk, &mut |piece| {
                current.extend_from_slice(piece.bytes);
                if piece.is_last {
                    found.push((std::mem::take(&mut current), piece.is_compressed));
                }
            });
        }
        (found, messages.is_lost())
    }

    fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
        let mut frame = vec![first];
        let masked = if mask.is_some() { 0x80 } else { 0 };
        match payload.len() {
            len @ 0..126 => frame.push(masked | u8::try_from(len).unwrap()),
            len @ 126..65536 => {
                frame.push(masked | 126);
                frame.extend(u16::try_from(len).unwrap().to_be_bytes());
            }
            len => {
                frame.push(masked | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend(mask.iter().flatten());
        let mask = mask.unwrap_or_default();
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
        frame
    }

    #[test]
    fn every_split_gives_the_same_messages() {
        let long = vec![b'l'; 70_000];
        let mut stream = frame(0x81, b"one", Some([1, 2, 3, 4]));
        stream.extend(frame(0x41, b"two", None));
        stream.extend(frame(0x89, b"ping", Some([9; 4])));
        stream.extend(frame(0x80, b" fragments", Some([4, 3, 2, 1])));
        stream.extend(frame(0x82, &[], None));
        stream.extend(frame(0x81, &[b'x'; 300], None));
        let expected = vec![
            (b"one".to_vec(), false),
            (b"two fragments".to_vec(), true),
            (Vec::new(), false),
            (vec![b'x'; 300], false),
        ];
        for at in 0..stream.len() {
            let (before, after) = stream.split_at(at);
            assert_eq!(
                messages(&[before, after]),
                (expected.clone(), false),
                "{at}"
            );
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(messages(&bytes).0, expected);
        let huge = frame(0x82, &long, Some([7; 4]));
        let pieces: Vec<&[u8]> = huge.chunks(1000).collect();
        assert_eq!(messages(&pieces).0, [(long, false)]);
    }

    #[test]
    fn what_is_no_frame_ends_the_finding() {
        for bytes in [
            &b"\x80\x01a\x81\x01b"[..],      // goes on with no message
            b"\x83\x01a\x81\x01b",           // reserved kind
            b"\xa1\x01a\x81\x01b",           // reserved bit
            b"\x09\x01a\x81\x01b",           // control frame in fragments
            b"\x01\x01a\x81\x01b",           // new message amid another
            b"HTTP/1.1 400 Bad Request\r\n", // no frames at all
        ] {
            let (found, is_lost) = messages(&[bytes]);
            assert!(is_lost && found.is_empty(), "{bytes:?}");
        }
    }
}
