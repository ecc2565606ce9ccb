//! One HTTP exchange under observation.

use bytes::Bytes;
use genspan::{Scope, ScopeSource, SpanContext};
use http::{Response, response::Parts};
use http_body::Body;

use crate::{
    End, WatchedBody, WatchedStream,
    intake::{Event, Feed, Head},
};

/// Observes one HTTP exchange with a provider and ends its span exactly once.
///
/// It travels with the data: from the request to the future, from there to the response's body.
/// Whoever holds it last ends it; dropped, it ends the call as cancelled, unless the stream had come
/// to its own end before.
#[must_use = "dropping it at once records a cancelled call"]
#[derive(Debug)]
pub struct Watch {
    /// `None` once the exchange has ended.
    feed: Option<Feed>,
    context: SpanContext,
    scope: ScopeSource,
}

impl Watch {
    pub(crate) const fn new(feed: Feed, context: SpanContext, scope: ScopeSource) -> Self {
        Self {
            feed: Some(feed),
            context,
            scope,
        }
    }

    /// Gives where the call's span stands, for whoever is asked to send trace context on.
    ///
    /// A repeated attempt of a call learns only later that the span of the first attempt is its own.
    #[must_use]
    pub const fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Gives the scope of the call, for the work of the client that makes it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope.scope()
    }

    /// Notes a body that is sent in one piece, without copying it.
    pub fn request_whole(&self, body: Bytes) {
        if let Some(feed) = &self.feed {
            if !body.is_empty() {
                feed.push(Event::Request(body));
            }
            feed.push(Event::RequestEnd);
        }
    }

    /// Watches the body that is sent; its errors and its drop do not end the exchange.
    #[must_use]
    pub fn request<B: Body<Data = Bytes>>(&self, body: B) -> WatchedBody<B> {
        match &self.feed {
            Some(feed) => WatchedBody::request(body, feed.clone()),
            None => WatchedBody::unwatched(body),
        }
    }

    /// Watches the response; its body carries the watch from here on.
    #[must_use]
    pub fn response<B: Body<Data = Bytes>>(
        self,
        response: Response<B>,
    ) -> Response<WatchedBody<B>> {
        let (parts, body) = response.into_parts();
        self.response_head(&parts);
        Response::from_parts(parts, WatchedBody::response(body, self))
    }

    /// Notes the head of a response whose body is no [`Body`]; its bytes are told one by one.
    pub fn response_head(&self, head: &Parts) {
        if let Some(feed) = &self.feed {
            feed.push(Event::Head(Box::new(Head::of(head))));
        }
    }

    /// Notes a piece of the response, without copying it.
    pub fn response_chunk(&self, bytes: &Bytes) {
        if let Some(feed) = self.feed.as_ref().filter(|_| !bytes.is_empty()) {
            feed.push(Event::Response(bytes.clone(), feed.now()));
        }
    }

    /// Watches the stream of a response's bytes, whose [head](Self::response_head) is noted; it carries the watch from
    /// here on.
    pub fn stream<S>(self, stream: S) -> WatchedStream<S> {
        WatchedStream::new(stream, Some(self))
    }

    /// Ends the exchange, where there is no body to end it.
    pub fn end(mut self, end: End) {
        self.finish(end);
    }

    fn finish(&mut self, end: End) {
        if let Some(feed) = self.feed.take() {
            let now = feed.now();
            feed.push(Event::End(end, now));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.finish(End::Cancelled);
    }
}
