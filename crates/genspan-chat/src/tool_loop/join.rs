//! Several futures side by side.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Waits for all of several futures and gives their outputs in order.
///
/// Each is dropped as soon as it is done.
pub(super) struct Join<F: Future>(Vec<Slot<F>>);

enum Slot<F: Future> {
    Running(Pin<Box<F>>),
    Done(Option<F::Output>),
}

// Futures stay where their boxes are, and outputs are never pinned.
impl<F: Future> Unpin for Join<F> {}

impl<F: Future> Join<F> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub(super) fn push(&mut self, future: F) {
        self.0.push(Slot::Running(Box::pin(future)));
    }

    pub(super) fn push_done(&mut self, output: F::Output) {
        self.0.push(Slot::Done(Some(output)));
    }
}

impl<F: Future> Future for Join<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let mut is_done = true;
        for slot in &mut self.0 {
            if let Slot::Running(future) = slot {
                match future.as_mut().poll(cx) {
                    Poll::Ready(output) => *slot = Slot::Done(Some(output)),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if !is_done {
            return Poll::Pending;
        }
        let outputs = self.0.iter_mut().filter_map(|slot| match slot {
            Slot::Done(output) => output.take(),
            Slot::Running(_) => None,
        });
        Poll::Ready(outputs.collect())
    }
}
