//! Numbers in few columns.

use std::time::Duration;

use genspan::Money;

/// Writes a time in at most six columns, with three digits that count.
pub(super) fn time(time: Duration) -> String {
    let (micros, millis, seconds) = (time.as_micros(), time.as_millis(), time.as_secs());
    if micros < 1 {
        "0ms".to_owned()
    } else if micros < 1_000 {
        format!("{micros}us")
    } else if millis < 10 {
        format!("{millis}.{}ms", micros / 100 % 10)
    } else if millis < 1_000 {
        format!("{millis}ms")
    } else if seconds < 10 {
        format!("{seconds}.{:02}s", millis / 10 % 100)
    } else if seconds < 60 {
        format!("{seconds}.{}s", millis / 100 % 10)
    } else if seconds < 3_600 {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60)
    }
}

/// Writes a count in at most five columns.
pub(super) fn count(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..10_000_000 => format!("{}k", count / 1_000),
        10_000_000..10_000_000_000 => format!("{}M", count / 1_000_000),
        _ => format!("{}G", count / 1_000_000_000),
    }
}

/// Writes an amount of money, with two digits that count.
pub(crate) fn money(amount: Money, currency: &str) -> String {
    let decimals = match amount.to_string().split_once('.') {
        None if amount == Money::ZERO => 0,
        None => 2,
        Some((whole, _)) if whole != "0" => 2,
        Some((_, decimals)) => {
            let zeros = decimals.bytes().take_while(|digit| *digit == b'0').count();
            (zeros + 2).max(2)
        }
    };
    if currency == "USD" {
        format!("${amount:.decimals$}")
    } else {
        format!("{amount:.decimals$} {currency}")
    }
}

/// Writes a moment in UTC; empty where there is none.
pub(super) fn moment(unix_nanos: u64) -> String {
    let seconds = i64::try_from(unix_nanos / 1_000_000_000).unwrap_or_default();
    match jiff::Timestamp::from_second(seconds) {
        Ok(moment) if seconds > 0 => moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        _ => String::new(),
    }
}

/// Writes the time of day of a moment, in UTC; empty where there is none.
pub(super) fn clock(unix_nanos: u64) -> String {
    let seconds = i64::try_from(unix_nanos / 1_000_000_000).unwrap_or_default();
    match jiff::Timestamp::from_second(seconds) {
        Ok(moment) if seconds > 0 => moment.strftime("%H:%M:%S").to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_to_their_columns() {
        let of = |nanos: u64| time(Duration::from_nanos(nanos));
        let seconds = |seconds: u64| of(seconds * 1_000_000_000);
        assert_eq!(
            [of(0), of(999_999), of(1_250_000), of(820_000_000)],
            ["0ms", "999us", "1.2ms", "820ms"]
        );
        assert_eq!([of(1_204_000_000), of(12_340_000_000)], ["1.20s", "12.3s"]);
        assert_eq!(
            [seconds(59), seconds(123), seconds(3_720)],
            ["59.0s", "2m03s", "1h02m"]
        );
    }

    #[test]
    fn counts_keep_to_their_columns() {
        assert_eq!(
            [0, 99_999, 123_456, 12_345_678].map(count),
            ["0", "99999", "123k", "12M"]
        );
    }

    #[test]
    fn money_keeps_the_digits_that_count() {
        let of = |amount: &str| money(amount.parse().unwrap(), "USD");
        assert_eq!(
            ["0", "0.0000136", "0.00123", "0.05", "0.5", "3", "12.345"].map(of),
            [
                "$0",
                "$0.000014",
                "$0.0012",
                "$0.050",
                "$0.50",
                "$3.00",
                "$12.35"
            ]
        );
        assert_eq!(money("0.5".parse().unwrap(), "EUR"), "0.50 EUR");
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(1_767_234_150_000_000_000), "2026-01-01 02:22:30 UTC");
        assert_eq!(moment(0), "");
    }
}
