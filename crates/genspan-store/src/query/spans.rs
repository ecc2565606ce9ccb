//! The list of spans.

use rusqlite::{params_from_iter, types::Value};

use super::{
    Asker, hex,
    list::{self, Conditions},
    node,
    text::{self, Found},
};
use crate::{
    Cursor, Filter, Page,
    file::Fault,
    read::{FoundSpan, SpanPage},
    rows::{COLUMNS, Record},
};

/// Holds a span, and the id of its trace.
type Listed = (Record, [u8; 16]);

/// Lists spans, the newest first; what several told is one of them.
pub(crate) fn spans(asker: &Asker<'_>, filter: &Filter, page: Page) -> Result<SpanPage, Fault> {
    let Some(text) = &filter.text else {
        let rows = listed(asker, filter, page, None)?;
        return shown(asker, rows, page, None);
    };
    let (found, rows) = those_that_say(asker, filter, page, text)?;
    shown(asker, rows, page, Some(&found))
}

/// Reads a page of spans that say what is looked for, and one more where there is one; what holds of the
/// [list of traces](super::traces::traces) holds of it as well.
fn those_that_say(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    text: &str,
) -> Result<(Found, Vec<Listed>), Fault> {
    let found = Found::for_page(asker, text, |found| decide(asker, filter, page, found))?;
    let rows = listed(asker, filter, page, Some(&found))?;
    Ok((found, rows))
}

/// Names a span that a filter wants, whatever it says.
#[derive(Clone, Copy)]
struct Newest {
    trace: i64,
    row: i64,
}

impl text::Row for Newest {
    fn trace(self) -> i64 {
        self.trace
    }

    fn is_in(self, found: &Found) -> bool {
        found.spans.contains_key(&self.row)
    }
}

/// Decides for the spans that a page would begin with if nothing were looked for; `false` where that takes too much.
fn decide(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    found: &mut Found,
) -> Result<bool, Fault> {
    let conditions = wanted(filter, page, None);
    let (sql, values) = sql("span.trace, span.id", conditions, usize::MAX);
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let newest = statement.query_map(params_from_iter(values), |row| {
        Ok(Newest {
            trace: row.get(0)?,
            row: row.get(1)?,
        })
    })?;
    found.decide(asker, newest, page.limit() + 1)
}

/// Reads a page of rows with the ids of their traces, and one more where there is one.
fn listed(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    found: Option<&Found>,
) -> Result<Vec<Listed>, Fault> {
    let columns = format!("{COLUMNS}, trace.trace_id");
    let (sql, values) = sql(&columns, wanted(filter, page, found), page.limit() + 1);
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok((Record::from_row(row)?, row.get("trace_id")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Says which spans are in the list.
fn wanted(filter: &Filter, page: Page, found: Option<&Found>) -> Conditions {
    let mut conditions = list::of_spans(filter);
    conditions.add("(span.lead IS NULL OR lead.trace <> span.trace)", []);
    if let Some(found) = found {
        let rows = list::rows(found.spans.keys().copied());
        conditions.add(
            "(span.id IN (SELECT value FROM json_each(?)) OR span.id IN
                (SELECT member.lead FROM json_each(?) JOIN span AS member ON member.id = value))",
            [rows.clone(), rows],
        );
    }
    if let Some(before) = page.before {
        conditions.add(
            "(span.started, span.id) < (?, ?)",
            [before.at, before.row].map(Value::Integer),
        );
    }
    conditions
}

/// Asks for so many spans, the newest first.
fn sql(columns: &str, mut conditions: Conditions, most: usize) -> (String, Vec<Value>) {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    conditions.values.push(Value::Integer(most));
    let sql = format!(
        "SELECT {columns} FROM span JOIN trace ON trace.id = span.trace
         LEFT JOIN span AS lead ON lead.id = span.lead
         WHERE {} ORDER BY span.started DESC, span.id DESC LIMIT ?",
        conditions.sql()
    );
    (sql, conditions.values)
}

/// Shows rows, and where the next page begins.
fn shown(
    asker: &Asker<'_>,
    rows: Vec<Listed>,
    page: Page,
    found: Option<&Found>,
) -> Result<SpanPage, Fault> {
    let mut list = SpanPage::default();
    if rows.len() > page.limit()
        && let Some((last, _)) = rows.get(page.limit() - 1)
    {
        let cursor = Cursor {
            at: last.facts.started,
            row: last.row,
        };
        list.next = Some(cursor.to_string());
    }
    for (record, trace_id) in rows.into_iter().take(page.limit()) {
        let members = node::members(asker.connection, record.row)?;
        let own = std::iter::once(record.row).chain(members.iter().map(|member| member.row));
        let found = match found {
            Some(found) => {
                let mut places = own.filter_map(|row| found.spans.get(&row));
                match places.next() {
                    Some(place) => found.show(asker, *place)?,
                    None => None,
                }
            }
            None => None,
        };
        list.spans.push(FoundSpan {
            trace_id: hex(&trace_id),
            service: record.facts.service.clone(),
            span: node::shown(record, &members),
            found,
        });
    }
    Ok(list)
}
