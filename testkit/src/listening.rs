//! Subscribers of `tracing` for one thread, in a process whose other threads have others or none.

use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::{DefaultGuard, Interest, set_default, set_global_default},
};

/// Makes a subscriber this thread's own until the guard is dropped, whatever tests run beside it.
///
/// `tracing` keeps for each place in the code whether anybody listens there. While one subscriber lives, it asks only
/// the one of the thread that comes by first; where that thread has none, the place stays silent for all. So the first
/// call here gives the process one that takes nothing and has each thread asked each time.
#[must_use = "the subscriber is gone with the guard"]
pub fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    // Where the process has one already, two live from here on, and all of them are asked.
    let _ = set_global_default(Unsure);
    set_default(subscriber)
}

/// Takes nothing, and never says so for good.
struct Unsure;

impl Subscriber for Unsure {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use super::*;

    /// Counts the spans that it is told of.
    struct Counting(Arc<AtomicUsize>);

    impl Subscriber for Counting {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            self.0.fetch_add(1, Ordering::Relaxed);
            Id::from_u64(2)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {}

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    fn work() {
        drop(tracing::info_span!("work"));
    }

    #[test]
    fn a_thread_without_a_subscriber_silences_none() -> Result<(), Box<dyn std::any::Any + Send>> {
        let told = Arc::new(AtomicUsize::new(0));
        let _listening = listen(Counting(Arc::clone(&told)));
        // It comes by first, and nobody listens on it.
        thread::spawn(work).join()?;
        work();
        assert_eq!(told.load(Ordering::Relaxed), 1);
        Ok(())
    }
}
