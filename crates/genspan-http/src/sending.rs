//! Requests of clients that are no services, and whose bodies are bytes.

use std::any::Any;

use bytes::Bytes;
use genspan::Scope;
use http::{HeaderMap, Request, Response, StatusCode};

use crate::{Classifier, End, Recorder, Watch, WatchedStream};

/// Watches one request of a client that takes a body whole and gives the answer as bytes, whatever its types are.
///
/// It is for clients with an interface of their own, to which no [`RecordLayer`](crate::RecordLayer) fits. Dropped before
/// the answer came, the call was cancelled.
///
/// ```
/// use bytes::Bytes;
/// use futures_util::{Stream, StreamExt, stream};
/// use genspan_http::Recorder;
/// use http::{Request, Response};
/// # async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, std::io::Error> { Ok(Response::new(request.into_body())) }
///
/// async fn recorded(recorder: &Recorder, request: Request<Bytes>) -> Result<Bytes, std::io::Error> {
///     let (request, sending) = recorder.sending(request);
///     match sending.scope().within(send(request)).await {
///         Ok(response) => {
///             let pieces = response.map(|body| stream::iter([Ok(body)]));
///             let pieces: Vec<_> = sending.answered(pieces).into_body().collect().await;
///             pieces.into_iter().collect::<Result<Vec<Bytes>, _>>().map(|read| read.concat().into())
///         }
///         Err(error) => {
///             sending.failed(&error);
///             Err(error)
///         }
///     }
/// }
/// ```
#[must_use = "dropping it at once records a cancelled call"]
#[derive(Debug)]
pub struct Sending {
    /// `None` where nothing is recorded.
    watch: Option<Watch>,
    scope: Scope,
    classifier: Classifier,
}

impl Recorder {
    /// Begins to watch a request that is to be sent as it is given back; see [`begin`](Self::begin).
    pub fn sending(&self, request: Request<Bytes>) -> (Request<Bytes>, Sending) {
        let (mut parts, body) = request.into_parts();
        let watch = self.begin(&mut parts);
        if let Some(watch) = &watch {
            watch.request_whole(body.clone());
        }
        let scope = watch.as_ref().map(Watch::scope);
        let sending = Sending {
            watch,
            scope: scope.unwrap_or_else(|| self.telemetry().scope()),
            classifier: Classifier::default(),
        };
        (Request::from_parts(parts, body), sending)
    }
}

impl Sending {
    /// Decides by other rules what the client's errors mean, before an answer and amid it.
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }

    /// Gives the scope in which the client is to send the request.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Lets an answer be watched to its end; a body that comes in one piece is a stream of that.
    #[must_use]
    pub fn answered<S>(self, answer: Response<S>) -> Response<WatchedStream<S>> {
        let Some(watch) = self.watch else {
            return answer.map(WatchedStream::unwatched);
        };
        let (head, body) = answer.into_parts();
        watch.response_head(&head);
        let body = watch.stream(body).with_classifier(self.classifier);
        Response::from_parts(head, body)
    }

    /// Ends the call by an answer that the client has read, and gives as an error.
    pub fn refused(self, status: StatusCode, headers: &HeaderMap, body: &Bytes) {
        let Some(watch) = self.watch else { return };
        let (mut head, ()) = Response::new(()).into_parts();
        head.status = status;
        head.headers.clone_from(headers);
        watch.response_head(&head);
        watch.response_chunk(body);
        watch.end(End::Complete);
    }

    /// Ends the call by an error that came in place of an answer.
    pub fn failed(self, error: &dyn Any) {
        if let Some(watch) = self.watch {
            watch.end(self.classifier.classify(error));
        }
    }
}
