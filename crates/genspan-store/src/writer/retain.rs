//! Lets what is too old or too much go.

use rusqlite::Connection;

use super::forget::{Which, remove_all, remove_some};
use crate::{Forgotten, Retention, file::Fault};

/// Traces that go at once where there is too much.
const OLDEST: i64 = 20;

/// Keeps what the retention says; what is over in size goes until nine tenths are left.
pub(super) fn retain(
    connection: &mut Connection,
    retention: &Retention,
    now_micros: i64,
) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    if let Some(age) = retention.age {
        let age = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
        let since = now_micros.saturating_mul(1_000).saturating_sub(age);
        gone.add(remove_all(connection, &Which::SilentSince(since))?);
    }
    if let Some(limit) = retention.bytes
        && used(connection)? > limit
    {
        gone.add(shrink(connection, limit / 10 * 9)?);
    }
    if gone != Forgotten::default() {
        connection.execute_batch("PRAGMA incremental_vacuum")?;
    }
    Ok(gone)
}

/// Lets the oldest traces go, until what is left should fit.
///
/// Deleting gives room back only once the index is merged, so what has to go is reckoned by spans.
fn shrink(connection: &mut Connection, aim: u64) -> Result<Forgotten, Fault> {
    let used = used(connection)?;
    let spans: i64 = connection.query_row("SELECT count(*) FROM span", [], |row| row.get(0))?;
    let spans = u128::from(spans.unsigned_abs());
    let excess = spans * u128::from(used.saturating_sub(aim)) / u128::from(used.max(1));
    let mut gone = Forgotten::default();
    while u128::from(gone.spans) <= excess {
        let some = remove_some(connection, &Which::Oldest(OLDEST))?;
        gone.add(some);
        if some.traces == 0 {
            break;
        }
    }
    connection.execute_batch("INSERT INTO words (words) VALUES ('optimize')")?;
    Ok(gone)
}

/// Gives the bytes of the file that hold something.
fn used(connection: &Connection) -> Result<u64, Fault> {
    let number = |pragma: &str| -> rusqlite::Result<u64> {
        let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
        Ok(number.unsigned_abs())
    };
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?))
}
