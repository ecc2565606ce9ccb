//! Spans and log records as they came, put together again.

use genspan_dialects::Span as View;
use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope,
    logs::v1::{LogRecord, ResourceLogs},
    trace::v1::{ResourceSpans, Span},
};
use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use crate::{
    content::{
        Damage,
        code::{self, Place},
        restore::{Found, Restorer},
        unpack,
    },
    file::Fault,
    prepare::{told, view},
};

/// Holds a span as it came but for secrets.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) span: Span,
    /// What is said of the program and the library, without spans.
    pub(crate) origin: ResourceSpans,
    pub(crate) thread: Vec<u8>,
}

impl OpenSpan {
    pub(crate) fn scope(&self) -> Option<&InstrumentationScope> {
        self.origin.scope_spans.first()?.scope.as_ref()
    }
}

/// Reads what a span says in the conventions' language, what its log records tell of it included.
pub(crate) fn view(open: &OpenSpan, logs: &[OpenLog]) -> View {
    let scope = open.scope().map(|scope| scope.name.as_str());
    let (mut view, _) = view::read(&open.span, scope.unwrap_or_default());
    let records: Vec<&LogRecord> = logs.iter().map(|log| &log.record).collect();
    told::state(&mut view, &records);
    view
}

/// Holds a log record as it came but for secrets.
#[derive(Debug)]
pub(crate) struct OpenLog {
    pub(crate) record: LogRecord,
    pub(crate) origin: ResourceLogs,
}

/// Opens a span by its row.
pub(crate) fn span(connection: &Connection, row: i64) -> Result<Option<OpenSpan>, Fault> {
    let found = connection
        .prepare_cached("SELECT skeleton, places, thread FROM body WHERE span = ?1")?
        .query_row([row], |row| {
            let row: (Vec<u8>, Vec<u8>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(row)
        })
        .optional()?;
    let Some((skeleton, places, thread)) = found else {
        return Ok(None);
    };
    let (origin, mut restorer) = parts(connection, &places)?;
    let mut span: Span = message(&skeleton)?;
    restorer.attributes(&mut span.attributes)?;
    for event in &mut span.events {
        restorer.attributes(&mut event.attributes)?;
    }
    for link in &mut span.links {
        restorer.attributes(&mut link.attributes)?;
    }
    Ok(Some(OpenSpan {
        span,
        origin: ResourceSpans::decode(origin.as_slice()).map_err(damage)?,
        thread: thread.unwrap_or_default(),
    }))
}

/// Opens the log records of a trace, or of one span in it, in the order of time.
pub(crate) fn logs(
    connection: &Connection,
    trace: i64,
    span: Option<[u8; 8]>,
) -> Result<Vec<OpenLog>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT skeleton, places FROM log WHERE trace = ?1 AND (?2 IS NULL OR span_id = ?2) ORDER BY at, id",
    )?;
    let mut rows = statement.query(rusqlite::params![trace, span])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        let (skeleton, places): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        logs.push(log(connection, &skeleton, &places)?);
    }
    Ok(logs)
}

/// Opens a log record out of the columns of its row.
pub(crate) fn log(
    connection: &Connection,
    skeleton: &[u8],
    places: &[u8],
) -> Result<OpenLog, Fault> {
    let (origin, mut restorer) = parts(connection, places)?;
    let mut record: LogRecord = message(skeleton)?;
    restorer.attributes(&mut record.attributes)?;
    if let Some(body) = &mut record.body {
        restorer.value(body)?;
    }
    Ok(OpenLog {
        record,
        origin: ResourceLogs::decode(origin.as_slice()).map_err(damage)?,
    })
}

/// Reads what is said of program and library, and what was taken out.
fn parts(connection: &Connection, places: &[u8]) -> Result<(Vec<u8>, Restorer), Fault> {
    let (origin, places) = code::decode(places)?;
    let mut leaves: Vec<Found> = Vec::with_capacity(places.len());
    for (node, segments) in places {
        let mut found = Vec::with_capacity(segments.len());
        for segment in segments {
            found.push(match segment {
                Place::Inline(bytes) => bytes,
                Place::Content(row) => content(connection, row)?,
            });
        }
        leaves.push((node, found));
    }
    Ok((content(connection, origin)?, Restorer::new(leaves)))
}

fn content(connection: &Connection, row: i64) -> Result<Vec<u8>, Fault> {
    let packed: Option<Vec<u8>> = connection
        .prepare_cached("SELECT bytes FROM content WHERE id = ?1")?
        .query_row([row], |row| row.get(0))
        .optional()?;
    let packed = packed.ok_or_else(|| Damage(format!("content {row} is missing")))?;
    Ok(unpack(&packed)?)
}

pub(crate) fn message<M: Message + Default>(packed: &[u8]) -> Result<M, Fault> {
    plain(&unpack(packed)?)
}

/// Reads a message that was unpacked.
pub(crate) fn plain<M: Message + Default>(bytes: &[u8]) -> Result<M, Fault> {
    Ok(M::decode(bytes).map_err(damage)?)
}

fn damage(error: impl std::fmt::Display) -> Damage {
    Damage(format!("a message does not read: {error}"))
}
