//! Hours of the week in which calls cost more.

use genspan::Timestamp;

/// Holds some hours of some days of the week, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    /// The first and the last day, from Monday as 0.
    days: (u64, u64),
    /// The first minute, and the one after the last.
    minutes: (u64, u64),
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Reads hours such as `mon-fri 01:00-04:00`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (days, hours) = text.split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let day = |name: &str| DAYS.iter().zip(0..).find(|(known, _)| **known == name);
        let days = (day(first)?.1, day(last)?.1);
        let (from, until) = hours.split_once('-')?;
        let minutes = (minute(from)?, minute(until)?);
        (days.0 <= days.1 && minutes.0 < minutes.1).then_some(Self { days, minutes })
    }

    pub(crate) fn contain(&self, at: Timestamp) -> bool {
        let minutes = at.unix_nanos() / 60_000_000_000;
        // The epoch began on a Thursday.
        let day = (minutes / 1_440 + 3) % 7;
        let minute = minutes % 1_440;
        (self.days.0..=self.days.1).contains(&day)
            && (self.minutes.0..self.minutes.1).contains(&minute)
    }
}

fn minute(text: &str) -> Option<u64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, most| match text.parse::<u64>() {
        Ok(number) if text.len() == 2 && number <= most => Some(number),
        _ => None,
    };
    Some(number(hour, 24)? * 60 + number(minute, 59)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_weekdays_are_told_apart() {
        let hours = Hours::read("mon-fri 01:00-04:00").unwrap();
        // 2026-11-20 was a Friday.
        const FRIDAY: u64 = 1_795_132_800;
        let is_in =
            |seconds: u64| hours.contain(Timestamp::from_unix_nanos(seconds * 1_000_000_000));
        for (after, expected) in [
            (3_599, false),
            (3_600, true),
            (14_399, true),
            (14_400, false),
        ] {
            assert_eq!(is_in(FRIDAY + after), expected, "{after}");
        }
        assert!(!is_in(FRIDAY + 86_400 + 3_600), "Saturday");
        assert!(is_in(FRIDAY + 3 * 86_400 + 3_600), "Monday");
    }

    #[test]
    fn what_is_no_hours_is_none() {
        for text in [
            "",
            "mon",
            "mon 1:00-4:00",
            "fri-mon 01:00-02:00",
            "mon 04:00-01:00",
            "mon 01:00-25:00",
        ] {
            assert_eq!(Hours::read(text), None, "{text}");
        }
        assert!(Hours::read("sun 00:00-24:00").is_some());
    }
}
