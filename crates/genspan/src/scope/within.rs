//! Futures and streams that run within a scope.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Scope;

pin_project! {
    /// Enters a scope whenever the future or stream inside is polled, and while it is dropped.
    #[must_use = "futures and streams do nothing unless polled"]
    pub struct Scoped<T> {
        scope: Scope,
        // `None` only while this is being dropped.
        #[pin]
        work: Option<T>,
    }

    impl<T> PinnedDrop for Scoped<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.enter();
            this.work.set(None);
        }
    }
}

impl<T> Scoped<T> {
    pub(super) const fn new(scope: Scope, work: T) -> Self {
        Self {
            scope,
            work: Some(work),
        }
    }

    /// Gives the scope it runs in.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<T: Future> Future for Scoped<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = this.scope.enter();
        match this.work.as_pin_mut() {
            Some(work) => work.poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<T: Stream> Stream for Scoped<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let _entered = this.scope.enter();
        match this.work.as_pin_mut() {
            Some(work) => work.poll_next(cx),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.as_ref().map_or((0, Some(0)), T::size_hint)
    }
}

impl<T> fmt::Debug for Scoped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
