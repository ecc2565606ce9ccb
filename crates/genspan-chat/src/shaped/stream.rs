//! A streamed answer in a provider's shape, watched to its end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use pin_project_lite::pin_project;
use serde::Serialize;

use super::call::Call;
use crate::{Classifier, recording::Within};

pin_project! {
    /// Passes the pieces of an answer on as they are and ends the call's span when the answer ends.
    #[must_use = "streams do nothing unless polled"]
    pub struct ShapedStream<S> {
        // Stands before the call, so that what runs within has ended when the call ends.
        #[pin]
        pieces: Within<S>,
        call: Option<Call>,
        classifier: Classifier,
    }
}

impl<S> ShapedStream<S> {
    pub(super) fn new(stream: S, call: Option<Call>, classifier: Classifier) -> Self {
        let scope = call.as_ref().and_then(Call::scope);
        Self {
            pieces: Within::begin(scope.as_ref(), || stream),
            call,
            classifier,
        }
    }
}

impl<S, T, E> Stream for ShapedStream<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Serialize,
    E: fmt::Display + 'static,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let item = ready!(this.pieces.poll_next(cx));
        if let Some(call) = this.call {
            match &item {
                Some(Ok(piece)) => call.piece(piece),
                Some(Err(error)) => call.fail(this.classifier.classify(error)),
                None => call.complete(),
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.pieces.size_hint()
    }
}

impl<S> fmt::Debug for ShapedStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShapedStream")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
