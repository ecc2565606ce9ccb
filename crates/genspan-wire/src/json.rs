//! Reads JSON that is not quite: cut short, or not quite UTF-8.

mod complete;
mod tree;

use std::borrow::Cow;

use crate::framing::BYTE_ORDER_MARK;

pub use complete::complete;
pub(crate) use tree::{Json, Reading, read};

/// Makes text of bytes that should be UTF-8, with U+FFFD for what is not and without a byte order mark.
///
/// `serde_json` refuses a whole document for one bad byte in one string; of this text it does not.
#[must_use]
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
}
