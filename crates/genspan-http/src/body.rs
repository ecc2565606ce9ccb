//! The body that is watched on its way.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{
    End, Watch, classify,
    intake::{Event, Feed},
};

pin_project! {
    /// Passes a body on as it is and lets a [`Watch`] see a reference to each chunk.
    ///
    /// Frames, trailers, errors, size hint and end of stream are the wrapped body's own. The end of a
    /// response shows in one of three ways, of which the first counts: no more frames, an error, or
    /// [`is_end_stream`](Body::is_end_stream) after the last frame, since a reader may never ask again.
    pub struct WatchedBody<B> {
        #[pin]
        inner: B,
        tap: Tap,
    }
}

/// Says what is done with a chunk beside passing it on.
#[derive(Debug)]
enum Tap {
    Nothing,
    Request(Option<Feed>),
    Response(Option<Watch>),
}

impl<B> WatchedBody<B> {
    /// Wraps a body that nobody watches.
    #[must_use]
    pub const fn unwatched(inner: B) -> Self {
        Self {
            inner,
            tap: Tap::Nothing,
        }
    }
}

impl<B: Body<Data = Bytes>> WatchedBody<B> {
    pub(crate) fn request(inner: B, feed: Feed) -> Self {
        let mut tap = Tap::Request(Some(feed));
        if inner.is_end_stream() {
            tap.end(End::Complete);
        }
        Self { inner, tap }
    }

    pub(crate) fn response(inner: B, watch: Watch) -> Self {
        let mut tap = Tap::Response(Some(watch));
        if inner.is_end_stream() {
            tap.end(End::Complete);
        }
        Self { inner, tap }
    }
}

impl Tap {
    fn data(&self, bytes: &Bytes) {
        match self {
            Self::Request(Some(feed)) => feed.push(Event::Request(bytes.clone())),
            Self::Response(Some(watch)) => watch.response_chunk(bytes),
            Self::Nothing | Self::Request(None) | Self::Response(None) => {}
        }
    }

    /// Notes the end once; what is left undone then, the drop does.
    fn end(&mut self, end: End) {
        match self {
            Self::Nothing => {}
            // A request that breaks off does not end its exchange: the provider may answer all the same.
            Self::Request(feed) => {
                if let Some(feed) = feed.take()
                    && end == End::Complete
                {
                    feed.push(Event::RequestEnd);
                }
            }
            Self::Response(watch) => {
                if let Some(watch) = watch.take() {
                    watch.end(end);
                }
            }
        }
    }
}

impl<B> Body for WatchedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let polled = ready!(this.inner.as_mut().poll_frame(cx));
        match &polled {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    this.tap.data(bytes);
                }
                if this.inner.is_end_stream() {
                    this.tap.end(End::Complete);
                }
            }
            Some(Err(error)) => this.tap.end(classify::of_body(error)),
            None => this.tap.end(End::Complete),
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Default> Default for WatchedBody<B> {
    fn default() -> Self {
        Self::unwatched(B::default())
    }
}

impl<B> fmt::Debug for WatchedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedBody")
            .field("tap", &self.tap)
            .finish_non_exhaustive()
    }
}
