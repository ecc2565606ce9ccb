//! The body of an annotated async function.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{Scope, Scoped};

pin_project! {
    /// Runs a body within its operation's scope, or as it is where nothing is recorded.
    #[must_use = "futures do nothing unless polled"]
    pub struct Running<F> {
        #[pin]
        body: Body<F>,
    }
}

pin_project! {
    /// Costs no more room than the larger of the two: a body may be large.
    #[project = BodyProjection]
    enum Body<F> {
        Recorded { #[pin] body: Scoped<F> },
        Plain { #[pin] body: F },
    }
}

impl<F> Running<F> {
    pub(super) fn new(scope: Option<&Scope>, body: F) -> Self {
        let body = match scope {
            Some(scope) => Body::Recorded {
                body: scope.within(body),
            },
            None => Body::Plain { body },
        };
        Self { body }
    }
}

impl<F: Future> Future for Running<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().body.project() {
            BodyProjection::Recorded { body } => body.poll(cx),
            BodyProjection::Plain { body } => body.poll(cx),
        }
    }
}

impl<F> fmt::Debug for Running<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
