//! What is kept apart from a span: long texts and lists, each once, by what they are.

pub(crate) mod code;
pub(crate) mod cut;
pub(crate) mod json;
pub(crate) mod restore;

use sha2::{Digest, Sha256};

use crate::Error;

/// Says how long a text or list is before it is kept apart, in bytes.
pub(crate) const LONG: usize = 512;

/// Says how long a piece is at least; shorter ones stay with their span.
const SHORTEST: usize = 64;

/// Names a piece by what it is.
pub(crate) type Hash = [u8; 16];

/// Holds bytes that many spans may share, in the form in which they are written.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) hash: Hash,
    pub(crate) packed: Vec<u8>,
}

/// Holds a part of something that was kept apart.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// Too short to share.
    Inline(Vec<u8>),
    Piece(Piece),
}

/// Holds what was taken out of one place of a message.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Which place, as [`cut`] and [`restore`] count them.
    pub(crate) node: u64,
    pub(crate) segments: Vec<Segment>,
}

/// Names bytes by what they are.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    let digest = Sha256::digest(bytes);
    let mut hash = Hash::default();
    for (to, from) in hash.iter_mut().zip(digest) {
        *to = from;
    }
    hash
}

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// Bytes below which compression gains nothing.
const INCOMPRESSIBLE: usize = 96;

/// The most that a piece may unpack to, against files that someone tampered with.
const LARGEST: usize = 1 << 30;

/// Names bytes fast, where mistaking one for another costs a search or a comparison, and nobody any content.
pub(crate) fn name(bytes: &[u8]) -> Hash {
    twox_hash::XxHash3_128::oneshot(bytes).to_le_bytes()
}

/// Says how hard to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Well.
    Thorough,
    /// In less than half the time and a quarter more room, for when much comes at once.
    Light,
}

impl Effort {
    /// Gives zstd's level; below 0 texts are searched for repetitions, but not written in fewer bits a letter.
    const fn level(self) -> i32 {
        match self {
            Self::Thorough => 1,
            Self::Light => -1,
        }
    }
}

/// Compresses; its memory, which costs more to make than to use, serves for all of a request.
pub(crate) struct Packer(Option<zstd::bulk::Compressor<'static>>, Vec<u8>);

/// Compresses into a buffer that grows as needed, and gives how long the result is.
fn compress(
    compressor: &mut zstd::bulk::Compressor<'_>,
    bytes: &[u8],
    buffer: &mut Vec<u8>,
) -> std::io::Result<usize> {
    let bound = zstd::zstd_safe::compress_bound(bytes.len());
    if buffer.len() < bound {
        buffer.resize(bound, 0);
    }
    compressor.compress_to_buffer(bytes, buffer.as_mut_slice())
}

impl Packer {
    pub(crate) fn new(effort: Effort) -> Self {
        let compressor = zstd::bulk::Compressor::new(effort.level());
        Self(compressor.ok(), Vec::new())
    }

    /// Compresses where that gains something; the first byte says whether it did.
    pub(crate) fn pack(&mut self, bytes: &[u8]) -> Vec<u8> {
        if bytes.len() >= INCOMPRESSIBLE
            && let Some(compressor) = &mut self.0
            && let Ok(length) = compress(compressor, bytes, &mut self.1)
            && length + 8 < bytes.len()
            && let Some(compressed) = self.1.get(..length)
        {
            let mut packed = Vec::with_capacity(length + 1);
            packed.push(ZSTD);
            packed.extend_from_slice(compressed);
            return packed;
        }
        let mut plain = Vec::with_capacity(bytes.len() + 1);
        plain.push(PLAIN);
        plain.extend_from_slice(bytes);
        plain
    }

    pub(crate) fn piece(&mut self, bytes: &[u8]) -> Piece {
        Piece {
            hash: hash(bytes),
            packed: self.pack(bytes),
        }
    }

    pub(crate) fn segment(&mut self, bytes: &[u8]) -> Segment {
        if bytes.len() < SHORTEST {
            Segment::Inline(bytes.to_vec())
        } else {
            Segment::Piece(self.piece(bytes))
        }
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

/// Undoes [`Packer::pack`].
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Damage> {
    match packed.split_first() {
        Some((&PLAIN, bytes)) => Ok(bytes.to_vec()),
        Some((&ZSTD, bytes)) => {
            let size = zstd::bulk::Decompressor::upper_bound(bytes).unwrap_or(LARGEST);
            zstd::bulk::decompress(bytes, size.min(LARGEST))
                .map_err(|error| Damage(format!("content does not unpack: {error}")))
        }
        _ => Err(Damage("content of an unknown form".to_owned())),
    }
}

/// Says that what was read from the file makes no sense.
#[derive(Clone, Debug)]
pub(crate) struct Damage(pub(crate) String);

impl Damage {
    pub(crate) fn into_error(self, path: &std::path::Path) -> Error {
        Error::Corrupt {
            path: path.to_owned(),
            what: self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for effort in [Effort::Thorough, Effort::Light] {
            for bytes in [&b""[..], b"short", &[b'x'; 5_000], &[0, 255, 3]] {
                assert_eq!(unpack(&Packer::new(effort).pack(bytes)).unwrap(), bytes);
            }
            assert!(Packer::new(effort).pack(&[b'x'; 5_000]).len() < 100);
        }
    }

    #[test]
    fn damage_is_told() {
        assert!(unpack(&[]).is_err());
        assert!(unpack(&[9, 1, 2]).is_err());
        assert!(unpack(&[ZSTD, 1, 2, 3]).is_err());
    }
}
