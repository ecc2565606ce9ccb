//! Dates as the tables write them.

use genspan::Timestamp;
use toml::value::{Datetime, Offset};

/// Reads a date, or a time of day in UTC, as nanoseconds since the Unix epoch.
pub(crate) fn of(written: &Datetime) -> Option<Timestamp> {
    let date = written.date?;
    let seconds = match (&written.time, &written.offset) {
        (None, None) => 0,
        (Some(time), Some(Offset::Z)) => {
            u64::from(time.hour) * 3_600
                + u64::from(time.minute) * 60
                + u64::from(time.second.unwrap_or(0))
        }
        _ => return None,
    };
    let days = days(date.year.into(), date.month.into(), date.day.into())?;
    let nanos = (days * 86_400 + seconds).checked_mul(1_000_000_000)?;
    Some(Timestamp::from_unix_nanos(nanos))
}

/// Counts the days from the Unix epoch; `None` before it.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    // March is the first month, so that a leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year.checked_sub(1)?, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + day.checked_sub(1)?;
    (year * 365 + leap_days + day_of_year).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        let moment = of(&text.parse().unwrap())?;
        Some(moment.unix_nanos() / 1_000_000_000)
    }

    #[test]
    fn dates_are_days_since_the_epoch() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400)),
            ("2026-11-21", Some(1_795_219_200)),
            ("2026-08-16T16:00:00Z", Some(1_786_896_000)),
            ("1969-12-31", None),
            ("2026-08-16T16:00:00", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
