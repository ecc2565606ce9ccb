//! The journal's table, from version to version.

use genspan::JournalError;
use rusqlite::{Connection, TransactionBehavior};

/// Takes the table from each version to the next; what stands here once is never changed.
const STEPS: [&str; 1] = ["
    CREATE TABLE genspan_run (
        key             TEXT PRIMARY KEY NOT NULL,
        hold            INTEGER NOT NULL,
        held_since      INTEGER NOT NULL,
        ended           INTEGER,
        outcome         TEXT,
        traceparent     TEXT NOT NULL,
        tracestate      TEXT NOT NULL,
        parent          TEXT,
        parent_state    TEXT,
        started         INTEGER NOT NULL,
        agent_name      TEXT,
        provider        TEXT,
        model           TEXT,
        conversation_id TEXT,
        attributes      TEXT NOT NULL
    ) STRICT;
    CREATE INDEX genspan_run_open ON genspan_run (held_since) WHERE ended IS NULL;
    CREATE INDEX genspan_run_ended ON genspan_run (ended) WHERE ended IS NOT NULL;
"];

/// Brings the table to the newest version; of several processes that open a file at once one does.
///
/// The version stands in a table of its own, so that the file may hold other tables too.
///
/// # Errors
///
/// When the file cannot be written, or a newer version of this crate made its table.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), JournalError> {
    let failed = |error: rusqlite::Error| JournalError::new(error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let version = version(&transaction).map_err(failed)?;
    let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if version > newest {
        return Err(JournalError::new(format!(
            "its table has version {version}, and this program knows versions up to {newest}"
        )));
    }
    for (number, step) in (1_i64..).zip(STEPS) {
        if number > version {
            let insert = "INSERT INTO genspan_journal_version (version) VALUES (?1)";
            transaction.execute_batch(step).map_err(failed)?;
            transaction.execute(insert, [number]).map_err(failed)?;
        }
    }
    transaction.commit().map_err(failed)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS genspan_journal_version (version INTEGER NOT NULL) STRICT",
    )?;
    connection.query_row(
        "SELECT coalesce(max(version), 0) FROM genspan_journal_version",
        [],
        |row| row.get(0),
    )
}
