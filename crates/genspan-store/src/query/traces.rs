//! The list of traces.

use rusqlite::{Row, params_from_iter, types::Value};

use super::{
    Asker, amount, count, duration, hex,
    list::{self, Conditions},
    micros,
    text::{self, Found},
};
use crate::{
    Cursor, Filter, Page,
    file::Fault,
    prepare::facts::{SEPARATOR, Status},
    read::{Tokens, TracePage, TraceRow},
    shape::Summary,
    writer::summarise,
};

/// How long a trace whose first span has not come counts as open, in nanoseconds since the last of it came.
const OPEN: i64 = 60_000_000_000;

/// Names the columns of [`Listed::from_row`], in order.
pub(super) const COLUMNS: &str = "trace.id, trace.trace_id, trace.arrived, trace.is_stale, trace.started, trace.ended, \
    trace.name, trace.operation, trace.agent, trace.conversation, trace.service, trace.said, trace.models, \
    trace.providers, trace.sources, trace.spans, trace.calls, trace.tools, trace.errors, trace.cancelled, trace.input, \
    trace.cached, trace.output, trace.reasoning, trace.cost, trace.currency, trace.unpriced, trace.first_chunk, \
    trace.status, trace.is_headless, trace.error_type, trace.is_cost_stated";

/// Holds a trace's row.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) row: i64,
    trace_id: [u8; 16],
    arrived: i64,
    is_stale: bool,
    summary: Summary,
}

impl Listed {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let names = |column: usize| -> rusqlite::Result<_> {
            let joined: String = row.get(column)?;
            let names = joined.split(SEPARATOR).filter(|name| !name.is_empty());
            Ok(names.map(str::to_owned).collect())
        };
        Ok(Self {
            row: row.get(0)?,
            trace_id: row.get(1)?,
            arrived: row.get(2)?,
            is_stale: row.get(3)?,
            summary: Summary {
                started: row.get(4)?,
                ended: row.get(5)?,
                name: row.get(6)?,
                operation: row.get(7)?,
                agent: row.get(8)?,
                conversation: row.get(9)?,
                service: row.get(10)?,
                said: row.get(11)?,
                models: names(12)?,
                providers: names(13)?,
                sources: names(14)?,
                spans: row.get(15)?,
                calls: row.get(16)?,
                tools: row.get(17)?,
                errors: row.get(18)?,
                cancelled: row.get(19)?,
                input: row.get(20)?,
                cached: row.get(21)?,
                output: row.get(22)?,
                reasoning: row.get(23)?,
                cost: row.get(24)?,
                currency: row.get(25)?,
                unpriced: row.get(26)?,
                first_chunk: row.get(27)?,
                status: Status::from_column(row.get(28)?),
                is_headless: row.get(29)?,
                error_type: row.get(30)?,
                is_cost_stated: row.get(31)?,
                ..Summary::default()
            },
        })
    }

    /// Gives what a list shows; sums that are behind are made anew. `None` where the trace has no spans.
    pub(super) fn into_row(mut self, asker: &Asker<'_>) -> Result<Option<TraceRow>, Fault> {
        if self.is_stale {
            let Some((_, _, summary)) = summarise(asker.connection, self.row)? else {
                return Ok(None);
            };
            self.summary = summary;
        }
        let is_open = self.summary.is_headless && asker.now.saturating_sub(self.arrived) < OPEN;
        Ok(Some(shown(&self.trace_id, self.summary, is_open)))
    }

    pub(super) const fn is_stale(&self) -> bool {
        self.is_stale
    }
}

fn shown(trace_id: &[u8; 16], summary: Summary, is_open: bool) -> TraceRow {
    let tokens = |column: Option<i64>| column.map(count);
    TraceRow {
        trace_id: hex(trace_id),
        start_micros: micros(summary.started),
        duration_micros: duration(summary.started, summary.ended),
        name: summary.name,
        operation: summary.operation,
        agent: summary.agent,
        conversation_id: summary.conversation,
        service: summary.service,
        last_user_message: summary.said,
        models: summary.models.into_iter().collect(),
        providers: summary.providers.into_iter().collect(),
        spans: count(summary.spans),
        calls: count(summary.calls),
        tools: count(summary.tools),
        errors: count(summary.errors),
        tokens: Tokens {
            input: tokens(summary.input),
            cached: tokens(summary.cached),
            output: tokens(summary.output),
            reasoning: tokens(summary.reasoning),
        },
        cost: amount(summary.cost, summary.currency.as_deref()),
        cost_stated: summary.is_cost_stated,
        unpriced_calls: count(summary.unpriced),
        time_to_first_chunk_micros: summary.first_chunk.map(|nanos| duration(0, nanos)),
        status: if is_open {
            "open"
        } else {
            summary.status.as_str()
        },
        error_type: summary.error_type,
        sources: summary.sources.into_iter().collect(),
        found: None,
    }
}

/// Lists traces, the newest first.
pub(crate) fn traces(asker: &Asker<'_>, filter: &Filter, page: Page) -> Result<TracePage, Fault> {
    let (found, listed) = match &filter.text {
        Some(text) => {
            let (found, listed) = those_that_say(asker, filter, page, text)?;
            (Some(found), listed)
        }
        None => (None, rows(asker, filter, page, None)?),
    };
    let mut list = TracePage::default();
    if listed.len() > page.limit()
        && let Some(last) = listed.get(page.limit() - 1)
    {
        let cursor = Cursor {
            at: last.summary.started,
            row: last.row,
        };
        list.next = Some(cursor.to_string());
    }
    for trace in listed.into_iter().take(page.limit()) {
        let place = found
            .as_ref()
            .and_then(|found| found.traces.get(&trace.row));
        let Some(mut row) = trace.into_row(asker)? else {
            continue;
        };
        if let (Some(found), Some(place)) = (&found, place) {
            row.found = found.show(asker, *place)?;
        }
        list.traces.push(row);
    }
    if *filter == Filter::default() && page.before.is_none() {
        let total: i64 = asker.connection.query_row(
            "SELECT (SELECT count(*) FROM trace) - (SELECT count(*) FROM trace WHERE spans = 0 AND NOT is_stale)",
            [],
            |row| row.get(0),
        )?;
        list.total = Some(count(total));
    }
    Ok(list)
}

/// Reads a page of traces that say what is looked for, and one more where there is one.
///
/// Where not everything was considered, the newest traces are decided for until they fill the page; only where that takes too
/// much, as where few of many traces say what many messages do, the page holds what was considered, and may miss others.
fn those_that_say(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    text: &str,
) -> Result<(Found, Vec<Listed>), Fault> {
    let found = Found::for_page(asker, text, |found| decide(asker, filter, page, found))?;
    let listed = rows(asker, filter, page, Some(&found))?;
    Ok((found, listed))
}

/// Names a trace that a filter wants, whatever it says.
#[derive(Clone, Copy)]
struct Newest(i64);

impl text::Row for Newest {
    fn trace(self) -> i64 {
        self.0
    }

    fn is_in(self, found: &Found) -> bool {
        found.traces.contains_key(&self.0)
    }
}

/// Decides for the traces that a page would begin with if nothing were looked for; `false` where that takes too much.
fn decide(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    found: &mut Found,
) -> Result<bool, Fault> {
    let (sql, values) = Wanted::of(filter, page, None).into_sql("trace.id", usize::MAX);
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let newest = statement.query_map(params_from_iter(values), |row| Ok(Newest(row.get(0)?)))?;
    found.decide(asker, newest, page.limit() + 1)
}

/// Reads a page of rows, and one more where there is one.
fn rows(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    found: Option<&Found>,
) -> Result<Vec<Listed>, Fault> {
    let (sql, values) = Wanted::of(filter, page, found).into_sql(COLUMNS, page.limit() + 1);
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), Listed::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Holds which rows a list has, and what orders them.
struct Wanted {
    from: &'static str,
    at: &'static str,
    row: &'static str,
    conditions: Conditions,
}

impl Wanted {
    fn of(filter: &Filter, page: Page, found: Option<&Found>) -> Self {
        let facets = list::facets(filter);
        // The first one leads, in the order of time; the others are looked up for each trace that it finds.
        let mut conditions = Conditions::default();
        let (from, at, row) = match facets.first() {
            Some((facet, word)) if found.is_none() => {
                conditions.add(
                    "facet.kind = ? AND facet.word = ?",
                    [
                        Value::Integer(facet.column()),
                        Value::Text((*word).to_owned()),
                    ],
                );
                (
                    "facet CROSS JOIN trace ON trace.id = facet.trace",
                    "facet.started",
                    "facet.trace",
                )
            }
            _ => ("trace", "trace.started", "trace.id"),
        };
        let led = usize::from(!facets.is_empty() && found.is_none());
        let wanted = list::of_traces(filter, facets.get(led..).unwrap_or_default());
        conditions.add(wanted.sql(), []);
        conditions.values.extend(wanted.values);
        conditions.add("(trace.spans > 0 OR trace.is_stale)", []);
        if let Some(found) = found {
            let rows = list::rows(found.traces.keys().copied());
            conditions.add("trace.id IN (SELECT value FROM json_each(?))", [rows]);
        }
        if let Some(before) = page.before {
            conditions.add(
                format!("({at}, {row}) < (?, ?)"),
                [before.at, before.row].map(Value::Integer),
            );
        }
        Self {
            from,
            at,
            row,
            conditions,
        }
    }

    /// Asks for so many of the rows, the newest first.
    fn into_sql(self, columns: &str, most: usize) -> (String, Vec<Value>) {
        let Self {
            from,
            at,
            row,
            mut conditions,
        } = self;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        conditions.values.push(Value::Integer(most));
        let sql = format!(
            "SELECT {columns} FROM {from} WHERE {} ORDER BY {at} DESC, {row} DESC LIMIT ?",
            conditions.sql()
        );
        (sql, conditions.values)
    }
}
