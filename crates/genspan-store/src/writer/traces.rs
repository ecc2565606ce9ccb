//! Sums up traces that have changed.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    file::Fault,
    prepare::facts::SEPARATOR,
    rows::{COLUMNS, Record},
    shape::{self, Summary, Tree},
};

/// Traces that are summed up in one transaction.
const SOME: i64 = 64;

/// Sums up some of the traces that have changed, within a transaction; `false` where there was none.
pub(super) fn settle_some(connection: &Connection) -> Result<bool, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM trace WHERE is_stale LIMIT ?1")?;
    let traces = statement.query_map([SOME], |row| row.get(0))?;
    let traces = traces.collect::<rusqlite::Result<Vec<i64>>>()?;
    for trace in &traces {
        settle(connection, *trace)?;
    }
    Ok(!traces.is_empty())
}

/// Reads a trace's spans, and finds out what belongs together; `None` where it has no spans.
pub(crate) fn summarise(
    connection: &Connection,
    trace: i64,
) -> Result<Option<(Vec<Record>, Tree, Summary)>, Fault> {
    summary_of(connection, records(connection, trace)?)
}

fn summary_of(
    connection: &Connection,
    mut spans: Vec<Record>,
) -> Result<Option<(Vec<Record>, Tree, Summary)>, Fault> {
    if spans.is_empty() {
        return Ok(None);
    }
    let tree = shape::settle(&mut spans);
    let mut summary = Summary::of(&spans, &tree);
    for row in &summary.speakers {
        let said: Option<Option<String>> = connection
            .prepare_cached("SELECT said FROM body WHERE span = ?1")?
            .query_row([row], |row| row.get(0))
            .optional()?;
        if let Some(said) = said.flatten() {
            summary.said = Some(said);
            break;
        }
    }
    Ok(Some((spans, tree, summary)))
}

/// Reads the spans of a trace.
pub(crate) fn records(connection: &Connection, trace: i64) -> Result<Vec<Record>, Fault> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM span WHERE trace = ?1"))?;
    let spans = statement.query_map([trace], Record::from_row)?;
    Ok(spans.collect::<rusqlite::Result<_>>()?)
}

fn settle(connection: &Connection, trace: i64) -> Result<(), Fault> {
    let before = records(connection, trace)?;
    let Some((spans, _, summary)) = summary_of(connection, before.clone())? else {
        connection
            .prepare_cached("UPDATE trace SET is_stale = 0, spans = 0 WHERE id = ?1")?
            .execute([trace])?;
        return write_facets(connection, trace, &Summary::default());
    };
    for (before, span) in before.iter().zip(&spans) {
        if before != span {
            connection
                .prepare_cached(
                    "UPDATE span SET lead = ?2, is_counted = ?3, in_agent = ?4, in_conversation = ?5
                     WHERE id = ?1",
                )?
                .execute(params![
                    span.row,
                    span.lead,
                    span.counted.column(),
                    span.in_agent,
                    span.in_conversation
                ])?;
        }
    }
    write_summary(connection, trace, &summary)?;
    write_facets(connection, trace, &summary)
}

fn write_summary(connection: &Connection, trace: i64, summary: &Summary) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "UPDATE trace SET is_stale = 0, started = ?2, ended = ?3, name = ?4, operation = ?5, agent = ?6,
                conversation = ?7, service = ?8, said = ?9, models = ?10, providers = ?11, sources = ?12, spans = ?13,
                calls = ?14, tools = ?15, errors = ?16, cancelled = ?17, input = ?18, cached = ?19, output = ?20,
                reasoning = ?21, cost = ?22, currency = ?23, unpriced = ?24, first_chunk = ?25, status = ?26,
                is_headless = ?27, error_type = ?28, is_cost_stated = ?29 WHERE id = ?1",
        )?
        .execute(params![
            trace,
            summary.started,
            summary.ended,
            summary.name,
            summary.operation,
            summary.agent,
            summary.conversation,
            summary.service,
            summary.said,
            joined(&summary.models),
            joined(&summary.providers),
            joined(&summary.sources),
            summary.spans,
            summary.calls,
            summary.tools,
            summary.errors,
            summary.cancelled,
            summary.input,
            summary.cached,
            summary.output,
            summary.reasoning,
            summary.cost,
            summary.currency,
            summary.unpriced,
            summary.first_chunk,
            summary.status.column(),
            summary.is_headless,
            summary.error_type,
            summary.is_cost_stated,
        ])?;
    Ok(())
}

/// Writes names into one column.
fn joined(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.join(&SEPARATOR.to_string())
}

fn write_facets(connection: &Connection, trace: i64, summary: &Summary) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("SELECT kind, word, started FROM facet WHERE trace = ?1")?;
    let known = statement.query_map([trace], |row| {
        Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)?))
    })?;
    let known = known.collect::<rusqlite::Result<Vec<((i64, String), i64)>>>()?;
    let is_same = known.len() == summary.facets.len()
        && known
            .iter()
            .all(|(facet, started)| *started == summary.started && summary.facets.contains(facet));
    if is_same {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM facet WHERE trace = ?1")?
        .execute([trace])?;
    let mut insert = connection
        .prepare_cached("INSERT INTO facet (kind, word, started, trace) VALUES (?1, ?2, ?3, ?4)")?;
    for (kind, word) in &summary.facets {
        insert.execute(params![kind, word, summary.started, trace])?;
    }
    Ok(())
}
