//! Moments that messages state.

use genspan::{Timestamp, Value};

use crate::fields::Fields;

/// Reads the moment that a message states of itself.
pub(crate) fn of(line: &Value) -> Option<Timestamp> {
    line.text("timestamp").and_then(read).or_else(|| {
        let millis = line.member("patch")?.count("end_time")?;
        Some(Timestamp::from_unix_nanos(millis.checked_mul(1_000_000)?))
    })
}

/// Reads a moment such as `2026-11-21T00:19:58.083Z`; `None` where it is none, or lies before 1970.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    let nanos = u64::try_from(moment.as_nanosecond()).ok()?;
    Some(Timestamp::from_unix_nanos(nanos))
}
