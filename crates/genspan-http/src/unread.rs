//! Exchanges that have ended and are not decoded yet, while an operation further out waits for their word.
//!
//! An attempt that failed makes room for the next in the operation that it contributes to, but only once it
//! is decoded, which happens on the telemetry's worker. A client may repeat the call sooner. So where a call
//! begins in the same trace, what is unread there is read first, on the caller's thread.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use genspan::TraceId;

use crate::intake::Intake;

/// Holds the ended exchanges that contribute, by the trace they belong to.
#[derive(Debug, Default)]
pub(crate) struct Unread(Mutex<Vec<(TraceId, Weak<Intake>)>>);

impl Unread {
    /// Bounds the exchanges that are kept; of more the oldest are left to the worker.
    const MAX: usize = 1024;

    /// Keeps an exchange that has ended; decoded or not, it is let go when nobody else holds it.
    pub(crate) fn add(&self, trace: TraceId, intake: &Arc<Intake>) {
        let mut unread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unread.retain(|(_, intake)| intake.strong_count() > 0);
        if unread.len() >= Self::MAX {
            unread.remove(0);
        }
        unread.push((trace, Arc::downgrade(intake)));
    }

    /// Decodes what has ended in a trace.
    pub(crate) fn read(&self, trace: TraceId) {
        let found: Vec<Weak<Intake>> = {
            let mut unread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            unread
                .extract_if(.., |(of, _)| *of == trace)
                .map(|(_, intake)| intake)
                .collect()
        };
        for intake in found.iter().filter_map(Weak::upgrade) {
            intake.decode();
        }
    }
}
