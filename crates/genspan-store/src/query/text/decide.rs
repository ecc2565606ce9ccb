//! Whether certain traces say what is looked for, beyond what was considered for all.

use std::collections::{BTreeSet, HashSet};

use rusqlite::params;

use super::{Depth, Found, Place};
use crate::{
    file::Fault,
    query::{Asker, list},
    shelves::{self, Shelf},
};

/// Rows that are decided for at once.
const SOME: usize = 128;

/// Messages between two that are looked up together: to pass over them costs less than to begin anew.
const BETWEEN: i64 = 256;

/// Holds how much more is looked at to decide.
#[derive(Clone, Copy, Debug)]
struct Left {
    /// Rows of the list, whether they say what is looked for or not.
    rows: usize,
    /// Places where traces tell messages that were not considered.
    places: usize,
    /// Runs of such messages that are looked up in the index, and messages with the words that are found so.
    runs: usize,
    messages: usize,
}

/// What one list may take.
const MOST: Left = Left {
    rows: 4_000,
    places: 160_000,
    runs: 200,
    messages: 20_000,
};

/// A row of a list, be it of traces or of spans.
pub(in crate::query) trait Row: Copy {
    /// Gives the row of its trace.
    fn trace(self) -> i64;

    /// Tells whether it is among what was found.
    fn is_in(self, found: &Found) -> bool;
}

impl Found {
    /// Decides for the rows of a list, the newest first, until so many say what is looked for, or all are decided for; `false`
    /// where that takes too much.
    pub(in crate::query) fn decide<R: Row>(
        &mut self,
        asker: &Asker<'_>,
        mut rows: impl Iterator<Item = rusqlite::Result<R>>,
        enough: usize,
    ) -> Result<bool, Fault> {
        let mut left = MOST;
        let (mut decided, mut saying, mut passed) = (HashSet::new(), 0, 0);
        loop {
            let some = rows.by_ref().take(SOME);
            let some = some.collect::<rusqlite::Result<Vec<R>>>()?;
            let silent = some.iter().filter(|row| !row.is_in(self));
            let traces: Vec<i64> = silent
                .map(|row| row.trace())
                .filter(|trace| decided.insert(*trace))
                .collect();
            if !self.decide_for(asker, &traces, &mut left)? {
                return Ok(false);
            }
            passed += some.len();
            saying += some.iter().filter(|row| row.is_in(self)).count();
            if saying >= enough || some.len() < SOME {
                return Ok(true);
            }
            // As many as it takes if those that follow are like these.
            let expected = passed * enough / saying.max(1);
            if passed >= left.rows || self.depth == Depth::Page && expected > left.rows {
                return Ok(false);
            }
        }
    }

    /// Finds what traces say in messages that were not considered; `false` where that would take too much.
    fn decide_for(
        &mut self,
        asker: &Asker<'_>,
        traces: &[i64],
        left: &mut Left,
    ) -> Result<bool, Fault> {
        let mut told = asker.connection.prepare_cached(
            "SELECT said.trace, said.doc, said.span FROM json_each(?1) AS asked
             CROSS JOIN said ON said.trace = asked.value AND said.doc < ?2 LIMIT ?3",
        )?;
        let most = i64::try_from(left.places).unwrap_or(i64::MAX);
        let values = params![list::rows(traces.iter().copied()), self.whole_from, most];
        let told = told.query_map(values, |row| {
            let place = Place {
                doc: row.get(1)?,
                span: row.get(2)?,
            };
            Ok((row.get::<_, i64>(0)?, place))
        })?;
        let told = told.collect::<rusqlite::Result<Vec<_>>>()?;
        left.places = left.places.saturating_sub(told.len());
        let docs = told.iter().map(|(_, place)| place.doc);
        let unknown = docs.filter(|doc| !self.older.contains_key(doc)).collect();
        let is_whole = self.look_up(asker, &unknown, left)? && left.places > 0;
        for (trace, place) in told {
            if self.older.get(&place.doc) == Some(&true) {
                self.add(trace, place);
            }
        }
        Ok(is_whole)
    }

    /// Finds out which messages the words are in; those stand together that came together, and are looked up at once.
    fn look_up(
        &mut self,
        asker: &Asker<'_>,
        docs: &BTreeSet<i64>,
        left: &mut Left,
    ) -> Result<bool, Fault> {
        let mut docs = docs.iter().copied().peekable();
        while let Some(first) = docs.next() {
            let Some(shelf) = shelves::of(asker.connection, first)? else {
                self.older.insert(first, false);
                continue;
            };
            if left.runs == 0 || left.messages == 0 {
                return Ok(false);
            }
            let mut run = vec![first];
            let mut last = first;
            while let Some(next) =
                docs.next_if(|next| next - last <= BETWEEN && shelf.is_for(*next))
            {
                run.push(next);
                last = next;
            }
            left.runs -= 1;
            let have = self.having(asker, shelf, (first, last), left.messages)?;
            let is_whole = have.len() < left.messages;
            left.messages -= have.len();
            if !is_whole {
                return Ok(false);
            }
            let known = run.into_iter().map(|doc| (doc, have.contains(&doc)));
            self.older.extend(known);
        }
        Ok(true)
    }

    /// Finds the messages of a shelf that have the words, from the first to the last, but no more than so many.
    fn having(
        &self,
        asker: &Asker<'_>,
        shelf: Shelf,
        (first, last): (i64, i64),
        most: usize,
    ) -> Result<HashSet<i64>, Fault> {
        let words = shelf.table();
        let mut statement = asker.connection.prepare_cached(&format!(
            "SELECT rowid FROM {words} WHERE {words} MATCH ?1 AND rowid BETWEEN ?2 AND ?3 LIMIT ?4"
        ))?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = params![self.sought.expression, first, last, most];
        let docs = statement.query_map(values, |row| row.get(0))?;
        Ok(docs.collect::<rusqlite::Result<_>>()?)
    }
}
