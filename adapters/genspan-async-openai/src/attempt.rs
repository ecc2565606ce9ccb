//! One attempt of a call, as it goes over the wire.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use async_openai::middleware::HttpRequestFactory;
use genspan_http::{Classifier, Recorder, reqwest_0_13::Recorded};
use reqwest_0_13::{Request, Response};
use tower::Service;

use crate::{error, handed_over::handed_over, take_ready};

/// Reads the traffic of each attempt of a call on its way; [`service`](crate::service) builds it.
#[derive(Clone)]
pub struct AttemptService<S> {
    inner: S,
    recorder: Recorder,
    classifier: Classifier,
}

impl<S> AttemptService<S>
where
    S: Service<HttpRequestFactory, Error: 'static>,
{
    pub(crate) fn new(inner: S, recorder: Recorder) -> Self {
        Self {
            inner,
            recorder,
            classifier: Classifier::new(|error: &S::Error| error::end(error)),
        }
    }
}

impl<S> Service<HttpRequestFactory> for AttemptService<S>
where
    S: Service<HttpRequestFactory, Response = Response> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        if !self.recorder.is_enabled() {
            return Box::pin(self.inner.call(factory));
        }
        let mut inner = take_ready(&mut self.inner);
        let (recorder, classifier) = (self.recorder.clone(), self.classifier.clone());
        Box::pin(async move {
            match factory.build().await {
                Ok(request) => {
                    let sender = Sender { inner, factory };
                    let recorded = Recorded::new(sender, recorder);
                    recorded.with_classifier(classifier).call(request).await
                }
                failed @ Err(_) => inner.call(handed_over(failed, factory)).await,
            }
        })
    }
}

impl<S> fmt::Debug for AttemptService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptService")
            .field("recorder", &self.recorder)
            .finish_non_exhaustive()
    }
}

/// Sends one request that is built by a service that wants to build it.
struct Sender<S> {
    inner: S,
    factory: HttpRequestFactory,
}

impl<S: Service<HttpRequestFactory>> Service<Request> for Sender<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let factory = handed_over(Ok(request), self.factory.clone());
        self.inner.call(factory)
    }
}
