//! Answers that come in pieces.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use genspan::SpanContext;
use pin_project_lite::pin_project;

use crate::{ChatResponse, ChatUpdate, Gathered};

pin_project! {
    /// Holds a streamed answer: what a client gives that does not wait for the end.
    ///
    /// It is a stream of `Result<ChatUpdate, E>` itself, whichever stream is inside.
    #[must_use = "streams do nothing unless polled"]
    pub struct ChatStream<S> {
        #[pin]
        updates: S,
        span: Option<SpanContext>,
    }
}

impl<S> ChatStream<S> {
    /// Takes the pieces of an answer.
    pub const fn new(updates: S) -> Self {
        Self {
            updates,
            span: None,
        }
    }

    pub(crate) const fn with_span(updates: S, span: Option<SpanContext>) -> Self {
        Self { updates, span }
    }

    /// Gives the span that records the call, where one does.
    #[must_use]
    pub const fn span(&self) -> Option<&SpanContext> {
        self.span.as_ref()
    }

    /// Gives the stream inside.
    pub fn into_inner(self) -> S {
        self.updates
    }

    /// Reads the answer to its end.
    pub fn gather(self) -> Gather<S> {
        Gather {
            span: self.span,
            updates: self.updates,
            gathered: Gathered::default(),
        }
    }
}

impl<S: Stream> Stream for ChatStream<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().updates.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.updates.size_hint()
    }
}

impl<S> fmt::Debug for ChatStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits for the end of a streamed answer.
    #[must_use = "futures do nothing unless polled"]
    pub struct Gather<S> {
        #[pin]
        updates: S,
        gathered: Gathered,
        span: Option<SpanContext>,
    }
}

impl<S, E> Future for Gather<S>
where
    S: Stream<Item = Result<ChatUpdate, E>>,
{
    type Output = Result<ChatResponse, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match ready!(this.updates.as_mut().poll_next(cx)) {
                Some(Ok(update)) => this.gathered.push(&update),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => {
                    let mut response = std::mem::take(this.gathered).into_response();
                    response.span = this.span.take();
                    return Poll::Ready(Ok(response));
                }
            }
        }
    }
}

impl<S> fmt::Debug for Gather<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").finish_non_exhaustive()
    }
}
