//! The span that is current on each thread.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use genspan::SpanContext;

/// Holds each thread's spans, the innermost last; two sinks know nothing of each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Current(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    threads: HashMap<ThreadId, Vec<(u64, SpanContext)>>,
}

/// Ends the span's time as the current one when it is dropped.
#[derive(Debug)]
pub(super) struct Attached {
    current: Current,
    thread: ThreadId,
    key: u64,
}

impl Current {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self) -> Option<SpanContext> {
        let state = self.lock();
        state
            .threads
            .get(&thread::current().id())?
            .last()
            .map(|(_, context)| context.clone())
    }

    pub(super) fn attach(&self, context: &SpanContext) -> Attached {
        let thread = thread::current().id();
        let mut state = self.lock();
        state.next += 1;
        let key = state.next;
        state
            .threads
            .entry(thread)
            .or_default()
            .push((key, context.clone()));
        drop(state);
        Attached {
            current: self.clone(),
            thread,
            key,
        }
    }
}

impl Drop for Attached {
    /// Takes out this span alone, whatever the order in which guards are dropped.
    fn drop(&mut self) {
        let mut state = self.current.lock();
        if let Some(spans) = state.threads.get_mut(&self.thread) {
            spans.retain(|(key, _)| *key != self.key);
            if spans.is_empty() {
                state.threads.remove(&self.thread);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use genspan::SpanId;

    use super::*;

    fn context(id: u8) -> SpanContext {
        SpanContext {
            span_id: SpanId([id; 8]),
            ..SpanContext::default()
        }
    }

    #[test]
    fn spans_nest_and_guards_may_fall_in_any_order() {
        let current = Current::default();
        let outer = current.attach(&context(1));
        let inner = current.attach(&context(2));
        assert_eq!(current.get(), Some(context(2)));
        drop(outer);
        assert_eq!(current.get(), Some(context(2)));
        drop(inner);
        assert_eq!(current.get(), None);
        assert!(current.lock().threads.is_empty());
    }

    #[test]
    fn threads_and_sinks_are_apart() {
        let current = Current::default();
        let _attached = current.attach(&context(1));
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(current.get(), None));
        });
        assert_eq!(Current::default().get(), None);
    }
}
