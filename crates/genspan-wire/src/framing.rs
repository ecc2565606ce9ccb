//! Splits bodies into frames as their bytes arrive, whatever the chunks they arrive in.
//!
//! Every parser here takes bytes and calls back with the frames they end. None of them fails: what cannot be
//! understood is left out, what is too long is cut and says so, and lost bytes cost the frames they touched and no
//! others. What was said counts even where the last frame was never ended, but for frames with a checksum, which count
//! whole or not at all.
//!
//! ```
//! use genspan_wire::framing::{Frames, Framing};
//!
//! let mut frames = Frames::new(Framing::from_content_type("text/event-stream; charset=utf-8"));
//! let mut seen = Vec::new();
//! for chunk in [&b"data: {\"a\""[..], b":1}\n\ndata: [DONE]"] {
//!     frames.push(chunk, &mut |frame| seen.push(frame.bytes().to_vec()));
//! }
//! frames.finish(&mut |frame| seen.push(frame.bytes().to_vec()));
//! assert_eq!(seen, [b"{\"a\":1}".to_vec(), b"[DONE]".to_vec()]);
//! ```

pub mod array;
pub mod event_stream;
mod frames;
pub mod ndjson;
pub mod sse;
pub mod websocket;
pub mod whole;

pub use frames::{Frame, Frames, Framing};

/// What some servers put before the first byte of UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Appends what fits until `buffer` holds `limit` bytes, and says whether all of it did.
fn append_within(buffer: &mut Vec<u8>, bytes: &[u8], limit: usize) -> bool {
    let (kept, whole) = within(bytes, limit.saturating_sub(buffer.len()));
    buffer.extend_from_slice(kept);
    whole
}

/// The first `limit` bytes, and whether these are all.
pub(crate) fn within(bytes: &[u8], limit: usize) -> (&[u8], bool) {
    match bytes.get(..limit) {
        Some(kept) => (kept, kept.len() == bytes.len()),
        None => (bytes, true),
    }
}

/// Empties a buffer for the next frame without holding on to what one huge frame needed.
fn recycle(buffer: &mut Vec<u8>) {
    const WORTH_KEEPING: usize = 64 * 1024;
    if buffer.capacity() > WORTH_KEEPING {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}
