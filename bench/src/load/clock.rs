//! Time that means the same in all processes of a run.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Nanoseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, nanos)
}

/// A duration as a number, at most what fits.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Sleeps until a point in time, not at all where it is over.
pub(crate) fn sleep_until(at: u64) {
    let left = at.saturating_sub(now());
    if left > 0 {
        thread::sleep(Duration::from_nanos(left));
    }
}

/// When the piece of work `index` is due, at so many in a second; nanoseconds after the first.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "runs take seconds, which a double counts in nanoseconds"
)]
pub(crate) fn share(index: u64, rate: f64) -> u64 {
    (index as f64 * 1e9 / rate) as u64
}
