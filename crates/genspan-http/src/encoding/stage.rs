//! One compression, undone chunk by chunk.

use std::{
    fmt,
    io::{self, Write},
};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use genspan::Diagnostic;

/// Undoes one compression.
pub(super) enum Stage {
    Gzip(MultiGzDecoder<Plain>),
    /// `deflate` before its first two bytes: they tell zlib's form, which is meant, from the bare one, which is sent.
    Deflate(Option<u8>),
    Zlib(ZlibDecoder<Plain>),
    Bare(DeflateDecoder<Plain>),
    Brotli(Box<DecompressorWriter<Plain>>),
    Zstd(zstd::stream::write::Decoder<'static, Plain>),
}

/// Takes what comes out, up to a bound.
#[derive(Debug, Default)]
pub(super) struct Plain {
    bytes: Vec<u8>,
    left: usize,
    is_full: bool,
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.left);
        if taken == 0 && !bytes.is_empty() {
            self.is_full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes.split_at(taken).0);
        self.left -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage {
    /// What brotli's decoder works with.
    const BUFFER: usize = 4096;
    /// Bounds zstd's window to the 8 MiB that RFC 9659 allows in HTTP.
    const ZSTD_WINDOW_LOG: u32 = 23;

    /// Finds the decoder of an encoding by its name in lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" | "x-gzip" => Self::Gzip(MultiGzDecoder::new(Plain::default())),
            "deflate" => Self::Deflate(None),
            "br" => Self::Brotli(Box::new(DecompressorWriter::new(
                Plain::default(),
                Self::BUFFER,
            ))),
            "zstd" => {
                let mut decoder = zstd::stream::write::Decoder::new(Plain::default()).ok()?;
                decoder.window_log_max(Self::ZSTD_WINDOW_LOG).ok()?;
                Self::Zstd(decoder)
            }
            _ => return None,
        })
    }

    /// Gives what can be read so far, at most `limit` bytes, and what went wrong.
    pub(super) fn push(&mut self, bytes: &[u8], limit: usize) -> (Vec<u8>, Option<Diagnostic>) {
        let mut bytes = bytes;
        let start;
        if let Self::Deflate(first) = self {
            start = first
                .iter()
                .copied()
                .chain(bytes.iter().copied())
                .collect::<Vec<u8>>();
            match start.as_slice() {
                [] => return (Vec::new(), None),
                [only] => {
                    *self = Self::Deflate(Some(*only));
                    return (Vec::new(), None);
                }
                [first, second, ..] if is_zlib(*first, *second) => {
                    *self = Self::Zlib(ZlibDecoder::new(Plain::default()))
                }
                [..] => *self = Self::Bare(DeflateDecoder::new(Plain::default())),
            }
            bytes = &start;
        }
        match self {
            Self::Gzip(decoder) => expand(decoder, MultiGzDecoder::get_mut, bytes, limit),
            Self::Zlib(decoder) => expand(decoder, ZlibDecoder::get_mut, bytes, limit),
            Self::Bare(decoder) => expand(decoder, DeflateDecoder::get_mut, bytes, limit),
            Self::Brotli(decoder) => {
                expand(&mut **decoder, DecompressorWriter::get_mut, bytes, limit)
            }
            Self::Zstd(decoder) => {
                expand(decoder, zstd::stream::write::Decoder::get_mut, bytes, limit)
            }
            Self::Deflate(_) => (Vec::new(), None),
        }
    }

    /// Tells whether the body ended where its compression does, as far as its form has an end to check.
    pub(super) fn is_whole(&mut self) -> bool {
        match self {
            Self::Gzip(decoder) => decoder.try_finish().is_ok(),
            Self::Brotli(decoder) => decoder.close().is_ok(),
            // These decoders take an early end for an end; what is missing then shows in what was read.
            Self::Deflate(_) | Self::Zlib(_) | Self::Bare(_) | Self::Zstd(_) => true,
        }
    }
}

fn expand<D: Write>(
    decoder: &mut D,
    plain: impl Fn(&mut D) -> &mut Plain,
    bytes: &[u8],
    limit: usize,
) -> (Vec<u8>, Option<Diagnostic>) {
    plain(decoder).left = limit;
    // The flush brings out what the decoder could read and still keeps to itself.
    let result = decoder.write_all(bytes).and_then(|()| decoder.flush());
    let plain = plain(decoder);
    let expanded = std::mem::take(&mut plain.bytes);
    let trouble = result.err().map(|_| {
        if plain.is_full {
            Diagnostic::BodyTooLong
        } else {
            Diagnostic::EncodingUnreadable
        }
    });
    (expanded, trouble)
}

/// Tells whether these two bytes begin zlib's form (RFC 1950).
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31)
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip(_) => "Gzip",
            Self::Deflate(_) | Self::Zlib(_) | Self::Bare(_) => "Deflate",
            Self::Brotli(_) => "Brotli",
            Self::Zstd(_) => "Zstd",
        })
    }
}
