//! Conversations.

use rusqlite::{params, params_from_iter, types::Value};

use super::{
    Asker, amount, count, duration, hex, list, micros, node,
    text::{Depth, Found},
    traces::{COLUMNS as TRACE, Listed},
};
use crate::{
    Cursor, Filter, Page,
    file::Fault,
    prepare::facts::{Kind, Status},
    read::{Conversation, ConversationCall, ConversationPage, ConversationRow, Tokens},
    rows::{COLUMNS, Counted, Record},
    shape::Facet,
};

/// Traces and calls that one conversation shows.
const TRACES: i64 = 1_000;
const CALLS: i64 = 20_000;

/// Lists conversations, the latest first.
pub(crate) fn conversations(
    asker: &Asker<'_>,
    filter: &Filter,
    page: Page,
) -> Result<ConversationPage, Fault> {
    let mut conditions = list::of_traces(filter, &list::facets(filter));
    conditions.add(
        "facet.kind = ?",
        [Value::Integer(Facet::Conversation.column())],
    );
    if let Some(conversation) = &filter.conversation {
        conditions.add("facet.word = ?", [Value::Text(conversation.clone())]);
    }
    if let Some(text) = &filter.text {
        let found = Found::of(asker, text, Depth::All)?;
        let rows = list::rows(found.traces.keys().copied());
        conditions.add("trace.id IN (SELECT value FROM json_each(?))", [rows]);
    }
    // Those that ended at the same moment are told apart by how many of them were given.
    let (before, given) = page
        .before
        .map_or((i64::MAX, 0), |cursor| (cursor.at, cursor.row));
    let limit = i64::try_from(page.limit() + 1).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT facet.word, max(trace.ended) AS latest
         FROM facet CROSS JOIN trace ON trace.id = facet.trace WHERE {}
         GROUP BY facet.word HAVING latest <= ? ORDER BY latest DESC, facet.word LIMIT ? OFFSET ?",
        conditions.sql()
    );
    conditions
        .values
        .extend([before, limit, given].map(Value::Integer));
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(conditions.values), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let found = rows.collect::<rusqlite::Result<Vec<(String, i64)>>>()?;
    let mut list = ConversationPage::default();
    if found.len() > page.limit()
        && let Some((_, at)) = found.get(page.limit() - 1)
    {
        let shown = found.iter().take(page.limit());
        let same = shown.filter(|(_, other)| other == at).count();
        let same = i64::try_from(same).unwrap_or(i64::MAX);
        let row = if *at == before { given + same } else { same };
        list.next = Some(Cursor { at: *at, row }.to_string());
    }
    for (id, _) in found.into_iter().take(page.limit()) {
        list.conversations.extend(row(asker, &id)?);
    }
    Ok(list)
}

/// Opens a conversation.
pub(crate) fn conversation(asker: &Asker<'_>, id: &str) -> Result<Option<Conversation>, Fault> {
    let Some(conversation) = row(asker, id)? else {
        return Ok(None);
    };
    let mut statement = asker.connection.prepare_cached(&format!(
        "SELECT {TRACE} FROM facet CROSS JOIN trace ON trace.id = facet.trace
         WHERE facet.kind = ?1 AND facet.word = ?2 ORDER BY facet.started, facet.trace LIMIT ?3"
    ))?;
    let values = params![Facet::Conversation.column(), id, TRACES];
    let listed = statement.query_map(values, Listed::from_row)?;
    let mut traces = Vec::new();
    for trace in listed.collect::<rusqlite::Result<Vec<_>>>()? {
        traces.extend(trace.into_row(asker)?);
    }
    Ok(Some(Conversation {
        conversation,
        traces,
        calls: calls(asker, id)?,
    }))
}

fn calls(asker: &Asker<'_>, id: &str) -> Result<Vec<ConversationCall>, Fault> {
    let mut statement = asker.connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, trace.trace_id FROM span JOIN trace ON trace.id = span.trace
         WHERE span.in_conversation = ?1 AND span.is_counted AND span.kind IN (?2, ?3)
         ORDER BY span.started, span.id LIMIT ?4"
    ))?;
    let kinds = [Kind::Chat.column(), Kind::Embeddings.column()];
    let rows = statement.query_map(params![id, kinds[0], kinds[1], CALLS], |row| {
        Ok((Record::from_row(row)?, row.get("trace_id")?))
    })?;
    let mut calls = Vec::new();
    for row in rows {
        let (record, trace_id): (Record, [u8; 16]) = row?;
        let facts = record.facts;
        calls.push(ConversationCall {
            trace_id: hex(&trace_id),
            span_id: hex(&facts.span_id),
            start_micros: micros(facts.started),
            tokens: node::tokens(&facts),
            cost: amount(facts.cost, facts.currency.as_deref()),
            duration_micros: duration(facts.started, facts.ended),
            status: facts.status.as_str(),
            model: facts.model,
        });
    }
    Ok(calls)
}

/// Sums a conversation up.
fn row(asker: &Asker<'_>, id: &str) -> Result<Option<ConversationRow>, Fault> {
    let connection = asker.connection;
    let mut row = connection
        .prepare_cached(&format!(
            "SELECT min(started), max(ended), count(DISTINCT trace),
                total(is_counted AND kind IN ({calls})),
                sum(iif({told}, input, NULL)), sum(iif({told}, cached, NULL)),
                sum(iif({told}, output, NULL)), sum(iif({told}, reasoning, NULL)),
                total(lead IS NULL AND status = {error})
             FROM span WHERE in_conversation = ?1",
            calls = calls_in_sql(),
            told = format_args!(
                "is_counted IN ({}, {}, {}) AND kind <> {}",
                Counted::Whole.column(),
                Counted::Tokens.column(),
                Counted::Apart.column(),
                Kind::Tool.column()
            ),
            error = Status::Error.column(),
        ))?
        .query_row([id], |row| {
            let tokens = |column: usize| -> rusqlite::Result<Option<u64>> {
                Ok(row.get::<_, Option<i64>>(column)?.map(count))
            };
            Ok(ConversationRow {
                conversation_id: id.to_owned(),
                first_micros: micros(row.get::<_, Option<i64>>(0)?.unwrap_or_default()),
                last_micros: micros(row.get::<_, Option<i64>>(1)?.unwrap_or_default()),
                traces: count(row.get(2)?),
                calls: whole(row.get(3)?),
                tokens: Tokens {
                    input: tokens(4)?,
                    cached: tokens(5)?,
                    output: tokens(6)?,
                    reasoning: tokens(7)?,
                },
                errors: whole(row.get(8)?),
                ..ConversationRow::default()
            })
        })?;
    if row.traces == 0 {
        return Ok(None);
    }
    spending(asker, id, &mut row)?;
    let names = |column: &str| -> Result<Vec<String>, Fault> {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT DISTINCT {column} FROM span
             WHERE in_conversation = ?1 AND {column} IS NOT NULL AND kind <> {} ORDER BY 1",
            if column == "model" {
                Kind::Agent.column()
            } else {
                -1
            }
        ))?;
        let names = statement.query_map([id], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    };
    row.agents = names("in_agent")?;
    row.models = names("model")?;
    let mut said = connection.prepare_cached(
        "SELECT trace.said FROM facet CROSS JOIN trace ON trace.id = facet.trace
         WHERE facet.kind = ?1 AND facet.word = ?2 AND trace.said IS NOT NULL
         ORDER BY facet.started DESC, facet.trace DESC LIMIT 1",
    )?;
    let mut said = said.query(params![Facet::Conversation.column(), id])?;
    if let Some(found) = said.next()? {
        row.last_user_message = found.get(0)?;
    }
    Ok(Some(row))
}

/// Sums up what the calls cost, or their agents state: in the currency of most, the others have no place in the sum.
fn spending(asker: &Asker<'_>, id: &str, row: &mut ConversationRow) -> Result<(), Fault> {
    let mut statement = asker.connection.prepare_cached(&format!(
        "SELECT currency, sum(cost), count(*), total(kind NOT IN ({})) FROM span
         WHERE in_conversation = ?1 AND is_counted IN ({}, {}, {}) AND kind <> {} AND cost IS NOT NULL
         GROUP BY currency ORDER BY 3 DESC, 1",
        calls_in_sql(),
        Counted::Whole.column(),
        Counted::Cost.column(),
        Counted::Apart.column(),
        Kind::Tool.column()
    ))?;
    let mut sums = statement.query([id])?;
    if let Some(sum) = sums.next()? {
        let currency: Option<String> = sum.get(0)?;
        row.cost = amount(sum.get(1)?, currency.as_deref());
        row.cost_stated = whole(sum.get(3)?) > 0;
    }
    while let Some(sum) = sums.next()? {
        row.unpriced_calls += count(sum.get(2)?);
    }
    let mut statement = asker.connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM span
         WHERE in_conversation = ?1 AND is_counted IN ({}, {}) AND cost IS NULL AND kind IN ({})",
        Counted::Whole.column(),
        Counted::Apart.column(),
        calls_in_sql()
    ))?;
    let unpriced = statement.query_map([id], Record::from_row)?;
    for record in unpriced {
        row.unpriced_calls += u64::from(!crate::shape::is_turned_away(&record?.facts));
    }
    Ok(())
}

fn calls_in_sql() -> String {
    format!("{}, {}", Kind::Chat.column(), Kind::Embeddings.column())
}

/// Gives a count that SQL gave as a floating point number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of rows are small and not negative"
)]
const fn whole(total: f64) -> u64 {
    total as u64
}
