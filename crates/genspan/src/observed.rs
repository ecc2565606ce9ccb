//! The stream of an answer, watched to its end.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{Active, Failure, Operation, Outcome, Scope};

pin_project! {
    /// Passes the items of a stream on as they are and ends its operation when the stream ends.
    ///
    /// | the stream | the operation |
    /// |---|---|
    /// | gives its last item | completed |
    /// | gives an error | failed, once with the first |
    /// | is dropped, the record knowing why the answer ended | completed |
    /// | is dropped otherwise, by a panic too | cancelled |
    ///
    /// The time of each item goes into the record's chunk timing. A panic in what notes the items costs
    /// the note and not the stream.
    ///
    /// ```
    /// use futures_core::Stream;
    /// use genspan::{Provider, Telemetry};
    ///
    /// # struct Chunk { finish_reason: Option<String> }
    /// fn observed<E: std::error::Error + 'static>(
    ///     telemetry: &Telemetry,
    ///     chunks: impl Stream<Item = Result<Chunk, E>>,
    /// ) -> impl Stream<Item = Result<Chunk, E>> {
    ///     telemetry.chat(Provider::OPENAI, "gpt-4o-mini").observe(chunks, |call, chunk: &Chunk| {
    ///         call.response.finish_reasons.extend(chunk.finish_reason.clone());
    ///     })
    /// }
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct Observed<S, R: Operation, N> {
        // `None` only while this is being dropped.
        #[pin]
        stream: Option<S>,
        // `None` once the operation has ended.
        active: Option<Active<R>>,
        scope: Scope,
        note: N,
    }

    impl<S, R: Operation, N> PinnedDrop for Observed<S, R, N> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            {
                let _entered = this.scope.enter();
                this.stream.set(None);
            }
            if let Some(active) = this.active.take()
                && active.is_answered()
            {
                active.finish();
            }
        }
    }
}

impl<S, R: Operation, N> Observed<S, R, N> {
    pub(crate) fn new(mut active: Active<R>, stream: S, note: N) -> Self {
        active.will_stream();
        Self {
            stream: Some(stream),
            scope: active.scope(),
            active: Some(active),
            note,
        }
    }

    /// Gives the scope of the operation, while the stream runs and after.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<S, R, N, T, E> Stream for Observed<S, R, N>
where
    S: Stream<Item = Result<T, E>>,
    R: Operation,
    N: FnMut(&mut R, &T),
    E: fmt::Display,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let Some(stream) = this.stream.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let polled = {
            let _entered = this.scope.enter();
            stream.poll_next(cx)
        };
        let item = ready!(polled);
        match &item {
            Some(Ok(chunk)) => {
                if let Some(active) = this.active {
                    let now = active.now();
                    active.note_chunk(now);
                    let note = AssertUnwindSafe(|| (this.note)(active, chunk));
                    // A bug in the note must not break the stream it looks at.
                    let _ = catch_unwind(note);
                }
            }
            Some(Err(error)) => {
                if let Some(active) = this.active.take() {
                    active.fail(Failure::of(error));
                }
            }
            None => {
                if let Some(active) = this.active.take() {
                    active.end_as(Outcome::Completed);
                }
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), S::size_hint)
    }
}

impl<S, R: Operation, N> fmt::Debug for Observed<S, R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed")
            .field("is_under_way", &self.active.is_some())
            .finish_non_exhaustive()
    }
}
