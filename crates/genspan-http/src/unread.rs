//! Exchanges that have ended and are not decoded yet, while an operation further out waits for their word.
//!
//! An attempt that failed makes room for the next in the operation that it contributes to, but only once it
//! is decoded, which happens on the telemetry's worker. A client may repeat the call sooner. So where a call
//! begins in the same trace, what is unread there is read first, on the caller's thread.
//!
//! A client may even repeat it before it lets go of the answer that refused it, as one does that keeps the last answer for
//! the case that it gives up. Where the next call begins within the very same operation, the refused one is over.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicUsize, Ordering},
};

use genspan::{SpanContext, SpanId, Timestamp, TraceId};

use crate::intake::Intake;

/// Names the operation that an exchange contributes to, by its span.
pub(crate) type Place = (TraceId, SpanId);

/// Holds the exchanges that contribute and have ended, or are refused, by what they contribute to.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    exchanges: Mutex<Vec<(Place, Weak<Intake>)>>,
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

    /// Keeps an exchange that has ended or is refused; decoded or not, it is let go when nobody else holds it.
    pub(crate) fn add(&self, place: Place, intake: &Arc<Intake>) {
        let mut unread = self.lock();
        unread.retain(|(_, intake)| intake.strong_count() > 0);
        let intake = Arc::downgrade(intake);
        if unread.iter().any(|(_, known)| known.ptr_eq(&intake)) {
            return;
        }
        if unread.len() >= Self::MAX {
            unread.remove(0);
        }
        unread.push((place, intake));
        self.count.store(unread.len(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Place, Weak<Intake>)>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Decodes what has ended in a trace, and ends what is refused in this very span.
    pub(crate) fn read(&self, span: &SpanContext, now: impl Fn() -> Timestamp) {
        let found: Vec<Arc<Intake>> = {
            let mut unread = self.lock();
            let is_due = |(trace, id): Place, intake: &Weak<Intake>| {
                trace == span.trace_id
                    && (id == span.span_id || intake.upgrade().is_none_or(|it| it.is_ended()))
            };
            let found = unread
                .extract_if(.., |(place, intake)| is_due(*place, intake))
                .filter_map(|(_, intake)| intake.upgrade())
                .collect();
            self.count.store(unread.len(), Ordering::Release);
            found
        };
        for intake in found {
            intake.give_up(&now);
            intake.decode();
        }
    }
}
