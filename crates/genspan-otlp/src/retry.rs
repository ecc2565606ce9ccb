//! When to try again.

use std::{fmt, sync::Arc, time::Duration};

/// Says how long to wait between attempts while a destination is away.
#[derive(Clone)]
pub struct Retry {
    /// The wait after the first failure, before jitter.
    pub first: Duration,
    /// The longest wait, before jitter.
    pub longest: Duration,
    /// Gives the numbers that spread the waits of many senders; any 64 bits will do.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            random: Arc::new(|| getrandom::u64().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("first", &self.first)
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}

/// Counts failures in a row.
#[derive(Debug)]
pub(crate) struct Backoff {
    retry: Retry,
    failures: u32,
}

/// Bounds what a destination may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

impl Backoff {
    pub(crate) const fn new(retry: Retry) -> Self {
        Self { retry, failures: 0 }
    }

    /// Notes a failure and gives the wait: doubled each time, spread over its upper half, and never
    /// shorter than what the destination asked for.
    pub(crate) fn failed(&mut self, asked: Option<Duration>) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        let base = self
            .retry
            .first
            .saturating_mul(factor)
            .min(self.retry.longest);
        let half = base / 2;
        let [spread, ..] = (self.retry.random)().to_le_bytes();
        let wait = half + half * u32::from(spread) / 255;
        asked.map_or(wait, |asked| asked.min(LONGEST_ASKED).max(wait))
    }

    pub(crate) const fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(random: u64) -> Backoff {
        Backoff::new(Retry {
            random: Arc::new(move || random),
            ..Retry::default()
        })
    }

    #[test]
    fn waits_double_up_to_a_bound_and_start_over_after_success() {
        let mut backoff = backoff(255);
        let waits: Vec<u64> = (0..7).map(|_| backoff.failed(None).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        backoff.succeeded();
        assert_eq!(backoff.failed(None), Duration::from_secs(1));
    }

    #[test]
    fn jitter_takes_off_at_most_half() {
        assert_eq!(backoff(0).failed(None), Duration::from_millis(500));
        assert!(backoff(128).failed(None) > Duration::from_millis(700));
    }

    #[test]
    fn what_was_asked_for_is_kept_within_reason() {
        assert_eq!(
            backoff(255).failed(Some(Duration::from_secs(7))),
            Duration::from_secs(7)
        );
        assert_eq!(
            backoff(255).failed(Some(Duration::ZERO)),
            Duration::from_secs(1)
        );
        assert_eq!(
            backoff(255).failed(Some(Duration::from_secs(86_400))),
            LONGEST_ASKED
        );
    }
}
