//! Exchanges that have ended and are not decoded yet, while an operation further out waits for their word.
//!
//! An attempt that failed makes room for the next in the operation that it contributes to, but only once it
//! is decoded, which happens on the telemetry's worker. A client may repeat the call sooner. So where a call
//! begins in the same trace, what is unread there is read first, on the caller's thread.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicUsize, Ordering},
};

use genspan::TraceId;

use crate::intake::Intake;

/// Holds the ended exchanges that contribute, by the trace they belong to.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    exchanges: Mutex<Vec<(TraceId, Weak<Intake>)>>,
    /// How many there are, so that a look costs no lock.
    count: AtomicUsize,
}

impl Unread {
    /// Bounds the exchanges that are kept; of more the oldest are left to the worker.
    const MAX: usize = 1024;

    /// Tells whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// Keeps an exchange that has ended; decoded or not, it is let go when nobody else holds it.
    pub(crate) fn add(&self, trace: TraceId, intake: &Arc<Intake>) {
        let mut unread = self.lock();
        unread.retain(|(_, intake)| intake.strong_count() > 0);
        if unread.len() >= Self::MAX {
            unread.remove(0);
        }
        unread.push((trace, Arc::downgrade(intake)));
        self.count.store(unread.len(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(TraceId, Weak<Intake>)>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Decodes what has ended in a trace.
    pub(crate) fn read(&self, trace: TraceId) {
        let found: Vec<Weak<Intake>> = {
            let mut unread = self.lock();
            let found = unread
                .extract_if(.., |(of, _)| *of == trace)
                .map(|(_, intake)| intake)
                .collect();
            self.count.store(unread.len(), Ordering::Release);
            found
        };
        for intake in found.iter().filter_map(Weak::upgrade) {
            intake.decode();
        }
    }
}
