//! Decompression within bounds, so that a small request cannot become a large one unseen.

use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::limits::Reservation;
use crate::refused::{Code, Refused};

/// Names how a message is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Deflate,
    Zstd,
}

/// Zstandard may look this far back, as a power of two: 8 MiB, as RFC 9659 allows in HTTP.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Read at once, and counted before the next.
const STEP: usize = 64 * 1024;

impl Compression {
    /// What is understood, as it is told to clients.
    pub(crate) const ACCEPTED: &str = "gzip, zstd, deflate, identity";

    /// Finds a compression by the name it has in HTTP and gRPC.
    pub(crate) fn named(name: &[u8]) -> Result<Self, Refused> {
        let name = name.trim_ascii().to_ascii_lowercase();
        Ok(match name.as_slice() {
            b"" | b"identity" => Self::None,
            b"gzip" | b"x-gzip" => Self::Gzip,
            b"deflate" => Self::Deflate,
            b"zstd" => Self::Zstd,
            _ => {
                return Err(Refused {
                    code: Code::Unimplemented,
                    ..Refused::media_type(format!(
                        "the encoding {:?} is not understood: send one of {}",
                        String::from_utf8_lossy(&name)
                            .chars()
                            .take(40)
                            .collect::<String>(),
                        Self::ACCEPTED
                    ))
                });
            }
        })
    }

    /// Gives the message that was compressed, of at most `limit` bytes; what it takes is counted in `share`.
    pub(crate) fn undo(
        self,
        bytes: Vec<u8>,
        limit: usize,
        share: &mut Reservation,
    ) -> Result<Vec<u8>, Refused> {
        let packed = bytes.as_slice();
        match self {
            Self::None if bytes.len() > limit => Err(Refused::too_large(
                "the message",
                Some(bytes.len() as u64),
                limit,
            )),
            Self::None => Ok(bytes),
            Self::Gzip => expand("gzip", MultiGzDecoder::new(packed), limit, share),
            Self::Deflate => expand("deflate", ZlibDecoder::new(packed), limit, share),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(packed).map_err(|_| {
                    Refused::internal("there is no memory to undo zstd's compression")
                })?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|_| {
                    Refused::internal("zstd's window cannot be bounded, so it is not read")
                })?;
                expand("zstd", decoder, limit, share)
            }
        }
    }
}

fn expand(
    name: &str,
    mut decoder: impl Read,
    limit: usize,
    share: &mut Reservation,
) -> Result<Vec<u8>, Refused> {
    let mut plain = Vec::new();
    loop {
        let before = plain.len();
        // One byte more than may be tells what is too large from what just fits.
        let step = STEP.min(limit.saturating_add(1).saturating_sub(before));
        let read = decoder.by_ref().take(step as u64).read_to_end(&mut plain);
        read.map_err(|error| unreadable(name, &error))?;
        let more = plain.len() - before;
        if more == 0 {
            return Ok(plain);
        }
        if plain.len() > limit {
            return Err(Refused::too_large("the decompressed message", None, limit));
        }
        share.grow(more)?;
    }
}

fn unreadable(name: &str, error: &io::Error) -> Refused {
    Refused::malformed(format!(
        "the body is not whole {name}, as its headers say it is: {error}"
    ))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::limits::Budget;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(plain: &[u8]) -> Vec<u8> {
        zstd::encode_all(plain, 1).unwrap()
    }

    fn undo(compression: Compression, packed: &[u8], limit: usize) -> Result<Vec<u8>, u16> {
        let mut share = Budget::new(1 << 20).open();
        let undone = compression.undo(packed.to_vec(), limit, &mut share);
        undone.map_err(|refused| refused.status.as_u16())
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    const ALL: [(Compression, Pack); 4] = [
        (Compression::None, <[u8]>::to_vec),
        (Compression::Gzip, gzip),
        (Compression::Deflate, zlib),
        (Compression::Zstd, zstd),
    ];

    #[test]
    fn what_fits_is_read_and_one_byte_more_is_not() {
        let plain: Vec<u8> = (0..200_000_u32).map(|it| (it % 251) as u8).collect();
        for (compression, pack) in ALL {
            let packed = pack(&plain);
            assert_eq!(
                undo(compression, &packed, plain.len()).as_ref(),
                Ok(&plain),
                "{compression:?}"
            );
            assert_eq!(
                undo(compression, &packed, plain.len() - 1),
                Err(413),
                "{compression:?}"
            );
            assert_eq!(
                undo(compression, &pack(b""), 10),
                Ok(Vec::new()),
                "{compression:?}"
            );
        }
    }

    #[test]
    fn what_was_cut_or_is_something_else_is_malformed() {
        for (compression, pack) in ALL.into_iter().skip(1) {
            let packed = pack(&vec![7; 5_000]);
            for cut in 1..packed.len() {
                assert_eq!(
                    undo(compression, &packed[..cut], 1 << 20),
                    Err(400),
                    "{compression:?} {cut}"
                );
            }
            assert_eq!(
                undo(compression, b"{\"resourceSpans\":[]}", 1 << 20),
                Err(400),
                "{compression:?}"
            );
        }
    }

    #[test]
    fn a_bomb_is_stopped_by_what_may_be_under_way() {
        let bomb = gzip(&vec![0; 3 << 20]);
        assert!(bomb.len() < 20_000);
        assert_eq!(undo(Compression::Gzip, &bomb, 1 << 30), Err(429));
    }

    #[test]
    fn names_of_compressions_are_those_of_http_and_grpc() {
        for (name, want) in [
            ("gzip", Compression::Gzip),
            (" GZIP", Compression::Gzip),
            ("zstd", Compression::Zstd),
            ("deflate", Compression::Deflate),
            ("identity", Compression::None),
        ] {
            assert_eq!(Compression::named(name.as_bytes()), Ok(want), "{name}");
        }
        for name in ["br", "gzip, gzip", "snappy"] {
            let refused = Compression::named(name.as_bytes()).unwrap_err();
            assert_eq!(
                (refused.status.as_u16(), refused.code),
                (415, Code::Unimplemented)
            );
        }
        let said = Compression::named(b"br").unwrap_err().message;
        insta::assert_snapshot!(said, @r#"the encoding "br" is not understood: send one of gzip, zstd, deflate, identity"#);
    }
}
