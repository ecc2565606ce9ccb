//! The wait for a response's head.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use genspan::Scope;
use pin_project_lite::pin_project;

use crate::{Answer, Classifier, Watch};

pin_project! {
    /// Waits for a response and hands the watch on to its body.
    ///
    /// The client's own work is done within the call's span, so that what records it further in, such as the
    /// connection, nests. An error ends the call as failed; dropped before either, the call was cancelled.
    pub struct RecordFuture<F> {
        #[pin]
        inner: F,
        watch: Option<Watch>,
        scope: Option<Scope>,
        classifier: Classifier,
    }
}

impl<F> RecordFuture<F> {
    /// Makes the call, within its span where it is watched.
    pub(crate) fn begin(
        watch: Option<Watch>,
        classifier: Classifier,
        call: impl FnOnce() -> F,
    ) -> Self {
        let scope = watch.as_ref().map(Watch::scope);
        let inner = match &scope {
            Some(scope) => scope.run(call),
            None => call(),
        };
        Self {
            inner,
            watch,
            scope,
            classifier,
        }
    }
}

impl<F, A, E> Future for RecordFuture<F>
where
    F: Future<Output = Result<A, E>>,
    A: Answer,
    E: 'static,
{
    type Output = Result<A::Watched, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = {
            let _entered = this.scope.as_ref().map(Scope::enter);
            this.inner.poll(cx)
        };
        let result = ready!(polled);
        let watch = this.watch.take();
        Poll::Ready(match result {
            Ok(response) => Ok(response.watched(watch)),
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
