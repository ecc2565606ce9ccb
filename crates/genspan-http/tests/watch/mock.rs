//! A client whose answers are laid down, and a body that shows how it was polled.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Future, pending},
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use genspan_http::WatchedBody;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tower_service::Service;

pub(crate) type RequestBody = WatchedBody<Full<Bytes>>;

/// A body of given frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    frames: VecDeque<Piece>,
    /// Whether size and end are told beforehand, as with a `content-length`.
    is_sized: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    Error,
    /// The client's own time-out.
    TimedOut,
    /// Nothing more, without an end.
    Hang,
}

impl Script {
    pub(crate) fn chunks<T: AsRef<[u8]>>(chunks: impl IntoIterator<Item = T>) -> Self {
        let frames = chunks
            .into_iter()
            .map(|chunk| Piece::Data(Bytes::copy_from_slice(chunk.as_ref())))
            .collect();
        Self {
            frames,
            is_sized: false,
        }
    }

    pub(crate) fn sized(mut self) -> Self {
        self.is_sized = true;
        self
    }

    pub(crate) fn then(mut self, piece: Piece) -> Self {
        self.frames.push_back(piece);
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.frames.pop_front() {
            None => Poll::Ready(None),
            Some(Piece::Data(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Some(Piece::Trailers(trailers)) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Some(Piece::Error) => Poll::Ready(Some(Err(io::Error::other("cut")))),
            Some(Piece::TimedOut) => Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into()))),
            Some(Piece::Hang) => {
                self.frames.push_front(Piece::Hang);
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_sized && self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if !self.is_sized {
            return SizeHint::default();
        }
        let data = self.frames.iter().map(|piece| match piece {
            Piece::Data(bytes) => bytes.len() as u64,
            Piece::Trailers(_) | Piece::Error | Piece::TimedOut | Piece::Hang => 0,
        });
        SizeHint::with_exact(data.sum())
    }
}

/// What the client does with a request.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(Response<Script>),
    Fail(io::ErrorKind),
    Hang,
}

impl Reply {
    pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: Script) -> Self {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Self::Answer(response.body(body).unwrap())
    }
}

/// A client that reads requests whole and answers by script.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mock {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Mock {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            seen: Arc::default(),
        }
    }

    /// What the provider got.
    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }
}

impl Service<Request<RequestBody>> for Mock {
    type Response = Response<Script>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Script>, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let reply = self
            .replies
            .lock()
            .unwrap()
            .pop_front()
            .expect("a reply for each request");
        let seen = Arc::clone(&self.seen);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body
                .collect()
                .await
                .unwrap_or_else(|error: Infallible| match error {})
                .to_bytes();
            seen.lock().unwrap().push(Request::from_parts(parts, body));
            match reply {
                Reply::Answer(response) => Ok(response),
                Reply::Fail(kind) => Err(kind.into()),
                Reply::Hang => pending().await,
            }
        })
    }
}
