//! A stream whose chunks keep a pace and say when they left.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep};

use super::answer;
use crate::load::clock;

/// Gives chunks at their times, and where they have no gap, one at each turn.
pub(super) struct Streamed {
    left: usize,
    gap: Duration,
    due: Pin<Box<Sleep>>,
    next: Instant,
    has_paused: bool,
    has_ended: bool,
}

impl Streamed {
    pub(super) fn new(chunks: usize, gap: Duration) -> Self {
        let next = Instant::now();
        Self {
            left: chunks,
            gap,
            due: Box::pin(tokio::time::sleep_until(next)),
            next,
            has_paused: true,
            has_ended: false,
        }
    }

    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.gap.is_zero() {
            // What was given leaves before the next is given, so that each is a write of its own.
            if self.has_paused {
                return Poll::Ready(());
            }
            self.has_paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.due.as_mut().poll(cx)
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let it = &mut *self;
        if it.has_ended {
            return Poll::Ready(None);
        }
        ready!(it.poll_due(cx));
        let bytes = if it.left == 0 {
            it.has_ended = true;
            answer::end()
        } else {
            it.left -= 1;
            it.has_paused = false;
            it.next += it.gap;
            let next = it.next;
            if !it.gap.is_zero() {
                it.due.as_mut().reset(next);
            }
            answer::chunk(clock::now())
        };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(bytes)))))
    }
}
