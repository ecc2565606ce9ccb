//! Opens what is imported: files and standard input, as they are or compressed.

use std::{
    fs::File,
    io::{self, BufReader, Chain, Cursor, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{super::file::is_stdin, trouble::FileTrouble};

/// Opens a file or standard input.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, FileTrouble> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(FileTrouble::Io)?;
    Ok(Box::new(file))
}

/// Gives the text of a file by its first bytes: without compression and byte order mark.
///
/// # Errors
///
/// Says what the file is where these bytes tell that it is something else.
pub(super) fn text<'r>(
    reader: impl Read + 'r,
) -> Result<BufReader<Box<dyn Read + 'r>>, FileTrouble> {
    let (start, reader) = begin(reader)?;
    let reader: Box<dyn Read + 'r> = if start.starts_with(&[0x1f, 0x8b]) {
        let (start, reader) = begin(MultiGzDecoder::new(reader))?;
        refuse(&start)?;
        Box::new(reader)
    } else {
        refuse(&start)?;
        Box::new(reader)
    };
    Ok(BufReader::with_capacity(256 * 1024, reader))
}

/// A reader whose first bytes were looked at.
type Begun<R> = Chain<Cursor<Vec<u8>>, R>;

/// Looks at the first bytes, a byte order mark of UTF-8 apart.
fn begin<R: Read>(mut reader: R) -> Result<(Vec<u8>, Begun<R>), FileTrouble> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let mut start = Vec::new();
    let read = reader.by_ref().take(4).read_to_end(&mut start);
    read.map_err(FileTrouble::Io)?;
    let rest = start.strip_prefix(&MARK).map(<[u8]>::to_vec);
    let start = rest.unwrap_or(start);
    Ok((start.clone(), Cursor::new(start).chain(reader)))
}

fn refuse(start: &[u8]) -> Result<(), FileTrouble> {
    match start {
        [b'P', b'K', 3 | 5, ..] => Err(FileTrouble::Zip),
        [0x28, 0xb5, 0x2f, 0xfd] => Err(FileTrouble::Zstd),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
            Err(FileTrouble::Utf16)
        }
        _ => Ok(()),
    }
}
