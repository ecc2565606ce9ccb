//! The exchanges under way that may be retries of an attempt that is held.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{ClientId, Key};
use genspan::TraceId;

/// Says what retries of one attempt have in common: who asks, in which trace, and what.
pub(super) type Kind = (Option<ClientId>, Option<TraceId>, u64);

/// Counts the exchanges that are under way, by their kinds.
#[derive(Clone, Debug, Default)]
pub(super) struct Kin(Arc<Mutex<HashMap<Kind, usize>>>);

/// Stands for an exchange until it is dropped.
#[derive(Debug)]
pub(crate) struct Begun {
    all: Kin,
    kind: Kind,
}

impl Kin {
    pub(super) fn begin(&self, key: &Key) -> Begun {
        let kind = key.kind();
        *self.lock().entry(kind).or_default() += 1;
        Begun {
            all: self.clone(),
            kind,
        }
    }

    /// Tells whether an exchange is under way that may be a retry of this one.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.lock().contains_key(&key.kind())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, usize>> {
        // Nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(count) = all.get_mut(&self.kind) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.kind);
            }
        }
    }
}
