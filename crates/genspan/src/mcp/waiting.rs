//! The requests that were sent and have no answer yet.

use std::collections::{BTreeMap, HashMap};

use crate::{Active, McpOperation};

type Request = Active<McpOperation>;

/// Holds requests by their ids, the oldest of them known, so that they can be bounded.
///
/// What is taken out is given back and never dropped in here: its end runs code of others, and this stands behind a lock.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    requests: HashMap<String, (u64, Request)>,
    ids: BTreeMap<u64, String>,
    next: u64,
}

/// Says what became of a request that was to wait.
pub(super) struct Entered {
    /// Tells it from others of its id.
    pub(super) number: u64,
    /// The one whose id it has taken.
    pub(super) replaced: Option<Request>,
    /// The one that had to make room.
    pub(super) oldest: Option<Request>,
}

impl Waiting {
    /// Takes a request in; there are never more than `most`.
    pub(super) fn enter(&mut self, id: &str, request: Request, most: usize) -> Entered {
        let replaced = self.take(id);
        let oldest = (self.requests.len() >= most)
            .then(|| self.ids.values().next().cloned())
            .flatten();
        let oldest = oldest.and_then(|id| self.take(&id));
        let number = self.next;
        self.next += 1;
        self.ids.insert(number, id.to_owned());
        self.requests.insert(id.to_owned(), (number, request));
        Entered {
            number,
            replaced,
            oldest,
        }
    }

    /// Takes the request of this id out.
    pub(super) fn take(&mut self, id: &str) -> Option<Request> {
        let (number, request) = self.requests.remove(id)?;
        self.ids.remove(&number);
        Some(request)
    }

    /// Takes the request of this id out if this holds of it and of its number.
    pub(super) fn take_if(
        &mut self,
        id: &str,
        is_it: impl FnOnce(u64, &Request) -> bool,
    ) -> Option<Request> {
        let (number, request) = self.requests.get(id)?;
        if is_it(*number, request) {
            self.take(id)
        } else {
            None
        }
    }

    /// Takes all of them out, oldest first.
    pub(super) fn take_all(&mut self) -> Vec<Request> {
        let mut requests = std::mem::take(&mut self.requests);
        let ids = std::mem::take(&mut self.ids).into_values();
        ids.filter_map(|id| requests.remove(&id))
            .map(|(_, request)| request)
            .collect()
    }
}
