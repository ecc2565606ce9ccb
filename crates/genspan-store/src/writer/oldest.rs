//! Lets what came first go: traces, log records and metrics alike.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{forget::remove_trace, log_ids, pending, pieces::Pieces};
use crate::{Forgotten, file::Fault};

/// What came first of each kind; of a trace counts what came last.
const CANDIDATES: &str = "
    SELECT * FROM (SELECT 0, id, arrived FROM trace ORDER BY arrived LIMIT ?1)
    UNION ALL
    SELECT * FROM (SELECT 1, id, arrived FROM log WHERE trace IS NULL ORDER BY arrived LIMIT ?1)
    UNION ALL
    SELECT * FROM (SELECT 2, id, arrived FROM metric ORDER BY arrived LIMIT ?1)
    ORDER BY 3, 1, 2";

/// Takes some of what came first out, at most `count` of a kind, in one transaction, which notes when its bytes are to be
/// overwritten; nothing where nothing is left.
pub(super) fn remove(
    connection: &mut Connection,
    count: i64,
    due: i64,
) -> Result<Forgotten, Fault> {
    let transaction = super::thread::begin(connection)?;
    let mut pieces = Pieces::default();
    let mut gone = Forgotten::default();
    let mut taken = HashMap::new();
    log_ids::keep(&transaction)?;
    for (kind, row) in candidates(&transaction, count)? {
        gone.add(match kind {
            0 => remove_trace(&transaction, &mut pieces, row)?,
            1 => remove_log(&transaction, &mut pieces, row)?,
            _ => remove_metric(&transaction, row)?,
        });
        // Of a kind of which there may be more, the next one may be older than what is left of the others.
        let taken = taken.entry(kind).or_insert(0);
        *taken += 1;
        if *taken == count {
            break;
        }
    }
    pieces.finish(&transaction)?;
    if gone != Forgotten::default() {
        pending::note(&transaction, due)?;
    }
    transaction.commit()?;
    Ok(gone)
}

fn candidates(connection: &Connection, count: i64) -> Result<Vec<(i64, i64)>, Fault> {
    let mut statement = connection.prepare_cached(CANDIDATES)?;
    let rows = statement.query_map([count], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn remove_log(connection: &Connection, pieces: &mut Pieces, row: i64) -> Result<Forgotten, Fault> {
    let places: Vec<u8> = connection
        .prepare_cached("DELETE FROM log WHERE id = ?1 RETURNING places")?
        .query_row([row], |row| row.get(0))?;
    pieces.release(connection, &places)?;
    Ok(Forgotten {
        log_records: 1,
        ..Forgotten::default()
    })
}

fn remove_metric(connection: &Connection, row: i64) -> Result<Forgotten, Fault> {
    connection
        .prepare_cached("DELETE FROM metric WHERE id = ?1")?
        .execute([row])?;
    Ok(Forgotten {
        metrics: 1,
        ..Forgotten::default()
    })
}
