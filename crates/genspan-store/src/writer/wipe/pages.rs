//! What stands in the pages of the file where no row is any more.
//!
//! SQLite overwrites rows that are deleted, but not the places that rows were moved away from when a page became too full or
//! too empty: their bytes stay between the numbers of a page's cells and its first cell. The layout is that of SQLite's
//! documentation of its file format, and has been the same since 2004.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    iter,
    ops::Range,
};

/// Bytes that are read at once, a multiple of any page.
const READ: usize = 1 << 20;

/// The byte of the file that SQLite locks, whose page holds nothing.
const LOCKED: u64 = 0x4000_0000;

/// Pages from which on the number of a page could be taken for what kind it is.
const MOST: u64 = 1 << 24;

/// Holds how a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    page: usize,
    /// Bytes of a page that SQLite uses.
    usable: usize,
    /// Whether there are pages that say which page belongs to which.
    has_map: bool,
}

impl Layout {
    fn of(header: &[u8]) -> Option<Self> {
        if !header.starts_with(b"SQLite format 3\0") {
            return None;
        }
        let page = match short(header, 16)? {
            1 => 65_536,
            size if size.is_power_of_two() && size >= 512 => size,
            _ => return None,
        };
        let reserved = usize::from(*header.get(20)?);
        Some(Self {
            page,
            usable: page.checked_sub(reserved)?,
            has_map: header.get(52..56)? != [0; 4],
        })
    }

    /// Tells whether a page holds no rows, whatever its first byte says.
    const fn is_other(self, number: u64) -> bool {
        let locked = LOCKED / self.page as u64 + 1;
        if number == locked {
            return true;
        }
        let each = (self.usable / 5 + 1) as u64;
        if !self.has_map || number < 2 {
            return false;
        }
        let map = (number - 2) / each * each + 2;
        number == if map == locked { map + 1 } else { map }
    }
}

/// Reads a number of two bytes.
fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    let bytes = <[u8; 2]>::try_from(bytes).ok()?;
    Some(usize::from(u16::from_be_bytes(bytes)))
}

/// Gives the bytes of a page's own header; `None` where the page holds no rows.
fn header(page: &[u8], at: usize) -> Option<usize> {
    match page.get(at)? {
        2 | 5 => Some(12),
        10 | 13 => Some(8),
        _ => None,
    }
}

/// Finds where a page holds nothing: between the numbers of its cells and the first cell, and between cells; `None` where it
/// does not read. Its own header of `width` bytes begins at `header`.
fn gaps(page: &[u8], header: usize, width: usize, usable: usize) -> Option<Vec<Range<usize>>> {
    let numbers = header + width + 2 * short(page, header + 3)?;
    let cells = match short(page, header + 5)? {
        0 => 65_536,
        at => at,
    };
    if numbers > cells || cells > usable {
        return None;
    }
    let mut gaps: Vec<Range<usize>> = iter::once(numbers..cells).collect();
    let (mut at, mut last) = (short(page, header + 1)?, cells);
    while at != 0 {
        let end = at + short(page, at + 2)?;
        if at < last || end < at + 4 || end > usable {
            return None;
        }
        gaps.push(at + 4..end);
        (at, last) = (short(page, at)?, end);
    }
    Some(gaps)
}

/// Tells whether all places of a file can be told apart, which they cannot in one of more than a hundred gigabytes.
pub(super) fn is_known(pages: u64) -> bool {
    pages < MOST
}

/// Says what was overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Blanked {
    /// How many bytes.
    pub(super) bytes: u64,
    /// Where the file goes on; `None` where it ends.
    pub(super) next: Option<u64>,
    /// The first page that does not read, and was left as it is.
    pub(super) broken: Option<u64>,
}

/// Overwrites with zeros what stands where no row is, while nobody else writes the file and its write-ahead log is empty:
/// from a place that was given as the [next](Blanked::next) one, or 0, at least `most` bytes of the file.
pub(super) fn blank(mut file: &File, from: u64, most: u64) -> io::Result<Blanked> {
    let mut buffer = vec![0; READ];
    let layout = layout(file, &mut buffer)?;
    let (mut at, mut blanked) = (from, Blanked::default());
    while at < from.saturating_add(most) {
        file.seek(SeekFrom::Start(at))?;
        let length = fill(file, &mut buffer)?;
        let read = buffer.get(..length).unwrap_or_default();
        for (page, offset) in read
            .chunks_exact(layout.page)
            .zip((at..).step_by(layout.page))
        {
            blank_page(file, layout, page, offset, &mut blanked)?;
        }
        at += length as u64;
        if length < READ {
            break;
        }
        blanked.next = Some(at);
    }
    if at < from.saturating_add(most) {
        blanked.next = None;
    }
    if blanked.bytes > 0 {
        file.sync_data()?;
    }
    Ok(blanked)
}

fn layout(mut file: &File, buffer: &mut [u8]) -> io::Result<Layout> {
    file.seek(SeekFrom::Start(0))?;
    let length = fill(file, buffer.get_mut(..100).unwrap_or_default())?;
    let layout = Layout::of(buffer.get(..length).unwrap_or_default());
    let what = "its header is none of SQLite's";
    layout.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, what))
}

fn blank_page(
    mut file: &File,
    layout: Layout,
    page: &[u8],
    offset: u64,
    blanked: &mut Blanked,
) -> io::Result<()> {
    let number = offset / layout.page as u64 + 1;
    let at = if number == 1 { 100 } else { 0 };
    let Some(width) = header(page, at).filter(|_| !layout.is_other(number)) else {
        return Ok(());
    };
    let Some(gaps) = gaps(page, at, width, layout.usable) else {
        blanked.broken.get_or_insert(number);
        return Ok(());
    };
    for gap in gaps {
        let found = page.get(gap.clone()).unwrap_or_default();
        let Some(first) = found.iter().position(|byte| *byte != 0) else {
            continue;
        };
        file.seek(SeekFrom::Start(offset + (gap.start + first) as u64))?;
        file.write_all(&vec![0; found.len() - first])?;
        blanked.bytes += (found.len() - first) as u64;
    }
    Ok(())
}

/// Reads until a buffer is full or the file ends.
fn fill(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs::OpenOptions, path::PathBuf};

    use rusqlite::{Connection, params};

    use super::*;

    /// A row's own word, as a page holds it.
    fn word(number: u64, version: u64) -> String {
        let seed = (number << 20 | version).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{seed:016x}")
    }

    fn path(name: &str) -> PathBuf {
        let name = format!("genspan-pages-{}-{name}.db", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&path));
        path
    }

    /// Fills a file whose rows are moved from page to page; gives the words that are in rows, and those that no longer are.
    fn fill(connection: &Connection) -> (BTreeSet<String>, BTreeSet<String>) {
        connection
            .execute_batch(
                "PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA secure_delete = ON;
                 CREATE TABLE thing (id INTEGER PRIMARY KEY, word TEXT, rest TEXT);
                 CREATE INDEX thing_word ON thing (word, rest);
                 CREATE TABLE short (word TEXT PRIMARY KEY) WITHOUT ROWID;",
            )
            .unwrap();
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut words = std::collections::BTreeMap::new();
        let mut gone = BTreeSet::new();
        connection.execute_batch("BEGIN").unwrap();
        for step in 0..6_000 {
            let id = next(900);
            let old: Option<String> = words.remove(&id);
            if let Some(old) = &old {
                connection
                    .execute("DELETE FROM short WHERE word = ?1", [old])
                    .unwrap();
                gone.insert(old.clone());
            }
            if next(3) == 0 {
                connection
                    .execute("DELETE FROM thing WHERE id = ?1", params![id.cast_signed()])
                    .unwrap();
                continue;
            }
            // Overflow pages, too.
            let rest = match next(12) {
                0 => 3_000,
                longer => longer * 20,
            };
            let word = word(id, step);
            connection
                .execute(
                    "INSERT INTO thing VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET word = excluded.word, rest = excluded.rest",
                    params![
                        id.cast_signed(),
                        word,
                        "r".repeat(usize::try_from(rest).unwrap())
                    ],
                )
                .unwrap();
            connection
                .execute("INSERT INTO short VALUES (?1)", [&word])
                .unwrap();
            words.insert(id, word);
        }
        connection.execute_batch("COMMIT").unwrap();
        (words.into_values().collect(), gone)
    }

    fn left(bytes: &[u8], words: &BTreeSet<String>) -> usize {
        let is_left = |word: &&String| memchr::memmem::find(bytes, word.as_bytes()).is_some();
        words.iter().filter(is_left).count()
    }

    #[test]
    fn what_sqlite_leaves_where_rows_were_is_overwritten_and_nothing_else_is() {
        let path = path("moved");
        let connection = Connection::open(&path).unwrap();
        let (words, gone) = fill(&connection);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(left(&bytes, &words), words.len());
        // This is why more than SQLite's own overwriting is needed.
        assert!(left(&bytes, &gone) > 0);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        // Slice by slice, as well as at once.
        let (mut blanked, mut slices, mut at) = (0, 0, Some(0));
        while let Some(from) = at {
            let slice = blank(&file, from, 1).unwrap();
            assert_eq!(slice.broken, None);
            (blanked, slices, at) = (blanked + slice.bytes, slices + 1, slice.next);
        }
        assert!(blanked > 0);
        assert_eq!(slices, bytes.len().div_ceil(READ).max(1));
        assert_eq!(blank(&file, 0, u64::MAX).unwrap(), Blanked::default());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(
            (left(&bytes, &words), left(&bytes, &gone)),
            (words.len(), 0)
        );
        drop(connection);
        let connection = Connection::open(&path).unwrap();
        let verdict: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok");
        let mut statement = connection
            .prepare("SELECT word FROM thing ORDER BY word")
            .unwrap();
        let found = statement.query_map([], |row| row.get(0)).unwrap();
        let found = found
            .collect::<rusqlite::Result<BTreeSet<String>>>()
            .unwrap();
        assert_eq!(found, words);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_no_page_with_rows_is_left_alone() {
        let layout = Layout {
            page: 8192,
            usable: 8192,
            has_map: true,
        };
        let maps = (1..4_000).filter(|number| layout.is_other(*number));
        assert_eq!(maps.collect::<Vec<u64>>(), [2, 1_641, 3_280]);
        assert!(layout.is_other(131_073));
        assert_eq!(Layout::of(b"something else"), None);
        assert_eq!(header(&[0; 512], 0), None);
        // A page that says that it begins behind its end is not touched.
        let mut broken = [10, 0, 0, 0, 1, 0xff, 0xff, 0].to_vec();
        broken.resize(512, 7);
        assert_eq!(gaps(&broken, 0, 8, 512), None);
    }
}
