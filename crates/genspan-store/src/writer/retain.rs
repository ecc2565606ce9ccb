//! Lets what is too old or too much go.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    forget::{Which, remove_all},
    oldest,
    wipe::{self, Wiper},
};
use crate::{Forgotten, Limit, Retention, file::Fault};

/// How long the bytes of what was let go may wait to be overwritten, in microseconds: the whole file is read for that.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// How many bytes may at first be thought to go with each byte of rows; what was said in them is in the index as well.
const YIELD: u64 = 4;

/// Things of a kind that go in one transaction, at most.
const MOST: i64 = 512;

/// Keeps what the retention says; what is over in size goes until nine tenths are left.
///
/// What goes is overwritten at once where SQLite deletes it, and where rows were moved away from within a day, by the first
/// call then.
pub(super) fn retain(
    connection: &mut Connection,
    wiper: &Wiper,
    retention: &Retention,
    now_micros: i64,
) -> Result<Forgotten, Fault> {
    let due = now_micros.saturating_add(DAY);
    let mut gone = Forgotten::default();
    let age = retention.age.map(|age| match age {
        Limit::Off => Limit::Off,
        Limit::At(age) => Limit::At(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)),
    });
    if let Limit::At(nanos) = chosen(connection, AGE, age, MOST_NANOS)? {
        let age = i64::try_from(nanos).unwrap_or(i64::MAX);
        let since = now_micros.saturating_mul(1_000).saturating_sub(age);
        gone.add(remove_all(connection, &Which::SilentSince(since), due)?);
    }
    if let Limit::At(limit) = chosen(connection, BYTES, retention.bytes, MOST_BYTES)?
        && used(connection)? > limit
    {
        gone.add(shrink(connection, limit / 10 * 9, due)?);
    }
    match wiper.finish(connection, now_micros) {
        // It stays noted, and what was to go is gone.
        Err(Fault::Busy(_)) => Ok(gone),
        done => done.map(|()| gone),
    }
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

/// Lets what came first go, until what is left fits.
///
/// The index gives its room back only once it is mended, and how much that is is seen only then: so part of what is over goes
/// first, and the rest after what that has shown.
fn shrink(connection: &mut Connection, aim: u64, due: i64) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    let mut yields = YIELD;
    // What is mended already has shown nothing yet.
    wipe::mend(connection)?;
    loop {
        let before = used(connection)?;
        let over = before.saturating_sub(aim);
        if over == 0 {
            return Ok(gone);
        }
        let some = remove_until(connection, before - over.div_ceil(yields), due)?;
        if some == Forgotten::default() {
            return Ok(gone);
        }
        gone.add(some);
        let rows = before.saturating_sub(used(connection)?);
        wipe::mend(connection)?;
        let all = before.saturating_sub(used(connection)?);
        yields = all.div_ceil(rows.max(1)).clamp(1, YIELD);
    }
}

/// Lets what came first go, until so many bytes are used.
fn remove_until(connection: &mut Connection, aim: u64, due: i64) -> Result<Forgotten, Fault> {
    let mut gone = Forgotten::default();
    let (mut count, mut before) = (1, used(connection)?);
    while before > aim {
        let some = oldest::remove(connection, count, due)?;
        if some == Forgotten::default() {
            break;
        }
        gone.add(some);
        let after = used(connection)?;
        // How large things are is seen only as they go.
        let is_little = before.saturating_sub(after) < before.saturating_sub(aim) / 8;
        count = if is_little { count * 2 } else { count / 2 }.clamp(1, MOST);
        before = after;
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
