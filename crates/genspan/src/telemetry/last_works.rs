//! What others have to do before the end.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
};

/// Does a piece of work, and tells whether it wants to be called again.
type Work = Box<dyn Fn() -> bool + Send + Sync>;

/// Holds the work that is to be done before a shutdown.
#[derive(Default)]
pub(super) struct LastWorks(Mutex<Vec<Work>>);

impl LastWorks {
    pub(super) fn add(&self, work: Work) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(work);
    }

    /// Does all of it, outside of the lock; a panic costs its own piece of work.
    pub(super) fn run(&self) {
        let mut works = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        works.retain(|work| catch_unwind(AssertUnwindSafe(work)).unwrap_or(false));
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.append(&mut works);
    }
}

impl fmt::Debug for LastWorks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastWorks")
    }
}
