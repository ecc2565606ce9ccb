//! What is still to be overwritten, as the file remembers it, whoever is killed meanwhile.
//!
//! There is one note for all processes. Its number grows with every transaction that takes something out, so that whoever
//! overwrites finds out whether there is more to overwrite than when it began; it never goes back, and what it was once it
//! never is again.

use rusqlite::{Connection, OptionalExtension};

use crate::file::Fault;

/// When what somebody asked to be forgotten is due: at once.
pub(super) const AT_ONCE: i64 = 0;

/// Holds what is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) number: i64,
    /// When it is to be overwritten, in microseconds since the Unix epoch.
    pub(super) due: i64,
}

/// Notes what the same transaction takes out; what is due earlier stays due then.
pub(super) fn note(transaction: &Connection, due: i64) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO chore (name, number, due) VALUES ('wipe', 1, ?1)
             ON CONFLICT (name) DO UPDATE SET number = number + 1, due = min(coalesce(due, ?1), ?1)",
        )?
        .execute([due])?;
    Ok(())
}

/// Notes that the same transaction moved whole pages, and with them what is still to be overwritten there.
pub(crate) fn note_moved(transaction: &Connection) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "UPDATE chore SET number = number + 1 WHERE name = 'wipe' AND due IS NOT NULL",
        )?
        .execute([])?;
    Ok(())
}

/// Reads what is noted; `None` where all is overwritten.
pub(super) fn read(connection: &Connection) -> Result<Option<Pending>, Fault> {
    let pending = connection
        .prepare_cached("SELECT number, due FROM chore WHERE name = 'wipe' AND due IS NOT NULL")?
        .query_row([], |row| {
            Ok(Pending {
                number: row.get(0)?,
                due: row.get(1)?,
            })
        })
        .optional()?;
    Ok(pending)
}

/// Says that all is overwritten, within a transaction that has seen the number which was there before.
pub(super) fn clear(transaction: &Connection) -> Result<(), Fault> {
    transaction.execute("UPDATE chore SET due = NULL WHERE name = 'wipe'", [])?;
    Ok(())
}
