//! Rounds that take turns, so that whatever disturbs the machine disturbs all that is compared.

use std::{
    hint::black_box,
    time::{Duration, Instant, SystemTime},
};

use crate::report::Sample;

/// Says how thoroughly to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether a rough answer in under a minute is wanted.
    pub is_quick: bool,
    /// How many spans a store holds while it is read.
    pub spans: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            is_quick: false,
            spans: 100_000,
        }
    }
}

impl Options {
    /// Gives how many rounds to do where a thorough run does this many.
    pub(crate) const fn rounds(self, thorough: usize) -> usize {
        if !self.is_quick {
            thorough
        } else if thorough < 60 {
            10
        } else {
            thorough / 6
        }
    }
}

/// Does a round of so many operations and tells how long the part took that counts.
///
/// What comes before and after, such as building inputs and letting a worker catch up, is its own business.
pub(crate) type Entrant<'a> = Box<dyn FnMut(usize) -> Duration + 'a>;

/// Lets all entrants do their rounds in turns; gives nanoseconds for one operation of each.
pub(crate) fn contest(
    rounds: usize,
    operations: usize,
    entrants: &mut [Entrant<'_>],
) -> Vec<Sample> {
    let count = entrants.len();
    let mut times: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); count];
    for entrant in entrants.iter_mut() {
        black_box(entrant(operations));
    }
    let mut order: Vec<usize> = (0..count).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..rounds {
        shuffle(&mut order, &mut random);
        for &index in &order {
            if let (Some(entrant), Some(times)) = (entrants.get_mut(index), times.get_mut(index)) {
                let took = entrant(operations).as_secs_f64() * 1e9;
                times.push(took / per(operations));
            }
        }
    }
    times.into_iter().map(Sample::of).collect()
}

/// Puts turns into another order, so that nobody always comes after the same one.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        // Xorshift: the same from run to run.
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let other = usize::try_from(*random >> 33).unwrap_or_default() % (last + 1);
        order.swap(last, other);
    }
}

#[allow(clippy::cast_precision_loss, reason = "operations of a round are few")]
fn per(operations: usize) -> f64 {
    operations.max(1) as f64
}

/// Reads the bench's clock.
#[allow(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Reads the time of day, as peers do for their spans.
#[allow(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}

/// Tells how long something takes, and gives what comes of it, so that the caller drops it unmeasured.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = now();
    let made = black_box(work());
    (began.elapsed(), made)
}

/// Does something so many times in a row and tells how long that takes.
pub(crate) fn repeated<T>(times: usize, mut work: impl FnMut() -> T) -> Duration {
    let (took, ()) = timed(|| {
        for _ in 0..times {
            black_box(work());
        }
    });
    took
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_take_turns_and_all_are_timed() {
        let order = std::cell::RefCell::new(Vec::new());
        let entrant = |name: char, nanos| -> Entrant<'_> {
            let order = &order;
            Box::new(move |operations| {
                assert_eq!(operations, 10);
                order.borrow_mut().push(name);
                Duration::from_nanos(nanos)
            })
        };
        let samples = contest(20, 10, &mut [entrant('a', 100), entrant('b', 300)]);
        let order: String = order.borrow().iter().collect();
        assert_eq!(order.matches('a').count(), 21);
        assert!(order.contains("aa") && order.contains("bb"), "{order}");
        assert_eq!(samples.len(), 2);
        assert!((samples[0].least - 10.0).abs() < 1e-6 && (samples[1].median - 30.0).abs() < 1e-6);
    }
}
