//! The wait for a response's head.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::{Classifier, Watch, WatchedBody};

pin_project! {
    /// Waits for a response and hands the watch on to its body.
    ///
    /// An error ends the call as failed; dropped before either, the call was cancelled.
    pub struct RecordFuture<F> {
        #[pin]
        inner: F,
        watch: Option<Watch>,
        classifier: Classifier,
    }
}

impl<F> RecordFuture<F> {
    pub(crate) const fn new(inner: F, watch: Option<Watch>, classifier: Classifier) -> Self {
        Self {
            inner,
            watch,
            classifier,
        }
    }
}

impl<F, B, E> Future for RecordFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
    E: 'static,
{
    type Output = Result<Response<WatchedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let watch = this.watch.take();
        Poll::Ready(match result {
            Ok(response) => Ok(match watch {
                Some(watch) => watch.response(response),
                None => response.map(WatchedBody::unwatched),
            }),
            Err(error) => {
                if let Some(watch) = watch {
                    watch.end(this.classifier.classify(&error));
                }
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for RecordFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordFuture")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
