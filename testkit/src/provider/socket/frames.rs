//! Frames of WebSockets as a server reads and writes them (RFC 6455), with compressed messages (RFC 7692).

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest message that is read, before and after decompression.
const LIMIT: usize = 64 << 20;
/// Messages from this length on go out in two fragments.
const FRAGMENTED: usize = 512;
/// What a compressed message leaves out at its end.
const TAIL: &[u8] = &[0, 0, 0xff, 0xff];

const FIN: u8 = 0x80;
const COMPRESSED: u8 = 0x40;
const MASKED: u8 = 0x80;

/// What the client sent.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// Text or bytes.
    Said(Vec<u8>),
    Ping(Vec<u8>),
    Close(Vec<u8>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Opcode {
    Continuation = 0,
    Text = 1,
    Close = 8,
    Pong = 10,
}

/// Puts messages together from masked frames.
pub(super) struct Reader {
    message: Vec<u8>,
    is_compressed: bool,
    inflate: Option<Decompress>,
}

impl Reader {
    pub(super) fn new(deflates: bool) -> Self {
        Self {
            message: Vec::new(),
            is_compressed: false,
            inflate: deflates.then(|| Decompress::new(false)),
        }
    }

    /// Reads the next message; `None` where the connection ends.
    pub(super) async fn next(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Option<Message>> {
        loop {
            let Ok(first) = from.read_u8().await else {
                return Ok(None);
            };
            let payload = payload(from).await?;
            match first & 0x0f {
                0x8 => return Ok(Some(Message::Close(payload))),
                0x9 => return Ok(Some(Message::Ping(payload))),
                0xa => continue,
                0x0 => {}
                _ => self.is_compressed = first & COMPRESSED != 0,
            }
            self.message.extend(payload);
            if self.message.len() > LIMIT {
                return Err(io::Error::other("the message is too long"));
            }
            if first & FIN != 0 {
                return self.taken().map(|message| Some(Message::Said(message)));
            }
        }
    }

    fn taken(&mut self) -> io::Result<Vec<u8>> {
        let mut message = std::mem::take(&mut self.message);
        if !self.is_compressed {
            return Ok(message);
        }
        let inflate = self
            .inflate
            .as_mut()
            .ok_or_else(|| io::Error::other("nobody agreed on compression"))?;
        message.extend(TAIL);
        let mut text = Vec::new();
        let mut rest = message.as_slice();
        while text.len() <= LIMIT {
            text.reserve(rest.len().max(1024) * 4);
            let before = inflate.total_in();
            inflate
                .decompress_vec(rest, &mut text, FlushDecompress::Sync)
                .map_err(io::Error::other)?;
            let read = usize::try_from(inflate.total_in() - before).unwrap_or(usize::MAX);
            rest = rest.get(read..).unwrap_or_default();
            if rest.is_empty() && text.len() < text.capacity() {
                return Ok(text);
            }
        }
        Err(io::Error::other("the message is too long"))
    }
}

async fn payload(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let second = from.read_u8().await?;
    let length = match second & !MASKED {
        126 => u64::from(from.read_u16().await?),
        127 => from.read_u64().await?,
        short => u64::from(short),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if second & MASKED == 0 || length > LIMIT {
        return Err(io::Error::other(
            "clients mask what they send, and keep it short",
        ));
    }
    let mask = from.read_u32().await?.to_be_bytes();
    let mut payload = vec![0; length];
    from.read_exact(&mut payload).await?;
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
    Ok(payload)
}

/// Writes messages as unmasked frames.
pub(super) struct Writer {
    deflate: Option<Compress>,
}

impl Writer {
    pub(super) fn new(deflates: bool) -> Self {
        Self {
            deflate: deflates.then(|| Compress::new(Compression::default(), false)),
        }
    }

    /// Gives the frames of a message.
    pub(super) fn message(&mut self, text: &[u8]) -> io::Result<Vec<u8>> {
        let (payload, flags) = match &mut self.deflate {
            Some(deflate) => (deflated(deflate, text)?, COMPRESSED),
            None => (text.to_vec(), 0),
        };
        if payload.len() < FRAGMENTED {
            return Ok(frame(FIN | flags | Opcode::Text as u8, &payload));
        }
        let (begin, rest) = payload.split_at(payload.len() / 2);
        let mut frames = frame(flags | Opcode::Text as u8, begin);
        frames.extend(frame(FIN | Opcode::Continuation as u8, rest));
        Ok(frames)
    }

    /// Gives a control frame.
    pub(super) fn control(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
        frame(FIN | opcode as u8, payload)
    }
}

fn deflated(deflate: &mut Compress, text: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        out.reserve(rest.len() + 64);
        let before = deflate.total_in();
        deflate
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .map_err(io::Error::other)?;
        let read = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
        rest = rest.get(read..).unwrap_or_default();
        if rest.is_empty() && out.len() < out.capacity() {
            out.truncate(out.len().saturating_sub(TAIL.len()));
            return Ok(out);
        }
    }
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    let length = payload.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..126), _) => frame.push(short),
        (_, Ok(medium)) => {
            frame.push(126);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}
