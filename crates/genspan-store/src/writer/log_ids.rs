//! Ids of log records, which no other record gets later: addresses name them.
//!
//! SQLite gives the id after the greatest there is, which is a used one where the latest records were forgotten.

use rusqlite::{Connection, OptionalExtension};

use crate::file::Fault;

/// Names the greatest id that was given, as far as a record that is gone may have had it.
const LAST: &str = "log.last";

/// Remembers the greatest id, before records go; within the transaction that takes them out.
pub(super) fn keep(connection: &Connection) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO setting (name, value) SELECT ?1, id FROM log WHERE id = (SELECT max(id) FROM log)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value
             WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)",
        )?
        .execute([LAST])?;
    Ok(())
}

/// Gives the next id, within the transaction that uses it.
pub(super) fn next(connection: &Connection) -> Result<i64, Fault> {
    let there: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM log")?
        .query_row([], |row| row.get(0))?;
    let gone: Option<i64> = connection
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?1")?
        .query_row([LAST], |row| row.get(0))
        .optional()?;
    Ok(there.max(gone).unwrap_or_default().saturating_add(1))
}
