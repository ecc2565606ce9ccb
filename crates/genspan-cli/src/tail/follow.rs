//! What is new in a store that others write.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use genspan_store::{Filter, Page, Store, read::FoundSpan};

use crate::{Failure, environment::Environment, store::StoreArgs};

/// Looks for spans that were not there before.
pub(super) struct Follow {
    path: PathBuf,
    filter: Filter,
    /// How many of those that are there at the beginning count as new.
    last: usize,
    store: Option<Store>,
    /// How the files were when they were looked into.
    state: Option<State>,
    /// What was there then.
    known: HashSet<(String, String)>,
}

/// Tells one state of the store's files from another, as far as the file system does.
type State = [Option<(u64, SystemTime)>; 2];

/// Spans that are looked at; of what comes at once, more would be passed over.
const PAGE: usize = 1_000;

impl Follow {
    pub(super) fn new(path: PathBuf, filter: Filter, last: usize) -> Self {
        // Of a store that is yet to be made everything is new.
        let last = if path.exists() { last } else { usize::MAX };
        Self {
            path,
            filter,
            last,
            store: None,
            state: None,
            known: HashSet::new(),
        }
    }

    /// Gives what is new, in the order in which it ended.
    pub(super) fn next(
        &mut self,
        args: &StoreArgs,
        environment: &Environment,
    ) -> Result<Vec<FoundSpan>, Failure> {
        // Looked at before the store is, so that nothing comes between unseen.
        let state = state(&self.path);
        if self.state == Some(state) || state == [None, None] {
            return Ok(Vec::new());
        }
        let store = match self.store.take() {
            Some(store) => store,
            None => match args.open(environment) {
                Ok(store) => store,
                Err(failure) if is_passing(&failure) => return Ok(Vec::new()),
                Err(failure) => return Err(failure),
            },
        };
        let page = Page {
            limit: PAGE,
            before: None,
        };
        let found = match store.spans(&self.filter, page) {
            Ok(page) => page,
            Err(error) if error.is_retryable() => {
                self.store = Some(store);
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        self.store = Some(store);
        let is_first = self.state.replace(state).is_none();
        Ok(self.new_of(found.spans, found.next.is_some(), is_first))
    }

    /// Picks what is new of the newest spans.
    fn new_of(&mut self, spans: Vec<FoundSpan>, is_cut: bool, is_first: bool) -> Vec<FoundSpan> {
        let ids = |span: &FoundSpan| (span.trace_id.clone(), span.span.span_id.clone());
        if is_cut {
            // What began earlier is left out from now on, also where later spans are forgotten.
            let earliest = spans.last().map(|span| span.span.start_micros);
            self.filter.since_micros = self.filter.since_micros.max(earliest);
        }
        let here = spans.iter().map(ids).collect();
        let known = std::mem::replace(&mut self.known, here);
        let mut new = spans;
        if is_first {
            new.truncate(self.last);
        } else {
            new.retain(|span| !known.contains(&ids(span)));
        }
        new.sort_by_key(|span| {
            let span = &span.span;
            (
                span.start_micros
                    .saturating_add_unsigned(span.duration_micros),
                span.start_micros,
            )
        });
        new
    }
}

/// Tells whether the store is being made, or held for a moment.
fn is_passing(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<crate::store::StoreError>();
    error.is_some_and(crate::store::StoreError::is_passing)
}

fn state(path: &Path) -> State {
    let mut log = path.to_owned().into_os_string();
    log.push("-wal");
    [path, Path::new(&log)].map(|path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use genspan_store::read::SpanRow;

    use super::*;

    fn span(id: &str, start: i64, duration: u64) -> FoundSpan {
        FoundSpan {
            trace_id: "t".to_owned(),
            service: None,
            span: SpanRow {
                span_id: id.to_owned(),
                start_micros: start,
                duration_micros: duration,
                ..SpanRow::default()
            },
            found: None,
        }
    }

    #[test]
    fn what_is_new_comes_once_in_the_order_of_its_end() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut follow = Follow::new(here.to_owned(), Filter::default(), 1);
        let ids = |spans: Vec<FoundSpan>| -> Vec<String> {
            spans.into_iter().map(|span| span.span.span_id).collect()
        };
        let first = vec![span("b", 2, 1), span("a", 1, 1)];
        assert_eq!(ids(follow.new_of(first, false, true)), ["b"]);
        // An agent that began first ends last.
        let then = vec![
            span("d", 4, 1),
            span("b", 2, 1),
            span("a", 1, 1),
            span("c", 0, 9),
        ];
        assert_eq!(ids(follow.new_of(then.clone(), false, false)), ["d", "c"]);
        assert!(follow.new_of(then, true, false).is_empty());
        assert_eq!(follow.filter.since_micros, Some(0));
    }
}
