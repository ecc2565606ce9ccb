//! The index of words, in parts that each hold what came in a while.
//!
//! What is forgotten is merged out of the parts that knew it, which costs no more than they are large; a search begins with
//! the newest part, and may end there.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::{file::Fault, writer::note_moved};

/// Says how many texts a shelf holds, as a power of two: those of some ten thousands of spans.
const DOCS: u32 = 16;

/// Holds which table of the index knows a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shelf {
    number: i64,
    /// Whether it is the first one, which also knows all that came before there were several.
    is_first: bool,
}

impl Shelf {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            is_first: row.get(1)?,
        })
    }

    /// Names its table.
    pub(crate) fn table(self) -> String {
        if self.is_first {
            "words".to_owned()
        } else {
            format!("words_{}", self.number)
        }
    }

    /// Tells whether it is the one for a text.
    pub(crate) const fn is_for(self, doc: i64) -> bool {
        self.number == doc >> DOCS || self.is_first && doc >> DOCS < self.number
    }
}

/// Begins how shelves are read.
const SELECT: &str = "SELECT number, number = (SELECT min(number) FROM shelf) FROM shelf";

/// Lists the shelves, the newest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Shelf>, Fault> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY number DESC"))?;
    let shelves = statement.query_map([], Shelf::from_row)?;
    Ok(shelves.collect::<rusqlite::Result<_>>()?)
}

/// Finds the shelf that knows a text; `None` where there is none.
pub(crate) fn of(connection: &Connection, doc: i64) -> Result<Option<Shelf>, Fault> {
    let found = connection
        .prepare_cached(&format!(
            "{SELECT} WHERE number = max(?1, (SELECT min(number) FROM shelf))"
        ))?
        .query_row([doc >> DOCS], Shelf::from_row)
        .optional()?;
    Ok(found)
}

/// Finds the shelf for a new text, and makes it where there is none, within a transaction.
pub(crate) fn make(connection: &Connection, doc: i64) -> Result<Shelf, Fault> {
    if let Some(shelf) = of(connection, doc)? {
        return Ok(shelf);
    }
    let shelf = Shelf {
        number: doc >> DOCS,
        is_first: false,
    };
    let table = shelf.table();
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {table} USING fts5 (
            text, content = '', contentless_delete = 1,
            tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co So'\"
        );
        INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 67108864);"
    ))?;
    connection
        .prepare_cached("INSERT INTO shelf (number, is_worn) VALUES (?1, 0)")?
        .execute([shelf.number])?;
    // The roots of new tables stand at the beginning of the file: pages that stood there were moved.
    note_moved(connection)?;
    Ok(shelf)
}

/// Takes a text out, within a transaction; its words stand in the file until the shelf is [mended](mend).
pub(crate) fn remove(connection: &Connection, doc: i64) -> Result<(), Fault> {
    let Some(shelf) = of(connection, doc)? else {
        return Ok(());
    };
    connection
        .prepare_cached(&format!("DELETE FROM {} WHERE rowid = ?1", shelf.table()))?
        .execute([doc])?;
    connection
        .prepare_cached("UPDATE shelf SET is_worn = 1 WHERE number = ?1 AND NOT is_worn")?
        .execute([shelf.number])?;
    Ok(())
}

/// Lists the shelves out of which something was taken, the oldest first.
pub(crate) fn worn(connection: &Connection) -> Result<Vec<Shelf>, Fault> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE is_worn ORDER BY number"))?;
    let shelves = statement.query_map([], Shelf::from_row)?;
    Ok(shelves.collect::<rusqlite::Result<_>>()?)
}

/// Merges out of a shelf what was taken out of it, within a transaction: twice so many pages, or all; `true` once nothing is left.
pub(crate) fn mend(
    connection: &Connection,
    shelf: Shelf,
    pages: Option<i32>,
) -> Result<bool, Fault> {
    if is_bare(connection, shelf)? {
        connection.execute_batch(&format!("DROP TABLE {}", shelf.table()))?;
        connection.execute("DELETE FROM shelf WHERE number = ?1", [shelf.number])?;
        note_moved(connection)?;
        return Ok(true);
    }
    // Where little is to be merged, the second time finds nothing left.
    let times = if pages.is_some() { 2 } else { u32::MAX };
    for _ in 0..times {
        if !merge(connection, shelf, pages.unwrap_or(i32::MAX))? {
            connection.execute(
                "UPDATE shelf SET is_worn = 0 WHERE number = ?1",
                [shelf.number],
            )?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether nothing stands on a shelf, and nothing will.
fn is_bare(connection: &Connection, shelf: Shelf) -> Result<bool, Fault> {
    let (first, end) = (shelf.number << DOCS, (shelf.number + 1) << DOCS);
    let newest: Option<i64> =
        connection.query_row("SELECT max(number) FROM shelf", [], |row| row.get(0))?;
    Ok(!shelf.is_first
        && newest.is_some_and(|newest| shelf.number < newest)
        && !connection
            .prepare_cached("SELECT 1 FROM doc WHERE id >= ?1 AND id < ?2 LIMIT 1")?
            .exists([first, end])?)
}

/// Merges some of a shelf's segments into one that knows nothing of what was taken out; `false` where it is so already.
///
/// Once is not enough, and `optimize` neither: where the index was merging by itself, both go on with that first, and leave
/// words that were merged before they were taken out. So it is over when FTS5 leaves its own record of the segments, which
/// always is row 10, as it is.
fn merge(connection: &Connection, shelf: Shelf, pages: i32) -> Result<bool, Fault> {
    let table = shelf.table();
    let record = || -> rusqlite::Result<Vec<u8>> {
        connection
            .prepare_cached(&format!("SELECT block FROM {table}_data WHERE id = 10"))?
            .query_row([], |row| row.get(0))
    };
    let before = record()?;
    // Less than none means: all segments, even one alone.
    connection
        .prepare_cached(&format!(
            "INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)"
        ))?
        .execute([-pages])?;
    Ok(record()? != before)
}
