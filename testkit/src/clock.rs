//! A clock that stands still until it is moved.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use genspan::{Clock, Timestamp};

/// Tells a time that only the test moves.
#[derive(Debug)]
pub struct ManualClock {
    nanos: AtomicU64,
    step: u64,
}

impl ManualClock {
    /// Stands at the given second since the Unix epoch.
    #[must_use]
    pub const fn at(seconds: u64) -> Self {
        Self {
            nanos: AtomicU64::new(seconds * 1_000_000_000),
            step: 0,
        }
    }

    /// Moves by `step` each time it is read, so that every moment is told apart.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "steps of tests are short")]
    pub const fn stepping(mut self, step: Duration) -> Self {
        self.step = step.as_nanos() as u64;
        self
    }

    /// Moves on by `time`.
    #[allow(clippy::cast_possible_truncation, reason = "steps of tests are short")]
    pub fn advance(&self, time: Duration) {
        self.nanos
            .fetch_add(time.as_nanos() as u64, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(1_700_000_000)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_nanos(self.nanos.fetch_add(self.step, Ordering::SeqCst))
    }
}
