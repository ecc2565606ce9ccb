//! Moments and times as users write them.

use std::{str::FromStr, time::Duration};

use genspan::{Clock, SystemClock};
use jiff::{civil::DateTime, tz::TimeZone};

/// Names a moment: a date, a time of day, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// In microseconds since the Unix epoch.
    At(i64),
    /// Before the command began.
    Ago(Duration),
}

/// Holds how long something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// Says that a text is none, and what would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct Expected(&'static str);

impl Moment {
    /// Gives the moment in microseconds since the Unix epoch.
    pub(crate) fn micros(self) -> i64 {
        match self {
            Self::At(micros) => micros,
            Self::Ago(ago) => {
                let now = SystemClock::new().now().unix_nanos() / 1_000;
                let now = i64::try_from(now).unwrap_or(i64::MAX);
                now.saturating_sub(i64::try_from(ago.as_micros()).unwrap_or(i64::MAX))
            }
        }
    }
}

impl FromStr for Moment {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        const EXPECTED: Expected = Expected(
            "a date such as 2026-11-21, a moment such as 2026-11-21T07:28:15 (in UTC) or 2026-11-21T07:28:15+01:00, \
             or an age such as 30m, 12h, 7d",
        );
        if let Some(ago) = duration(
            text,
            &[
                ("s", 1.0),
                ("m", 60.0),
                ("h", 3_600.0),
                ("d", 86_400.0),
                ("w", 604_800.0),
            ],
        ) {
            return Ok(Self::Ago(ago));
        }
        let text = text.trim_end_matches(" UTC");
        let stated = text.parse::<jiff::Timestamp>();
        let moment = stated.or_else(|_| {
            let civil = text.parse::<DateTime>()?;
            civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        });
        moment
            .map(|moment| Self::At(moment.as_microsecond()))
            .map_err(|_| EXPECTED)
    }
}

impl FromStr for Span {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        duration(
            text,
            &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)],
        )
        .map(Self)
        .ok_or(Expected("a time such as 500ms, 1.5s or 2m"))
    }
}

/// Reads a number with one of the units, which are in seconds.
fn duration(text: &str, units: &[(&str, f64)]) -> Option<Duration> {
    let (number, seconds) = units.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?.trim_end();
        // What floats can be beside numbers, such as `inf`, is no time.
        let is_number = number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        Some((number.parse::<f64>().ok().filter(|_| is_number)?, seconds))
    })?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

/// Writes a moment in UTC, to the second.
pub(crate) fn told(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map_or_else(
        |_| format!("{micros} µs"),
        |moment| moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_times_and_ages() {
        let at = |text: &str| match text.parse() {
            Ok(Moment::At(micros)) => told(micros),
            other => format!("{other:?}"),
        };
        assert_eq!(at("2026-11-21"), "2026-11-21 00:00:00 UTC");
        assert_eq!(at("2026-11-21T07:28"), "2026-11-21 07:28:00 UTC");
        assert_eq!(at("2026-11-21 07:28:15 UTC"), "2026-11-21 07:28:15 UTC");
        assert_eq!(at("2026-11-21T07:28:15+01:00"), "2026-11-21 06:28:15 UTC");
        let ago = |hours: u64| Ok(Moment::Ago(Duration::from_secs(hours * 3_600)));
        assert_eq!("36h".parse(), ago(36));
        assert_eq!("1.5d".parse(), ago(36));
        for wrong in ["", "yesterday", "d", "-1d", "infd", "2026-13-01", "1e400d"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
        assert_eq!("1.5s".parse(), Ok(Span(Duration::from_millis(1_500))));
        for wrong in ["", "5", "s", "nans", "-1s", "2d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
