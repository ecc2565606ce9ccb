//! The service that watches each call of the client it wraps.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::{Classifier, RecordFuture, Recorder, WatchedBody};

/// Hands requests on to an HTTP client and records those that call a provider.
///
/// Requests to other endpoints cost a look at their path. A request that is recorded already, which the
/// extension [`Recorded`](crate::Recorded) or the marker in `tracestate` says, goes on unwatched. The marker is taken off, unless it was
/// left for a [recording proxy](crate::RecorderOptions::recording_proxies). Extensions of the request say more: [`Scope`](genspan::Scope) is what the call happens within,
/// or [`SpanContext`](genspan::SpanContext) its parent; without either it happens within what is current where
/// `call` is called. [`Server`](genspan::Server) and [`Provider`](genspan::Provider) name whom the client believes it talks
/// to, [`ClientId`](crate::ClientId) tells clients of a proxy apart.
#[derive(Clone, Debug)]
pub struct RecordService<S> {
    inner: S,
    recorder: Recorder,
    classifier: Classifier,
}

impl<S> RecordService<S> {
    pub(crate) const fn new(inner: S, recorder: Recorder, classifier: Classifier) -> Self {
        Self {
            inner,
            recorder,
            classifier,
        }
    }

    /// Gives the client back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, Asked, Answered> Service<Request<Asked>> for RecordService<S>
where
    S: Service<Request<WatchedBody<Asked>>, Response = Response<Answered>>,
    S::Error: 'static,
    Asked: Body<Data = Bytes>,
    Answered: Body<Data = Bytes>,
{
    type Response = Response<WatchedBody<Answered>>;
    type Error = S::Error;
    type Future = RecordFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Asked>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let watch = self.recorder.begin(&mut parts);
        let body = match &watch {
            Some(watch) => watch.request(body),
            None => WatchedBody::unwatched(body),
        };
        let request = Request::from_parts(parts, body);
        RecordFuture::begin(watch, self.classifier.clone(), || self.inner.call(request))
    }
}
