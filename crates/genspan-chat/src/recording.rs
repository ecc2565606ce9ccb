//! One operation round one call of a service: what the three recording services have in common.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use genspan::{Active, Operation, Scope, Scoped};
use pin_project_lite::pin_project;

use crate::Classifier;

pin_project! {
    /// Runs a future or stream within a scope, or as it is where nothing is recorded.
    #[must_use = "futures and streams do nothing unless polled"]
    pub struct Within<T> {
        #[pin]
        work: Work<T>,
    }
}

pin_project! {
    #[project = WorkProjection]
    enum Work<T> {
        Scoped { #[pin] work: Scoped<T> },
        Plain { #[pin] work: T },
    }
}

impl<T> Within<T> {
    /// Begins the work in the scope in which it goes on.
    pub(crate) fn begin(scope: Option<&Scope>, begin: impl FnOnce() -> T) -> Self {
        let work = match scope {
            Some(scope) => Work::Scoped {
                work: scope.within(scope.run(begin)),
            },
            None => Work::Plain { work: begin() },
        };
        Self { work }
    }
}

impl<T: Future> Future for Within<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T::Output> {
        match self.project().work.project() {
            WorkProjection::Scoped { work } => work.poll(cx),
            WorkProjection::Plain { work } => work.poll(cx),
        }
    }
}

impl<T: Stream> Stream for Within<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        match self.project().work.project() {
            WorkProjection::Scoped { work } => work.poll_next(cx),
            WorkProjection::Plain { work } => work.poll_next(cx),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.work {
            Work::Scoped { work } => work.size_hint(),
            Work::Plain { work } => work.size_hint(),
        }
    }
}

impl<T> fmt::Debug for Within<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within").finish_non_exhaustive()
    }
}

/// Is what an operation gives: it says what the record learns, and ends it or carries it on.
pub trait Answer<R: Operation>: Sized {
    /// What the caller gets.
    type Recorded;

    /// Takes the operation; `None` where nothing is recorded.
    fn recorded(self, active: Option<Active<R>>, classifier: &Classifier) -> Self::Recorded;
}

pin_project! {
    /// Waits for an answer within its operation, and ends the operation or hands it on to the answer.
    ///
    /// An error ends it as failed; dropped before either, by a panic too, it was cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Recording<F, R: Operation> {
        // Stands before the operation, so that what runs within has ended when the operation ends.
        #[pin]
        work: Within<F>,
        active: Option<Active<R>>,
        classifier: Classifier,
    }
}

impl<F, R: Operation> Recording<F, R> {
    /// Makes the call within the operation.
    pub(crate) fn begin(
        active: Option<Active<R>>,
        classifier: Classifier,
        call: impl FnOnce() -> F,
    ) -> Self {
        let scope = active.as_ref().map(Active::scope);
        Self {
            work: Within::begin(scope.as_ref(), call),
            active,
            classifier,
        }
    }
}

impl<F, A, E, R> Future for Recording<F, R>
where
    F: Future<Output = Result<A, E>>,
    A: Answer<R>,
    E: fmt::Display + 'static,
    R: Operation,
{
    type Output = Result<A::Recorded, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.work.poll(cx));
        let active = this.active.take();
        Poll::Ready(match result {
            Ok(answer) => Ok(answer.recorded(active, this.classifier)),
            Err(error) => {
                if let Some(active) = active {
                    active.fail(this.classifier.classify(&error));
                }
                Err(error)
            }
        })
    }
}

impl<F, R: Operation> fmt::Debug for Recording<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("is_recorded", &self.active.is_some())
            .finish_non_exhaustive()
    }
}
