//! Forgets, so that nothing is left behind.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    index::unsay,
    log_ids,
    pending::{self, AT_ONCE},
    pieces::Pieces,
    wipe::Wiper,
};
use crate::{Forget, Forgotten, file::Fault};

/// Traces that are taken out in one transaction.
const SOME: i64 = 200;

/// Log records, and requests of metrics, that belong to no trace and are taken out in one transaction.
const MANY: i64 = 1_000;

/// Takes a span out, within a transaction.
pub(super) fn remove_span(
    connection: &Connection,
    pieces: &mut Pieces,
    trace: i64,
    row: i64,
) -> Result<(), Fault> {
    let places: Option<Vec<u8>> = connection
        .prepare_cached("DELETE FROM body WHERE span = ?1 RETURNING places")?
        .query_row([row], |row| row.get(0))
        .optional()?;
    if let Some(places) = places {
        pieces.release(connection, &places)?;
    }
    connection
        .prepare_cached("DELETE FROM unread WHERE span = ?1")?
        .execute([row])?;
    connection
        .prepare_cached("DELETE FROM span WHERE id = ?1")?
        .execute([row])?;
    unsay(connection, trace, Some(row))
}

/// Takes a trace out, within a transaction.
pub(super) fn remove_trace(
    connection: &Connection,
    pieces: &mut Pieces,
    trace: i64,
) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten {
        traces: 1,
        ..Forgotten::default()
    };
    unsay(connection, trace, None)?;
    let mut statement = connection.prepare_cached("SELECT id FROM span WHERE trace = ?1")?;
    let spans = statement.query_map([trace], |row| row.get(0))?;
    for span in spans.collect::<rusqlite::Result<Vec<i64>>>()? {
        remove_span(connection, pieces, trace, span)?;
        gone.spans += 1;
    }
    let mut statement =
        connection.prepare_cached("DELETE FROM log WHERE trace = ?1 RETURNING places")?;
    let logs = statement.query_map([trace], |row| row.get(0))?;
    for places in logs.collect::<rusqlite::Result<Vec<Vec<u8>>>>()? {
        pieces.release(connection, &places)?;
        gone.log_records += 1;
    }
    for sql in [
        "DELETE FROM facet WHERE trace = ?1",
        "DELETE FROM trace WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([trace])?;
    }
    Ok(gone)
}

/// Takes some of the log records and metrics out that belong to no trace, within a transaction.
fn remove_strays(
    connection: &Connection,
    pieces: &mut Pieces,
    before: i64,
) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    let mut statement = connection.prepare_cached(
        "DELETE FROM log WHERE id IN (SELECT id FROM log WHERE trace IS NULL AND arrived < ?1 LIMIT ?2)
         RETURNING places",
    )?;
    let logs = statement.query_map([before, MANY], |row| row.get(0))?;
    for places in logs.collect::<rusqlite::Result<Vec<Vec<u8>>>>()? {
        pieces.release(connection, &places)?;
        gone.log_records += 1;
    }
    let metrics = connection
        .prepare_cached(
            "DELETE FROM metric WHERE id IN (SELECT id FROM metric WHERE arrived < ?1 LIMIT ?2)",
        )?
        .execute([before, MANY])?;
    gone.metrics += metrics as u64;
    Ok(gone)
}

/// Says which traces go.
pub(super) enum Which<'a> {
    /// That of an id.
    Id(&'a [u8; 16]),
    /// Those that began before a moment, and what is nobody's and came before it.
    BegunBefore(i64),
    /// Those of which nothing came since a moment, and what is nobody's and came before it.
    SilentSince(i64),
}

impl Which<'_> {
    fn traces(&self, connection: &Connection) -> rusqlite::Result<Vec<i64>> {
        let (sql, limit) = match self {
            Self::Id(_) => ("SELECT id FROM trace WHERE trace_id = ?1", 1),
            Self::BegunBefore(_) => ("SELECT id FROM trace WHERE started < ?1", SOME),
            Self::SilentSince(_) => ("SELECT id FROM trace WHERE arrived < ?1", SOME),
        };
        let mut statement = connection.prepare_cached(&format!("{sql} LIMIT ?2"))?;
        let row = |row: &rusqlite::Row<'_>| row.get(0);
        match self {
            Self::Id(id) => statement.query_map(params![id, limit], row)?.collect(),
            Self::BegunBefore(at) | Self::SilentSince(at) => {
                statement.query_map(params![at, limit], row)?.collect()
            }
        }
    }

    const fn strays_before(&self) -> Option<i64> {
        match self {
            Self::BegunBefore(at) | Self::SilentSince(at) => Some(*at),
            Self::Id(_) => None,
        }
    }
}

/// Takes some out in one transaction, which notes when their bytes are to be overwritten; nothing where nothing is left to go.
fn remove_some(
    connection: &mut Connection,
    which: &Which<'_>,
    due: i64,
) -> Result<Forgotten, Fault> {
    let transaction = super::thread::begin(connection)?;
    let mut pieces = Pieces::default();
    let mut gone = Forgotten::default();
    let traces = which.traces(&transaction)?;
    log_ids::keep(&transaction)?;
    for trace in &traces {
        gone.add(remove_trace(&transaction, &mut pieces, *trace)?);
    }
    if traces.is_empty()
        && let Some(before) = which.strays_before()
    {
        gone.add(remove_strays(&transaction, &mut pieces, before)?);
    }
    pieces.finish(&transaction)?;
    if gone != Forgotten::default() {
        pending::note(&transaction, due)?;
    }
    transaction.commit()?;
    Ok(gone)
}

/// Forgets all of it, and wipes what is left of that in the file, once.
pub(super) fn forget(
    connection: &mut Connection,
    wiper: &Wiper,
    what: &[Forget],
) -> Result<Vec<Forgotten>, Fault> {
    let mut gone = Vec::with_capacity(what.len());
    for one in what {
        gone.push(remove(connection, one)?);
    }
    // What was not there may have been let go, or be left over from a try that others were in the way of.
    wiper.finish(connection, i64::MAX)?;
    Ok(gone)
}

fn remove(connection: &mut Connection, what: &Forget) -> Result<Forgotten, Fault> {
    match what {
        Forget::Trace(id) => remove_some(connection, &Which::Id(&id.0), AT_ONCE),
        Forget::Before(micros) => {
            let before = micros.saturating_mul(1_000);
            remove_all(connection, &Which::BegunBefore(before), AT_ONCE)
        }
        Forget::All => remove_all(connection, &Which::BegunBefore(i64::MAX), AT_ONCE),
    }
}

/// Takes out all that goes, some at a time, so that no transaction is too large for the disk.
pub(super) fn remove_all(
    connection: &mut Connection,
    which: &Which<'_>,
    due: i64,
) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    loop {
        let some = remove_some(connection, which, due)?;
        gone.add(some);
        if some == Forgotten::default() {
            return Ok(gone);
        }
    }
}

impl Forgotten {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.traces += other.traces;
        self.spans += other.spans;
        self.log_records += other.log_records;
        self.metrics += other.metrics;
    }
}
