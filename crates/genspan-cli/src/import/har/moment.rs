//! When an exchange began, in the ways that recorders write it.

use genspan::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};

use super::loose::{self, Member};

/// Holds when an exchange began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    /// Where none is stated, UTC is meant.
    pub(super) has_zone: bool,
}

/// Reads a moment: RFC 3339, the same without a time zone, or a number since 1970 of seconds, milliseconds,
/// microseconds or nanoseconds, whose size tells which.
pub(super) fn read(member: Member<'_>) -> Option<Moment> {
    let written = loose::word(member);
    let text = written.as_deref().unwrap_or_default().trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return stamp(moment).map(|at| Moment { at, has_zone: true });
    }
    if let Ok(local) = text.parse::<DateTime>()
        && text.contains(':')
    {
        let moment = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
        return stamp(moment).map(|at| Moment {
            at,
            has_zone: false,
        });
    }
    let at = since_epoch(member?.get().trim_matches('"'))?;
    Some(Moment { at, has_zone: true })
}

fn stamp(moment: jiff::Timestamp) -> Option<Timestamp> {
    let nanos = u64::try_from(moment.as_nanosecond()).ok()?;
    Some(Timestamp::from_unix_nanos(nanos))
}

fn since_epoch(number: &str) -> Option<Timestamp> {
    /// The year 1973 in seconds: what is less counts from another moment.
    const EARLIEST: u64 = 100_000_000;
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let whole: u64 = whole.parse().ok().filter(|count| *count >= EARLIEST)?;
    let scale: u32 = match whole.ilog10() {
        0..=10 => 9,
        11..=13 => 6,
        14..=16 => 3,
        _ => 0,
    };
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(scale as usize)
        .collect();
    let part: u64 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    let nanos = whole.checked_mul(10_u64.checked_pow(scale)?)?;
    Some(Timestamp::from_unix_nanos(nanos.checked_add(part)?))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn of(json: &str) -> Option<(u64, bool)> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        read(Some(raw)).map(|moment| (moment.at.unix_nanos(), moment.has_zone))
    }

    #[test]
    fn moments_keep_their_nanoseconds() {
        let is = |json: &str, nanos: u64, has_zone: bool| {
            assert_eq!(of(json), Some((nanos, has_zone)), "{json}");
        };
        is(
            r#""2026-01-01T02:22:30.000Z""#,
            1_767_234_150_000_000_000,
            true,
        );
        is(
            r#"" 2026-01-01T03:22:30.123456789+01:00 ""#,
            1_767_234_150_123_456_789,
            true,
        );
        is(
            r#""2026-01-01T03:22:30.1234567+01:00""#,
            1_767_234_150_123_456_700,
            true,
        );
        is(
            r#""2026-01-01 02:22:30.5""#,
            1_767_234_150_500_000_000,
            false,
        );
        is(r#""2026-01-01T02:22:30""#, 1_767_234_150_000_000_000, false);
    }

    #[test]
    fn numbers_tell_their_unit_by_their_size() {
        for json in [
            "1767234150.123456",
            "1767234150123.456",
            "1767234150123456",
            "1767234150123456000",
            "\"1767234150123.456\"",
        ] {
            assert_eq!(of(json), Some((1_767_234_150_123_456_000, true)), "{json}");
        }
    }

    #[test]
    fn what_is_no_moment_since_1970_is_none() {
        for json in [
            "\"yesterday\"",
            "\"\"",
            "null",
            "{}",
            "-5",
            "12.5",
            "1e12",
            "\"2026-01-01\"",
            "\"1969-12-31T23:59:59Z\"",
            "99999999999999999999",
            "\"1767234150.1x\"",
        ] {
            assert_eq!(of(json), None, "{json}");
        }
    }
}
