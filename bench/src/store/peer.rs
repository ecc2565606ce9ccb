//! The peer: a bare table, written by hand, with the same durability.

use std::path::Path;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span,
};
use prost::Message as _;
use rusqlite::{Connection, params};

use super::spans::spans;

/// Keeps spans as they come, and finds them by their ids alone.
#[derive(Debug)]
pub(crate) struct Peer(Connection);

impl Peer {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "page_size", 8192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.execute_batch(
            "CREATE TABLE span (
                id INTEGER PRIMARY KEY, trace_id BLOB NOT NULL, span_id BLOB NOT NULL, started INTEGER NOT NULL,
                ended INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL
            ) STRICT;
            CREATE UNIQUE INDEX span_ids ON span (trace_id, span_id);",
        )?;
        Ok(Self(connection))
    }

    /// Writes a request in one transaction; it is safe on disk when this returns.
    pub(crate) fn keep(&mut self, request: &ExportTraceServiceRequest) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        for span in spans(request) {
            insert(&transaction, span)?;
        }
        transaction.commit()
    }
}

fn insert(connection: &Connection, span: &Span) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO span (trace_id, span_id, started, ended, name, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            span.trace_id,
            span.span_id,
            i64::try_from(span.start_time_unix_nano).unwrap_or(i64::MAX),
            i64::try_from(span.end_time_unix_nano).unwrap_or(i64::MAX),
            span.name,
            span.encode_to_vec(),
        ])?;
    Ok(())
}
