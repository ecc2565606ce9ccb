//! Work of others that is done at certain moments, for as long as they want it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Does a piece of work.
type Work<A> = Arc<dyn Fn(A) + Send + Sync>;

/// Keeps a piece of work registered with a recorder until it is dropped.
#[must_use = "dropped at once, the work is never done"]
pub struct Registered(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Registered {
    /// Stands for work that nobody asks for.
    pub(super) const fn nowhere() -> Self {
        Self(None)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(remove) = self.0.take() {
            remove();
        }
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").finish_non_exhaustive()
    }
}

/// Holds the work that is to be done at one kind of moment.
pub(super) struct Works<A>(Arc<Mutex<Held<A>>>);

struct Held<A> {
    next: u64,
    works: Vec<(u64, Work<A>)>,
}

impl<A: 'static> Works<A> {
    pub(super) fn add(&self, work: Work<A>) -> Registered {
        let number = {
            let mut held = lock(&self.0);
            held.next += 1;
            let number = held.next;
            held.works.push((number, work));
            number
        };
        let all = Arc::downgrade(&self.0);
        Registered(Some(Box::new(move || {
            let Some(all) = all.upgrade() else { return };
            let removed = {
                let works = &mut lock(&all).works;
                let at = works.iter().position(|(known, _)| *known == number);
                at.map(|at| works.remove(at))
            };
            // Outside of the lock: it may be the last to hold something that registers work itself.
            drop(removed);
        })))
    }

    /// Does all of it, what was registered last first and outside of the lock; a panic costs its own piece of work.
    pub(super) fn run(&self, tell: impl Fn() -> A) {
        let works: Vec<_> = {
            let held = lock(&self.0);
            let works = held.works.iter().rev();
            works.map(|(_, work)| Arc::clone(work)).collect()
        };
        for work in works {
            let told = tell();
            let _ = catch_unwind(AssertUnwindSafe(|| work(told)));
        }
    }
}

impl<A> Default for Works<A> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Held {
            next: 0,
            works: Vec::new(),
        })))
    }
}

fn lock<A>(held: &Mutex<Held<A>>) -> MutexGuard<'_, Held<A>> {
    // Nothing that can panic runs under the lock.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<A> fmt::Debug for Works<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Works")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_any_more_is_let_go() {
        let works = Works::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let registered = ["first", "second", "third"].map(|name| {
            let seen = Arc::clone(&seen);
            works.add(Arc::new(move |told: u8| seen.lock().unwrap().push((name, told))) as Work<u8>)
        });
        let [first, second, third] = registered;
        drop(second);
        assert_eq!(Arc::strong_count(&seen), 3);
        works.run(|| 7);
        assert_eq!(*seen.lock().unwrap(), [("third", 7), ("first", 7)]);
        drop((first, third));
        assert_eq!(Arc::strong_count(&seen), 1);
    }
}
