//! What clients saw.

use std::time::Duration;

use super::{clock, connection::Answer};

/// What all clients of a run saw; times in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    /// Until an answer was whole.
    whole: Vec<u64>,
    /// Until an answer began.
    first: Vec<u64>,
    /// By how much the gap between two chunks was another than when they were sent.
    shifts: Vec<u64>,
    /// When the last answer was whole.
    last: u64,
    gap: Duration,
    took: Duration,
}

impl Seen {
    pub(super) fn answered(&mut self, began: u64, answer: &Answer, gap: Duration) {
        self.answered += 1;
        self.gap = gap;
        self.last = self.last.max(answer.last);
        self.whole.push(answer.last.saturating_sub(began));
        self.first.push(answer.first.saturating_sub(began));
        for ((sent, came), (next_sent, next_came)) in
            answer.chunks.iter().zip(answer.chunks.iter().skip(1))
        {
            let given = next_sent.saturating_sub(*sent);
            let seen = next_came.saturating_sub(*came);
            self.shifts.push(seen.abs_diff(given));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
        self.whole.extend(other.whole);
        self.first.extend(other.first);
        self.shifts.extend(other.shifts);
        self.last = self.last.max(other.last);
        self.gap = self.gap.max(other.gap);
    }

    /// Takes what all have seen as it is.
    pub(super) fn close(&mut self, lasts: Duration, began: u64) {
        self.whole.sort_unstable();
        self.first.sort_unstable();
        self.shifts.sort_unstable();
        let until_last = Duration::from_nanos(self.last.saturating_sub(began));
        self.took = until_last.max(lasts);
    }

    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        number(self.answered) / self.took.as_secs_f64()
    }

    /// How long the given share of answers took at most.
    pub(crate) fn whole(&self, share: f64) -> f64 {
        at(&self.whole, share)
    }

    /// How long the given share of answers took at most to begin.
    pub(crate) fn first(&self, share: f64) -> f64 {
        at(&self.first, share)
    }

    /// By how many percent of a gap the given share of gaps was shifted at most.
    pub(crate) fn shift(&self, share: f64) -> f64 {
        let gap = number(clock::nanos(self.gap)).max(1.0);
        100.0 * at(&self.shifts, share) / gap
    }
}

fn at(sorted: &[u64], share: f64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the index of one of a run's answers"
    )]
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    number(sorted.get(index).copied().unwrap_or_default())
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts and times of a short run"
)]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Answer, Seen};

    #[test]
    fn a_chunk_that_is_late_shifts_two_gaps() {
        let mut seen = Seen::default();
        let answer = Answer {
            first: 150,
            last: 400,
            chunks: vec![(100, 150), (200, 260), (300, 350), (400, 450)],
        };
        seen.answered(100, &answer, Duration::from_nanos(100));
        seen.close(Duration::from_nanos(600), 0);
        assert_eq!(seen.shifts, [0, 10, 10]);
        assert!((seen.shift(1.0) - 10.0).abs() < 1e-9);
        assert!((seen.whole(0.5) - 300.0).abs() < 1e-9);
        assert!((seen.first(0.5) - 50.0).abs() < 1e-9);
        assert!((seen.rate() - 1.0 / 600e-9).abs() < 1.0);
    }
}
