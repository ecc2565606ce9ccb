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
    #[project = RunningProjection]
    #[must_use = "futures do nothing unless polled"]
    pub enum Running<F> {
        /// Within an operation.
        Recorded {
            #[pin]
            body: Scoped<F>,
        },
        /// Outside of any.
        Plain {
            #[pin]
            body: F,
        },
    }
}

impl<F> Running<F> {
    pub(super) fn new(scope: Option<&Scope>, body: F) -> Self {
        match scope {
            Some(scope) => Self::Recorded {
                body: scope.within(body),
            },
            None => Self::Plain { body },
        }
    }
}

impl<F: Future> Future for Running<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            RunningProjection::Recorded { body } => body.poll(cx),
            RunningProjection::Plain { body } => body.poll(cx),
        }
    }
}

impl<F> fmt::Debug for Running<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded { .. } => "Recorded",
            Self::Plain { .. } => "Plain",
        })
    }
}
