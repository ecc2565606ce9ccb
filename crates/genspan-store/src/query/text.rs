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
    shelves::{self, Shelf},
    words::{self, Sought},
    writer::is_name_of,
};

/// Says how many messages are considered, the latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// So many that they fill a page, unless a filter wants few of them.
    Page,
    /// As many as are ever considered.
    All,
}

impl Depth {
    const fn messages(self) -> i64 {
        match self {
            Self::Page => 1_000,
            Self::All => 10_000,
        }
    }

    /// Gives how many spans are considered; a message may be told in many.
    const fn spans(self) -> i64 {
        2 * self.messages()
    }
}

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
    /// Whether there may be more than what was considered.
    pub(super) is_cut: bool,
}

/// Holds how much more is considered.
#[derive(Clone, Copy, Debug)]
struct Left {
    messages: i64,
    spans: i64,
}

impl Found {
    /// Looks words up.
    pub(super) fn of(asker: &Asker<'_>, text: &str, depth: Depth) -> Result<Self, Fault> {
        let mut found = Self {
            sought: words::sought(text),
            traces: HashMap::new(),
            spans: HashMap::new(),
            is_cut: false,
        };
        let Some(expression) = &found.sought.expression else {
            return Ok(found);
        };
        let expression = expression.clone();
        let mut left = Left {
            messages: depth.messages(),
            spans: depth.spans(),
        };
        for shelf in shelves::all(asker.connection)? {
            found.look_into(asker, shelf, &expression, &mut left)?;
            found.is_cut = left.messages <= 0 || left.spans <= 0;
            if found.is_cut {
                break;
            }
        }
        Ok(found)
    }

    /// Looks words up in one part of the index.
    fn look_into(
        &mut self,
        asker: &Asker<'_>,
        shelf: Shelf,
        expression: &str,
        left: &mut Left,
    ) -> Result<(), Fault> {
        let words = shelf.table();
        let mut statement = asker.connection.prepare_cached(&format!(
            "SELECT said.doc, said.trace, said.span
             FROM (SELECT rowid AS doc FROM {words} WHERE {words} MATCH ?1 ORDER BY rowid DESC LIMIT ?2) AS message
             CROSS JOIN said ON said.doc = message.doc LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![expression, left.messages, left.spans])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let place = Place {
                doc: row.get(0)?,
                span: row.get(2)?,
            };
            left.spans -= 1;
            if last.replace(place.doc) != Some(place.doc) {
                left.messages -= 1;
            }
            let earliest = self.traces.entry(row.get(1)?).or_insert(place);
            if place.span < earliest.span {
                *earliest = place;
            }
            self.spans.entry(place.span).or_insert(place);
        }
        Ok(())
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
        let text = docs.iter().find(|doc| is_name_of(&hash, &doc.hash));
        let text = text.map(|doc| doc.text.as_str()).unwrap_or_default();
        Ok(Some(Match {
            span_id: hex(&id),
            snippet: words::snippet(text, &self.sought.words),
        }))
    }
}
