//! Makes what was said findable, a little behind what is safe on disk.

use std::{collections::VecDeque, sync::Arc};

use rusqlite::{Connection, params};

use super::era::Era;
use crate::{
    file::Fault,
    open,
    prepare::{Doc, docs, said},
    shelves::{self, Shelf},
    words::spaced,
};

/// Bytes of texts that are kept in memory until they are indexed; the others are read from the file again.
const MEMORY: usize = 64 << 20;

/// Holds texts that are still to be indexed.
#[derive(Debug, Default)]
pub(super) struct Unread {
    spans: VecDeque<(i64, i64, Arc<[Doc]>)>,
    bytes: usize,
}

impl Unread {
    pub(super) fn extend(&mut self, spans: Vec<(i64, i64, Arc<[Doc]>)>) {
        for span in spans {
            let bytes = bytes(&span.2);
            if self.bytes + bytes <= MEMORY {
                self.bytes += bytes;
                self.spans.push_back(span);
            }
        }
    }

    /// Leaves a span to be read from the file, since more has come of it.
    pub(super) fn leave(&mut self, span: i64) {
        self.spans.retain(|(other, _, docs)| {
            let stays = *other != span;
            if !stays {
                self.bytes = self.bytes.saturating_sub(bytes(docs));
            }
            stays
        });
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Indexes some of what is unread, within a transaction; `false` where there was nothing left.
    ///
    /// Where nobody waits for the writer it is more, which merges into the index at less cost.
    pub(super) fn index_some(
        &mut self,
        connection: &Connection,
        is_waited_for: impl Fn() -> bool,
    ) -> Result<bool, Fault> {
        if self.spans.is_empty() {
            return index_from_file(connection);
        }
        let mut done = 0;
        let (era, mut shelf) = (era(connection)?, None);
        while (done < LEAST || done < MOST && !is_waited_for())
            && let Some((span, trace, docs)) = self.spans.pop_front()
        {
            let bytes = bytes(&docs);
            self.bytes = self.bytes.saturating_sub(bytes);
            done += bytes + 64;
            index(connection, era, &mut shelf, (span, trace), &docs)?;
        }
        Ok(true)
    }
}

/// Bytes of texts that are indexed in one transaction, at least and at most, where there are so many.
const LEAST: usize = 2 << 20;
const MOST: usize = 16 << 20;

/// Spans that are read from the file and indexed in one transaction.
const FROM_FILE: i64 = 64;

fn bytes(docs: &[Doc]) -> usize {
    docs.iter().map(|doc| doc.text.len()).sum()
}

fn index_from_file(connection: &Connection) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT unread.span, span.trace, span.span_id, span.error_message
         FROM unread LEFT JOIN span ON span.id = unread.span LIMIT ?1",
    )?;
    let rows = statement.query_map([FROM_FILE], |row| {
        let ids: Option<(i64, [u8; 8])> = match row.get(1)? {
            Some(trace) => Some((trace, row.get(2)?)),
            None => None,
        };
        Ok((row.get::<_, i64>(0)?, ids, row.get(3)?))
    })?;
    let spans = rows.collect::<rusqlite::Result<Vec<(_, _, Option<String>)>>>()?;
    let (era, mut shelf) = (era(connection)?, None);
    for (span, ids, error) in &spans {
        let (trace, id) = ids.unwrap_or_default();
        let docs = match open::span(connection, *span)? {
            Some(open) => {
                let logs = open::logs(connection, trace, Some(id))?;
                let said = said::of(&open::view(&open, &logs));
                if !logs.is_empty() {
                    keep(connection, *span, trace, &said)?;
                }
                docs(&said, error.as_deref())
            }
            None => Vec::new(),
        };
        index(connection, era, &mut shelf, (*span, trace), &docs)?;
    }
    Ok(!spans.is_empty())
}

/// Keeps what lists show of what log records told.
fn keep(connection: &Connection, span: i64, trace: i64, said: &said::Said) -> Result<(), Fault> {
    let thread = said.thread();
    let thread = (!thread.is_empty()).then_some(thread);
    connection
        .prepare_cached(
            "UPDATE body SET said = coalesce(said, ?2), thread = coalesce(thread, ?3) WHERE span = ?1",
        )?
        .execute(params![span, said.last_user_message(), thread])?;
    connection
        .prepare_cached("UPDATE trace SET is_stale = 1 WHERE id = ?1")?
        .execute([trace])?;
    Ok(())
}

fn era(connection: &Connection) -> Result<Era, Fault> {
    Era::now(connection, "SELECT max(id) FROM doc")
}

/// Indexes the texts of a span, unless it was indexed or is gone.
fn index(
    connection: &Connection,
    era: Era,
    shelf: &mut Option<Shelf>,
    (span, trace): (i64, i64),
    docs: &[Doc],
) -> Result<(), Fault> {
    let is_due = connection
        .prepare_cached("DELETE FROM unread WHERE span = ?1")?
        .execute([span])?;
    if is_due == 0 {
        return Ok(());
    }
    for doc in docs {
        let known = era.find(
            connection,
            "SELECT id, hash FROM doc WHERE hash IN (?1, ?2)",
            &doc.hash,
        )?;
        let row = match known {
            Some((row, _)) => row,
            None => {
                connection
                    .prepare_cached("INSERT INTO doc (hash) VALUES (?1)")?
                    .execute([era.name(&doc.hash)])?;
                let row = connection.last_insert_rowid();
                let shelf = match *shelf {
                    Some(shelf) if shelf.is_for(row) => shelf,
                    _ => *shelf.insert(shelves::make(connection, row)?),
                };
                let table = shelf.table();
                connection
                    .prepare_cached(&format!(
                        "INSERT INTO {table} (rowid, text) VALUES (?1, ?2)"
                    ))?
                    .execute(params![row, spaced(&doc.text)])?;
                row
            }
        };
        connection
            .prepare_cached("INSERT OR IGNORE INTO said (doc, trace, span) VALUES (?1, ?2, ?3)")?
            .execute([row, trace, span])?;
    }
    Ok(())
}

/// Takes what a trace, or one of its spans, said out of the index, but for what others said as well.
pub(super) fn unsay(connection: &Connection, trace: i64, span: Option<i64>) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT doc FROM said WHERE trace = ?1 AND (?2 IS NULL OR span = ?2)",
    )?;
    let docs = statement.query_map(params![trace, span], |row| row.get(0))?;
    let docs = docs.collect::<rusqlite::Result<Vec<i64>>>()?;
    connection
        .prepare_cached("DELETE FROM said WHERE trace = ?1 AND (?2 IS NULL OR span = ?2)")?
        .execute(params![trace, span])?;
    for doc in docs {
        let is_said = connection
            .prepare_cached("SELECT 1 FROM said WHERE doc = ?1 LIMIT 1")?
            .exists([doc])?;
        if !is_said {
            shelves::remove(connection, doc)?;
            connection
                .prepare_cached("DELETE FROM doc WHERE id = ?1")?
                .execute([doc])?;
        }
    }
    Ok(())
}
