//! Questions, and how their answers are read from the file.

mod budget;
mod conversations;
mod detail;
mod export;
mod facets;
mod labels;
mod list;
mod logs;
mod metrics;
mod node;
mod previous;
mod spans;
mod statistics;
mod text;
mod trace;
mod traces;

use genspan::{Money, PriceList};
use rusqlite::Connection;

pub(crate) use conversations::{conversation, conversations};
pub(crate) use detail::span;
pub(crate) use export::export;
pub(crate) use facets::facets;
pub(crate) use logs::{log, log_facets, logs};
pub(crate) use metrics::metrics;
pub(crate) use spans::spans;
pub(crate) use statistics::statistics;
pub(crate) use trace::trace;
pub(crate) use traces::traces;

use crate::read::Amount;

/// Holds what a question may ask.
#[derive(Debug)]
pub(crate) struct Asker<'a> {
    /// All of it shows one state of the file.
    pub(crate) connection: &'a Connection,
    pub(crate) prices: Option<&'a dyn PriceList>,
    /// The present, in nanoseconds since the Unix epoch.
    pub(crate) now: i64,
}

/// Gives microseconds of nanoseconds.
const fn micros(nanos: i64) -> i64 {
    nanos.div_euclid(1_000)
}

/// Gives the microseconds between two moments in nanoseconds.
fn duration(started: i64, ended: i64) -> u64 {
    u64::try_from(ended.saturating_sub(started) / 1_000).unwrap_or_default()
}

/// Gives a count as it is in the file.
fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or_default()
}

fn amount(picos: Option<i64>, currency: Option<&str>) -> Option<Amount> {
    let picos = u128::try_from(picos?).ok()?;
    Some(Amount {
        amount: Money::from_picos(picos).to_string(),
        currency: currency?.to_owned(),
    })
}

/// Writes an id in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]);
    // All of them are ASCII.
    String::from_utf8(digits.collect()).unwrap_or_default()
}
