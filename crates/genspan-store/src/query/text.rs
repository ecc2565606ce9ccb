//! Who said what is looked for.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::{Asker, hex};
use crate::{
    content::Hash,
    file::Fault,
    open,
    prepare::{docs, said},
    read::Match,
    words::{self, Sought},
};

/// Messages that are considered, the latest first.
const MESSAGES: i64 = 10_000;

/// Spans that are considered; a message may be told in many.
const SPANS: i64 = 20_000;

/// Holds where words were said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) span: i64,
    doc: i64,
}

/// Holds who said what is looked for.
#[derive(Debug)]
pub(super) struct Found {
    sought: Sought,
    /// By the row of the trace, where it was said first.
    pub(super) traces: HashMap<i64, Place>,
    /// By the row of the span.
    pub(super) spans: HashMap<i64, Place>,
}

impl Found {
    /// Looks words up.
    pub(super) fn of(asker: &Asker<'_>, text: &str) -> Result<Self, Fault> {
        let mut found = Self {
            sought: words::sought(text),
            traces: HashMap::new(),
            spans: HashMap::new(),
        };
        let Some(expression) = &found.sought.expression else {
            return Ok(found);
        };
        let mut statement = asker.connection.prepare_cached(
            "SELECT said.doc, said.trace, said.span
             FROM (SELECT rowid AS doc FROM words WHERE words MATCH ?1 ORDER BY rowid DESC LIMIT ?2) AS message
             CROSS JOIN said ON said.doc = message.doc LIMIT ?3",
        )?;
        let mut rows = statement.query(params![expression, MESSAGES, SPANS])?;
        while let Some(row) = rows.next()? {
            let place = Place {
                doc: row.get(0)?,
                span: row.get(2)?,
            };
            let earliest = found.traces.entry(row.get(1)?).or_insert(place);
            if place.span < earliest.span {
                *earliest = place;
            }
            found.spans.entry(place.span).or_insert(place);
        }
        Ok(found)
    }

    /// Shows what was found; the words are read from the span again, since the index keeps none.
    pub(super) fn show(&self, asker: &Asker<'_>, place: Place) -> Result<Option<Match>, Fault> {
        let connection = asker.connection;
        let ids = connection
            .prepare_cached(
                "SELECT coalesce(lead.span_id, span.span_id), span.error_message, span.trace, span.span_id
                 FROM span LEFT JOIN span AS lead ON lead.id = span.lead AND lead.trace = span.trace
                 WHERE span.id = ?1",
            )?
            .query_row([place.span], |row| {
                let (shown, own): ([u8; 8], [u8; 8]) = (row.get(0)?, row.get(3)?);
                let error: Option<String> = row.get(1)?;
                Ok((shown, error, row.get::<_, i64>(2)?, own))
            })
            .optional()?;
        let hash: Option<Hash> = connection
            .prepare_cached("SELECT hash FROM doc WHERE id = ?1")?
            .query_row([place.doc], |row| row.get(0))
            .optional()?;
        let open = open::span(connection, place.span)?;
        let (Some((id, error, trace, own)), Some(hash), Some(open)) = (ids, hash, open) else {
            return Ok(None);
        };
        let logs = open::logs(connection, trace, Some(own))?;
        let view = open::view(&open, &logs);
        let docs = docs(&said::of(&view), error.as_deref());
        let text = docs.iter().find(|doc| doc.hash == hash);
        let text = text.map(|doc| doc.text.as_str()).unwrap_or_default();
        Ok(Some(Match {
            span_id: hex(&id),
            snippet: words::snippet(text, &self.sought.words),
        }))
    }
}
