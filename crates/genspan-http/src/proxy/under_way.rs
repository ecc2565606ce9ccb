//! How many exchanges are under way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts the exchanges that are under way, for whoever waits until none is.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    count: Mutex<usize>,
    ended: Condvar,
}

/// Stands for one exchange until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<UnderWay>);

impl UnderWay {
    pub(super) fn begin(self: &Arc<Self>) -> Counted {
        *self.lock() += 1;
        Counted(Arc::clone(self))
    }

    /// Blocks until none is under way, and tells whether that came about in time.
    pub(super) fn wait(&self, timeout: Duration) -> bool {
        let waited = self
            .ended
            .wait_timeout_while(self.lock(), timeout, |count| *count > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // Nothing that can panic runs under the lock.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        *count = count.saturating_sub(1);
        drop(count);
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_under_way_once_all_are_dropped() {
        let all = Arc::<UnderWay>::default();
        assert!(all.wait(Duration::ZERO));
        let [one, other] = [(); 2].map(|()| all.begin());
        drop(one);
        assert!(!all.wait(Duration::from_millis(1)));
        let thread = std::thread::spawn(move || drop(other));
        assert!(all.wait(Duration::from_secs(30)));
        thread.join().unwrap();
    }
}
