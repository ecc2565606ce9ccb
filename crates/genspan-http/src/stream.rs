//! The stream of bytes that is watched on its way.

use std::{
    any::Any,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{Classifier, End, Watch, classify};

pin_project! {
    /// Passes the bytes of a response on as they are and lets a [`Watch`] see a reference to each chunk.
    ///
    /// It is what [`WatchedBody`](crate::WatchedBody) is for clients whose bodies are streams of their own. The call ends with the
    /// stream: at its end, with its error, or as cancelled where it is dropped before.
    #[must_use = "streams do nothing unless polled"]
    pub struct WatchedStream<S> {
        #[pin]
        inner: S,
        // `None` once the exchange has ended.
        watch: Option<Watch>,
        classifier: Classifier,
    }
}

impl<S> WatchedStream<S> {
    /// Wraps a stream that nobody watches.
    pub fn unwatched(inner: S) -> Self {
        Self::new(inner, None)
    }

    pub(crate) fn new(inner: S, watch: Option<Watch>) -> Self {
        Self {
            inner,
            watch,
            classifier: Classifier::default(),
        }
    }

    /// Decides by other rules whether an error of the stream means that the time was over; any other means that the
    /// connection was lost.
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }
}

impl<S, E> Stream for WatchedStream<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Any,
{
    type Item = Result<Bytes, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let item = ready!(this.inner.poll_next(cx));
        match &item {
            Some(Ok(bytes)) => {
                if let Some(watch) = this.watch {
                    watch.response_chunk(bytes);
                }
            }
            Some(Err(error)) => {
                if let Some(watch) = this.watch.take() {
                    watch.end(classify::amid_body(this.classifier.classify(error)));
                }
            }
            None => {
                if let Some(watch) = this.watch.take() {
                    watch.end(End::Complete);
                }
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S> fmt::Debug for WatchedStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedStream")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
