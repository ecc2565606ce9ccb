//! The body of a request that may have been read before it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// A request's body as it comes, or as it was held.
#[derive(Debug)]
pub(in crate::proxy) enum Sent<B> {
    AsItComes(B),
    Held {
        data: Option<Bytes>,
        trailers: Option<HeaderMap>,
    },
}

impl<B> Sent<B> {
    pub(super) fn held(data: Bytes, trailers: Option<HeaderMap>) -> Self {
        Self::Held {
            data: (!data.is_empty()).then_some(data),
            trailers,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Sent<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.get_mut() {
            Self::AsItComes(body) => Pin::new(body).poll_frame(cx),
            Self::Held { data, trailers } => {
                let data = data.take().map(Frame::data);
                let frame = data.or_else(|| trailers.take().map(Frame::trailers));
                Poll::Ready(frame.map(Ok))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::AsItComes(body) => body.is_end_stream(),
            Self::Held { data, trailers } => data.is_none() && trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::AsItComes(body) => body.size_hint(),
            Self::Held { data, .. } => {
                SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64))
            }
        }
    }
}
