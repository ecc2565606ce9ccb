//! How a store is to behave.

use std::{sync::Arc, time::Duration};

use genspan::{Clock, PriceList, SystemClock, redact::Redactor};

/// Says how a store behaves; what it needs from outside is given here.
#[derive(Clone, Debug)]
pub struct Options {
    /// What replaces secrets before anything is written.
    pub redactor: Redactor,
    /// What calls cost that do not say so themselves; without it they are unpriced.
    pub prices: Option<Arc<dyn PriceList>>,
    /// The time at which things come in.
    pub clock: Arc<dyn Clock>,
    /// How much is kept.
    pub retention: Retention,
    /// Whether the store may be written.
    pub access: Access,
    /// The most bytes the file may ever have; beyond it, what comes in is refused as [`Full`](crate::Error::Full).
    pub max_file_bytes: Option<u64>,
    /// The most bytes that may wait to be written; beyond it, what comes in is refused as [`Busy`](crate::Error::Busy).
    pub max_waiting_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            redactor: Redactor::new(),
            prices: None,
            clock: Arc::new(SystemClock::new()),
            retention: Retention::default(),
            access: Access::ReadWrite,
            max_file_bytes: None,
            max_waiting_bytes: 64 << 20,
        }
    }
}

/// Says how much [`Store::retain`](crate::Store::retain) leaves.
///
/// What is chosen here is kept in the file when something is let go, and from then on holds for everyone who opens the file
/// and chooses nothing. Where nobody ever chose, it is 14 days and 2 GB. What goes is in no list from then on; what is left of
/// its bytes is overwritten by the first call a day later, or by the next [`Store::forget`](crate::Store::forget).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The age, counted from when the last of it came in, beyond which a trace goes, and so what belongs to none.
    pub age: Option<Limit<Duration>>,
    /// The bytes of the file beyond which what came first goes: traces, and log records and metrics that belong to none.
    pub bytes: Option<Limit<u64>>,
}

/// Says whether there is a bound to what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit<T> {
    /// All is kept.
    Off,
    /// What is beyond goes.
    At(T),
}

/// Says whether a store may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It is read and written, and made where there is none.
    #[default]
    ReadWrite,
    /// It is only read; there must be one.
    ReadOnly,
}
