//! Compression of recorded bodies: some recorders undo it, some do not, and the header stays either way.

use std::borrow::Cow;

use genspan_http::BodyDecoder;
use http::HeaderValue;

use super::body::BodyError;

/// Holds a body without its compression.
#[derive(Debug)]
pub(super) struct Unpacked<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Not all of it could be read.
    pub(super) is_damaged: bool,
}

/// Undoes what compression the bytes have, whatever the header says of it.
pub(super) fn unpacked<'a>(
    bytes: Cow<'a, [u8]>,
    packing: &[String],
    content_type: Option<&str>,
) -> Result<Unpacked<'a>, BodyError> {
    let plain = |bytes| {
        Ok(Unpacked {
            bytes,
            is_damaged: false,
        })
    };
    let names: Vec<&str> = match mark(&bytes) {
        Some(name) if packing.last().is_some_and(|last| last.contains(name)) => {
            packing.iter().map(String::as_str).collect()
        }
        Some(name) => vec![name],
        None if is_text(&bytes) || is_binary_stream(content_type) && is_stream_start(&bytes) => {
            return plain(bytes);
        }
        None => {
            let is_unmarked = |name: &&str| !["gzip", "x-gzip", "zstd", "identity"].contains(name);
            let names = packing.iter().map(String::as_str).filter(is_unmarked);
            names.collect()
        }
    };
    if names.is_empty() || bytes.is_empty() {
        return plain(bytes);
    }
    let (read, is_damaged) = decoded(&bytes, &names);
    if read.is_empty() && is_damaged {
        return Err(BodyError::Packed);
    }
    Ok(Unpacked {
        bytes: Cow::Owned(read),
        is_damaged,
    })
}

/// Gives what can be read, and whether that is not all.
fn decoded(bytes: &[u8], names: &[&str]) -> (Vec<u8>, bool) {
    let encodings = names.iter().map(|name| HeaderValue::from_str(name));
    let Ok(encodings) = encodings.collect::<Result<Vec<_>, _>>() else {
        return (Vec::new(), true);
    };
    let mut decoder = BodyDecoder::new(&encodings);
    let (mut read, mut is_damaged) = (Vec::new(), false);
    // In pieces, so that what stands before a damage is not lost.
    for piece in bytes.chunks(16 * 1024) {
        is_damaged |= decoder
            .push(piece, &mut |plain| read.extend_from_slice(plain))
            .is_err();
    }
    is_damaged |= decoder.finish().is_err();
    (read, is_damaged)
}

/// Names the compression that begins with these bytes, for those that begin in their own way.
fn mark(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

/// Tells whether bytes begin as answers of models do that are text: JSON, lines of it, event streams, or a page of HTML.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let is_field = FIELDS.iter().any(|field| text.starts_with(field));
    is_field || matches!(text, [b'{' | b'[' | b'"' | b'<', ..] | [])
}

/// Tells whether something can be made of these bytes.
pub(super) fn is_readable(bytes: &[u8]) -> bool {
    is_text(bytes) || mark(bytes).is_some() || is_stream_start(bytes)
}

/// Tells whether a body is labelled as Amazon's binary event stream.
pub(super) fn is_binary_stream(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|label| label.to_ascii_lowercase().contains("amazon.eventstream"))
}

/// Tells whether bytes may begin Amazon's binary event stream: with the length of a message, of up to 16 MiB.
fn is_stream_start(bytes: &[u8]) -> bool {
    matches!(bytes, [0, _, _, _, 0, 0, ..])
}
