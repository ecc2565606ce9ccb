//! Tells HAR files from others by their first bytes.

use std::{
    io::{BufReader, Read},
    path::Path,
};

use super::{
    super::{progress::Progress, source},
    trouble::FileTrouble,
};

/// Opens a file or standard input, and shows how far it is read.
///
/// # Errors
///
/// Says what the file is where its first bytes tell that it is something else.
pub(super) fn open<'p>(
    path: &Path,
    progress: &'p Progress,
) -> Result<BufReader<Box<dyn Read + 'p>>, FileTrouble> {
    let opened = source::open(path).map_err(FileTrouble::Io)?;
    let text = source::text(progress.watch(opened)).map_err(FileTrouble::Io)?;
    match text.start.as_slice() {
        [b'P', b'K', 3 | 5, ..] => Err(FileTrouble::Zip),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
            Err(FileTrouble::Utf16)
        }
        _ => Ok(text.reader),
    }
}
