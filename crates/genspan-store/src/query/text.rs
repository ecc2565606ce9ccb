//! Who said what is looked for.

mod decide;

use std::collections::HashMap;

use rusqlite::OptionalExtension;

pub(super) use self::decide::Row;

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
    const fn messages(self) -> usize {
        match self {
            Self::Page => 400,
            Self::All => 10_000,
        }
    }

    /// Gives how many spans are considered; a message may be told in many.
    const fn spans(self) -> usize {
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
///
/// The latest messages are considered, and of each the traces of which something came last. Where that is not all, an older
/// trace may be among them while a newer one is not: one that tells an old message again, or one that came before older ones
/// were imported. Lists therefore [decide](Found::decide) for the newest traces one by one.
#[derive(Debug)]
pub(super) struct Found {
    sought: Sought,
    /// By the row of the trace, where it was said first.
    pub(super) traces: HashMap<i64, Place>,
    /// By the row of the span.
    pub(super) spans: HashMap<i64, Place>,
    /// Whether there may be more than what was considered.
    pub(super) is_cut: bool,
    depth: Depth,
    /// The oldest message of which all who said it are known, as of those that came after it.
    whole_from: i64,
    /// Of older messages, whether the words are in them.
    older: HashMap<i64, bool>,
}

impl Found {
    /// Looks words up for a page, and deeper where `decide` cannot say which rows are on it.
    pub(super) fn for_page(
        asker: &Asker<'_>,
        text: &str,
        mut decide: impl FnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<Self, Fault> {
        let mut found = Self::of(asker, text, Depth::Page)?;
        if found.is_cut && !decide(&mut found)? {
            found = Self::of(asker, text, Depth::All)?;
            if found.is_cut {
                decide(&mut found)?;
            }
        }
        Ok(found)
    }

    /// Looks words up.
    pub(super) fn of(asker: &Asker<'_>, text: &str, depth: Depth) -> Result<Self, Fault> {
        let mut found = Self {
            sought: words::sought(text),
            traces: HashMap::new(),
            spans: HashMap::new(),
            is_cut: false,
            depth,
            whole_from: i64::MAX,
            older: HashMap::new(),
        };
        let Some(expression) = found.sought.expression.clone() else {
            return Ok(found);
        };
        let mut left = depth.messages();
        for shelf in shelves::all(asker.connection)? {
            left = found.look_into(asker, shelf, &expression, (left, depth.spans()))?;
            if found.is_cut {
                break;
            }
        }
        Ok(found)
    }

    /// Looks words up in one part of the index, and gives how many more messages are considered.
    fn look_into(
        &mut self,
        asker: &Asker<'_>,
        shelf: Shelf,
        expression: &str,
        (messages, spans): (usize, usize),
    ) -> Result<usize, Fault> {
        let words = shelf.table();
        let mut latest = asker.connection.prepare_cached(&format!(
            "SELECT rowid FROM {words} WHERE {words} MATCH ?1 ORDER BY rowid DESC"
        ))?;
        let mut said = asker.connection.prepare_cached(
            "SELECT trace, span FROM said WHERE doc = ?1 ORDER BY trace DESC, span DESC",
        )?;
        let mut left = messages;
        let mut rows = latest.query([expression])?;
        while let Some(row) = rows.next()? {
            let doc: i64 = row.get(0)?;
            // None of those between the one before and this one has the words.
            self.whole_from = doc.saturating_add(1);
            if left == 0 {
                self.is_cut = true;
                break;
            }
            left -= 1;
            let mut by = said.query([doc])?;
            while let Some(row) = by.next()? {
                if self.spans.len() >= spans {
                    self.is_cut = true;
                    self.older.insert(doc, true);
                    return Ok(left);
                }
                let place = Place {
                    span: row.get(1)?,
                    doc,
                };
                self.add(row.get(0)?, place);
            }
            self.whole_from = doc;
        }
        Ok(left)
    }

    fn add(&mut self, trace: i64, place: Place) {
        let earliest = self.traces.entry(trace).or_insert(place);
        if place.span < earliest.span {
            *earliest = place;
        }
        self.spans.entry(place.span).or_insert(place);
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
        // Stores of version 1 named texts otherwise, and keep these names.
        let text = text.or_else(|| docs.iter().find(|doc| doc.former_name() == hash));
        let text = text.map(|doc| doc.text.as_str()).unwrap_or_default();
        Ok(Some(Match {
            span_id: hex(&id),
            snippet: words::snippet(text, &self.sought.words),
        }))
    }
}
