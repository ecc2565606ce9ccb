//! Opens what is imported: files and standard input, as they are or compressed.

use std::{
    fs::File,
    io::{self, BufReader, Chain, Cursor, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::file::is_stdin;

/// Holds a text that can be read, and how it begins.
pub(super) struct Text<'r> {
    /// The first bytes, 16 where there are so many.
    pub(super) start: Vec<u8>,
    pub(super) reader: BufReader<Box<dyn Read + 'r>>,
}

/// Opens a file or standard input.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path)?))
}

/// Gives a text without compression, which its first bytes tell, and without byte order mark.
pub(super) fn text<'r>(reader: impl Read + 'r) -> io::Result<Text<'r>> {
    let (start, reader) = begin(reader)?;
    match start.as_slice() {
        [0x1f, 0x8b, ..] => buffered(begin(MultiGzDecoder::new(reader))?),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => buffered(begin(zstd::stream::read::Decoder::new(reader)?)?),
        _ => buffered((start, reader)),
    }
}

fn buffered<'r>((start, reader): (Vec<u8>, impl Read + 'r)) -> io::Result<Text<'r>> {
    let reader: Box<dyn Read + 'r> = Box::new(reader);
    let reader = BufReader::with_capacity(256 * 1024, reader);
    Ok(Text { start, reader })
}

/// A reader whose first bytes were looked at.
type Begun<R> = Chain<Cursor<Vec<u8>>, R>;

/// Looks at the first bytes, a byte order mark of UTF-8 apart.
fn begin<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, Begun<R>)> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let mut start = Vec::new();
    reader.by_ref().take(16).read_to_end(&mut start)?;
    let rest = start.strip_prefix(&MARK).map(<[u8]>::to_vec);
    let start = rest.unwrap_or(start);
    Ok((start.clone(), Cursor::new(start).chain(reader)))
}
