//! Reads JSON that is not quite: cut short, or not quite UTF-8.

mod complete;
mod passing;
mod scan;
mod seen;
mod tree;

use std::borrow::Cow;

use crate::framing::BYTE_ORDER_MARK;

pub use complete::complete;
pub(crate) use passing::Passing;
pub(crate) use scan::Scanner;
pub(crate) use seen::{Beginning, Seen};
pub(crate) use tree::{Json, Reading, read, read_passing};

/// Makes text of bytes that should be UTF-8, with U+FFFD for what is not and without a byte order mark.
///
/// `serde_json` refuses a whole document for one bad byte in one string; of this text it does not.
#[must_use]
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // Nearly all is UTF-8, and to find that out is much quicker than to mend it.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
