//! Lets what is too old or too much go.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    forget::{Which, remove_all, remove_some},
    wipe::Wiper,
};
use crate::{Forgotten, Limit, Retention, file::Fault};

/// Traces that go at once where there is too much.
const OLDEST: i64 = 20;

/// Keeps what the retention says; what is over in size goes until nine tenths are left.
pub(super) fn retain(
    connection: &mut Connection,
    wiper: &mut Wiper,
    retention: &Retention,
    now_micros: i64,
) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    let mut is_any = false;
    let age = retention.age.map(|age| match age {
        Limit::Off => Limit::Off,
        Limit::At(age) => Limit::At(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)),
    });
    if let Limit::At(nanos) = chosen(connection, AGE, age, MOST_NANOS)? {
        let age = i64::try_from(nanos).unwrap_or(i64::MAX);
        let since = now_micros.saturating_mul(1_000).saturating_sub(age);
        let which = Which::SilentSince(since);
        if which.finds_any(connection)? {
            is_any = true;
            Wiper::begin(connection)?;
            gone.add(remove_all(connection, &which)?);
        }
    }
    if let Limit::At(limit) = chosen(connection, BYTES, retention.bytes, MOST_BYTES)?
        && used(connection)? > limit
    {
        is_any = true;
        Wiper::begin(connection)?;
        gone.add(shrink(connection, limit / 10 * 9)?);
    }
    if is_any {
        wiper.wipe(connection)?;
    }
    Ok(gone)
}

/// Names what the file remembers of the choices, in nanoseconds and bytes.
const AGE: &str = "retention.nanos";
const BYTES: &str = "retention.bytes";

/// What holds where nobody chose: 14 days, and 2 GB.
const MOST_NANOS: u64 = 14 * 24 * 60 * 60 * 1_000_000_000;
const MOST_BYTES: u64 = 2_000_000_000;

/// How a choice of no bound reads in the file.
const OFF: &str = "off";

/// Gives what holds: what is chosen now, which the file remembers, else what was chosen last.
fn chosen(
    connection: &Connection,
    name: &str,
    now: Option<Limit<u64>>,
    default: u64,
) -> Result<Limit<u64>, Fault> {
    if let Some(now) = now {
        let value = match now {
            Limit::Off => OFF.to_owned(),
            Limit::At(number) => number.to_string(),
        };
        // A disk without room for it is what letting go mends; it is remembered the next time.
        drop(connection.execute(
            "INSERT INTO setting (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
            params![name, value],
        ));
        return Ok(now);
    }
    let value: Option<String> = connection
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(match value.as_deref() {
        Some(OFF) => Limit::Off,
        value => Limit::At(
            value
                .and_then(|value| value.parse().ok())
                .unwrap_or(default),
        ),
    })
}

/// Lets the oldest traces go, until what is left should fit.
///
/// Deleting gives room back only once the index is mended, so what has to go is reckoned by spans.
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
