//! Values of a TOML file, each with its place.

use std::ops::Range;

use genspan::{Money, Timestamp};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::as_table;
use crate::{PricesError, moment};

/// Holds the text that is read and what it is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
}

/// Holds a key, its value, and where they stand.
pub(super) struct Entry<'v> {
    pub(super) key: &'v str,
    value: &'v Spanned<DeValue<'v>>,
    source: Source<'v>,
}

/// Errors show this much of a value.
const SHOWN: usize = 40;

impl<'t> Source<'t> {
    /// Gives what a table holds, in the order of the file.
    pub(super) fn entries<'v>(&self, table: &'v DeTable<'v>) -> Vec<Entry<'v>>
    where
        't: 'v,
    {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                value,
                source: *self,
            })
            .collect();
        entries.sort_by_key(|entry| entry.value.span().start);
        entries
    }

    pub(super) fn syntax(&self, error: &toml::de::Error) -> PricesError {
        PricesError::Syntax {
            file: self.name.to_owned(),
            line: self.line(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        }
    }

    pub(super) fn missing(
        &self,
        at: usize,
        key: &'static str,
        expected: &'static str,
    ) -> PricesError {
        PricesError::MissingKey {
            file: self.name.to_owned(),
            line: self.line(at),
            key,
            expected,
        }
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.bytes().take(at);
        before.filter(|byte| *byte == b'\n').count() + 1
    }

    fn shown(&self, span: Range<usize>) -> String {
        let whole = self.text.get(span).unwrap_or_default();
        let line = whole.lines().next().unwrap_or_default();
        let mut shown: String = line.chars().take(SHOWN).collect();
        if shown.len() < whole.len() {
            shown.push('…');
        }
        shown
    }
}

impl<'v> Entry<'v> {
    /// Gives the value as it is written.
    pub(super) fn raw(&self) -> &'v str {
        let span = self.value.span();
        self.source.text.get(span).unwrap_or_default()
    }

    pub(super) fn text(&self, expected: &'static str) -> Result<String, PricesError> {
        let text = self
            .value
            .get_ref()
            .as_str()
            .filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.wrong(expected))
    }

    pub(super) fn texts(&self, expected: &'static str) -> Result<Vec<String>, PricesError> {
        let list = self.value.get_ref().as_array();
        let texts = list.and_then(|list| {
            let texts = list.iter().map(|item| item.get_ref().as_str());
            texts.map(|text| text.map(str::to_owned)).collect()
        });
        texts.ok_or_else(|| self.wrong(expected))
    }

    pub(super) fn moment(&self, expected: &'static str) -> Result<Timestamp, PricesError> {
        let written = self.value.get_ref().as_datetime();
        written
            .and_then(moment::of)
            .ok_or_else(|| self.wrong(expected))
    }

    /// Reads a count of tokens.
    pub(super) fn count(&self, expected: &'static str) -> Result<u64, PricesError> {
        let digits = self.raw().replace('_', "");
        let is_number = self.value.get_ref().is_integer();
        let count = digits.parse().ok().filter(|_| is_number);
        count.ok_or_else(|| self.wrong(expected))
    }

    /// Reads an amount of money, exactly as it is written.
    pub(super) fn money(&self, expected: &'static str) -> Result<Money, PricesError> {
        let value = self.value.get_ref();
        let amount = self.raw().parse().ok();
        amount
            .filter(|_| value.is_integer() || value.is_float())
            .ok_or_else(|| self.wrong(expected))
    }

    pub(super) fn table(&self, expected: &'static str) -> Result<&'v DeTable<'v>, PricesError> {
        as_table(self.value.get_ref()).ok_or_else(|| self.wrong(expected))
    }

    /// Gives a list of tables with their places.
    pub(super) fn tables(&self) -> Result<Vec<(usize, &'v DeTable<'v>)>, PricesError> {
        const EXPECTED: &str = "a list of tables, each with its name in double brackets";
        let list = self.value.get_ref().as_array();
        let tables = list.and_then(|list| {
            let tables = list.iter();
            tables
                .map(|table| Some((table.span().start, as_table(table.get_ref())?)))
                .collect()
        });
        tables.ok_or_else(|| self.wrong(EXPECTED))
    }

    pub(super) fn wrong(&self, expected: &'static str) -> PricesError {
        let span = self.value.span();
        PricesError::Value {
            file: self.source.name.to_owned(),
            line: self.source.line(span.start),
            key: self.key.to_owned(),
            value: self.source.shown(span),
            expected,
        }
    }

    pub(super) fn unknown(&self, expected: &'static str) -> PricesError {
        PricesError::UnknownKey {
            file: self.source.name.to_owned(),
            line: self.source.line(self.value.span().start),
            key: self.key.to_owned(),
            expected,
        }
    }
}
