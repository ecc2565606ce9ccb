//! The list of spans.

use rusqlite::{params_from_iter, types::Value};

use super::{
    Asker, hex, list, node,
    text::{Depth, Found},
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
    let find = |depth| match &filter.text {
        Some(text) => Found::of(asker, text, depth).map(Some),
        None => Ok(None),
    };
    let mut found = find(Depth::Page)?;
    let mut rows = listed(asker, filter, page, found.as_ref())?;
    if rows.len() <= page.limit() && found.as_ref().is_some_and(|found| found.is_cut) {
        found = find(Depth::All)?;
        rows = listed(asker, filter, page, found.as_ref())?;
    }
    shown(asker, rows, page, found.as_ref())
}

/// Reads a page of rows with the ids of their traces, and one more where there is one.
fn listed(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
    found: Option<&Found>,
) -> Result<Vec<Listed>, Fault> {
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
            [Value::Integer(before.at), Value::Integer(before.row)],
        );
    }
    let limit = i64::try_from(page.limit() + 1).unwrap_or(i64::MAX);
    conditions.values.push(Value::Integer(limit));
    let sql = format!(
        "SELECT {COLUMNS}, trace.trace_id FROM span JOIN trace ON trace.id = span.trace
         LEFT JOIN span AS lead ON lead.id = span.lead
         WHERE {} ORDER BY span.started DESC, span.id DESC LIMIT ?",
        conditions.sql()
    );
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(conditions.values), |row| {
        Ok((Record::from_row(row)?, row.get("trace_id")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
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
