//! Records the calls that [`reqwest_middleware`] 0.5 makes with reqwest 0.13; feature
//! `reqwest-middleware`.
//!
//! ```
//! use genspan_http::{Recorder, reqwest_middleware::RecordMiddleware};
//! use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
//! # use reqwest_0_13 as reqwest;
//!
//! fn recorded(client: reqwest::Client, recorder: &Recorder) -> ClientWithMiddleware {
//!     ClientBuilder::new(client)
//!         .with(RecordMiddleware::new(recorder.clone()))
//!         .build()
//! }
//! ```
//!
//! Added after a middleware that repeats failed calls it sees each attempt, and the call's span has an event
//! for each that failed; added before it, it sees the call as one exchange.

use std::any::Any;

use ::reqwest_middleware::{Error, Middleware, Next, Result};
use async_trait::async_trait;
use http::Extensions;
use reqwest_0_13::{Request, Response};

use crate::{Classifier, End, RecordFuture, Recorder, classify::by_chain, reqwest_0_13::begin};

/// Passes requests on to the next middleware and records those that call a provider.
///
/// The extensions that go with a request say more, as they do for a [`RecordService`](crate::RecordService):
/// `client.post(url).with_extension(Provider::new("in-house"))`.
#[derive(Clone, Debug)]
pub struct RecordMiddleware {
    recorder: Recorder,
    classifier: Classifier,
}

impl RecordMiddleware {
    /// Records calls with the given recorder.
    #[must_use]
    pub fn new(recorder: Recorder) -> Self {
        Self {
            recorder,
            classifier: Classifier::default(),
        }
    }

    /// Decides by other rules how calls ended that gave an error instead of a response.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }
}

#[async_trait]
impl Middleware for RecordMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let (request, watch) = begin(&self.recorder, request, Some(extensions));
        let call = || next.run(request, extensions);
        RecordFuture::begin(watch, self.classifier.clone(), call).await
    }
}

/// Tells how a call ended, where the error is this client's.
pub(crate) fn end_of(error: &dyn Any) -> Option<End> {
    match error.downcast_ref::<Error>()? {
        Error::Reqwest(error) => crate::reqwest_0_13::end_of(error),
        error @ Error::Middleware(_) => Some(by_chain(error)),
    }
}
