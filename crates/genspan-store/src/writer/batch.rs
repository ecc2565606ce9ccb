//! What one transaction takes in.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::{forget::remove_span, log_ids, pieces::Pieces};
use crate::{
    file::Fault,
    prepare::{Doc, NewLog, NewSpan, Prepared, digest, facts::Facts},
    rows::{self, Numbers},
};

/// Holds what was written and is still to be indexed.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) docs: Vec<(i64, i64, Arc<[Doc]>)>,
    /// Spans of which log records tell more.
    pub(super) told: Vec<i64>,
    pub(super) has_changed: bool,
}

/// Holds what a transaction knows while it takes things in.
struct Batch<'c> {
    connection: &'c Connection,
    /// The present, in nanoseconds since the Unix epoch.
    now: i64,
    pieces: Pieces,
    traces: HashMap<[u8; 16], i64>,
    changed: BTreeSet<i64>,
    /// The id of the next log record, once it is known.
    next_log: Option<i64>,
    written: Written,
}

/// Writes requests, within a transaction.
pub(super) fn write<'p>(
    connection: &Connection,
    prepared: impl IntoIterator<Item = &'p Prepared>,
    now: i64,
) -> Result<Written, Fault> {
    let mut batch = Batch {
        connection,
        now,
        pieces: Pieces::default(),
        traces: HashMap::new(),
        changed: BTreeSet::new(),
        next_log: None,
        written: Written::default(),
    };
    for prepared in prepared {
        for span in &prepared.spans {
            batch.span(span)?;
        }
        for log in &prepared.logs {
            batch.log(log)?;
        }
        if let Some(body) = &prepared.metrics {
            batch.metrics(body)?;
        }
    }
    batch.pieces.finish(connection)?;
    let mut touch = connection.prepare_cached(
        "UPDATE trace SET is_stale = 1, arrived = max(arrived, ?2) WHERE id = ?1",
    )?;
    for trace in batch.changed {
        touch.execute(params![trace, now])?;
    }
    Ok(batch.written)
}

impl Batch<'_> {
    /// Finds the row of a trace, and makes it where there is none.
    fn trace(&mut self, id: [u8; 16], started: i64, ended: i64) -> Result<i64, Fault> {
        if let Some(row) = self.traces.get(&id) {
            return Ok(*row);
        }
        let found = self
            .connection
            .prepare_cached("SELECT id FROM trace WHERE trace_id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let row = match found {
            Some(row) => row,
            None => {
                self.connection
                    .prepare_cached(
                        "INSERT INTO trace (trace_id, arrived, is_stale, started, ended)
                         VALUES (?1, ?2, 1, ?3, ?4)",
                    )?
                    .execute(params![id, self.now, started, ended])?;
                self.connection.last_insert_rowid()
            }
        };
        self.traces.insert(id, row);
        Ok(row)
    }

    fn span(&mut self, span: &NewSpan) -> Result<(), Fault> {
        let facts = &span.facts;
        let trace = self.trace(facts.trace_id, facts.started, facts.ended)?;
        let known = self
            .connection
            .prepare_cached(
                "SELECT id, ended, weight, digest FROM span WHERE trace = ?1 AND span_id = ?2",
            )?
            .query_row(params![trace, facts.span_id], |row| {
                let told: Told = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok((row.get::<_, i64>(0)?, told))
            })
            .optional()?;
        if let Some((row, known)) = known {
            if known >= told(facts) {
                return Ok(());
            }
            remove_span(self.connection, &mut self.pieces, trace, row)?;
        }
        let numbers = Numbers::of(facts);
        self.connection
            .prepare_cached(rows::INSERT)?
            .execute(params_from_iter(rows::values(facts, &trace, &numbers)))?;
        let row = self.connection.last_insert_rowid();
        let body = &span.body;
        let places = self
            .pieces
            .take_all(self.connection, &body.origin, &body.leaves)?;
        let thread = (!span.thread.is_empty()).then_some(&span.thread);
        self.connection
            .prepare_cached(
                "INSERT INTO body (span, skeleton, places, thread, said) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![row, body.skeleton, places, thread, span.said])?;
        let has_logs = self
            .connection
            .prepare_cached("SELECT 1 FROM log WHERE trace = ?1 AND span_id = ?2 LIMIT 1")?
            .exists(params![trace, facts.span_id])?;
        if has_logs || !span.docs.is_empty() {
            self.unread(row)?;
        }
        if !has_logs {
            let docs = Arc::clone(&span.docs);
            self.written.docs.push((row, trace, docs));
        }
        self.changed.insert(trace);
        self.written.has_changed = true;
        Ok(())
    }

    /// Marks a span as one whose texts are to be indexed.
    fn unread(&self, span: i64) -> Result<(), Fault> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO unread (span) VALUES (?1)")?
            .execute([span])?;
        Ok(())
    }

    fn log(&mut self, log: &NewLog) -> Result<(), Fault> {
        let is_known = self
            .connection
            .prepare_cached("SELECT 1 FROM log WHERE digest = ?1")?
            .exists([log.digest])?;
        if is_known {
            return Ok(());
        }
        let trace = match log.trace_id {
            Some(id) => Some(self.trace(id, log.at, log.at)?),
            None => None,
        };
        let body = &log.body;
        let places = self
            .pieces
            .take_all(self.connection, &body.origin, &body.leaves)?;
        let id = match self.next_log {
            Some(id) => id,
            None => log_ids::next(self.connection)?,
        };
        self.next_log = Some(id.saturating_add(1));
        self.connection
            .prepare_cached(
                "INSERT INTO log (id, trace, span_id, at, arrived, digest, skeleton, places)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id,
                trace,
                log.span_id,
                log.at,
                self.now,
                log.digest,
                body.skeleton,
                places
            ])?;
        if log.tells
            && let (Some(trace), Some(id)) = (trace, log.span_id)
        {
            let span: Option<i64> = self
                .connection
                .prepare_cached("SELECT id FROM span WHERE trace = ?1 AND span_id = ?2")?
                .query_row(params![trace, id], |row| row.get(0))
                .optional()?;
            if let Some(span) = span {
                self.unread(span)?;
                self.written.told.push(span);
            }
        }
        self.changed.extend(trace);
        self.written.has_changed = true;
        Ok(())
    }

    fn metrics(&mut self, body: &[u8]) -> Result<(), Fault> {
        self.connection
            .prepare_cached(
                "INSERT INTO metric (arrived, digest, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT (digest) DO NOTHING",
            )?
            .execute(params![self.now, digest(body), body])?;
        self.written.has_changed = true;
        Ok(())
    }
}

/// Says how much a span tells: when it ended, how much it holds, and last what it is, so that any order gives the same.
type Told = (i64, i64, i64);

fn told(facts: &Facts) -> Told {
    (facts.ended, facts.weight, facts.digest)
}
