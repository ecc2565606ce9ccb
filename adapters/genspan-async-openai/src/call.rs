//! A call as the program makes it, over all its attempts.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use async_openai::middleware::HttpRequestFactory;
use genspan_http::{Recorder, reqwest_0_13 as front};
use reqwest_0_13::Response;
use tower::Service;

use crate::{error, handed_over::handed_over, take_ready};

/// Makes one span of each call, whatever the layers inside make of it; [`service`](crate::service) builds it.
#[derive(Clone)]
pub struct CallService<S> {
    inner: S,
    recorder: Recorder,
}

impl<S> CallService<S> {
    pub(crate) const fn new(inner: S, recorder: Recorder) -> Self {
        Self { inner, recorder }
    }
}

impl<S> Service<HttpRequestFactory> for CallService<S>
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
        let inner = take_ready(&mut self.inner);
        Box::pin(recorded(inner, self.recorder.clone(), factory))
    }
}

async fn recorded<S>(
    mut inner: S,
    recorder: Recorder,
    factory: HttpRequestFactory,
) -> Result<Response, S::Error>
where
    S: Service<HttpRequestFactory, Response = Response>,
    S::Error: 'static,
{
    let built = factory.build().await;
    let call = match &built {
        Ok(request) => front::call(&recorder, request),
        Err(_) => None,
    };
    let factory = handed_over(built, factory);
    let Some(call) = call else {
        return inner.call(factory).await;
    };
    let attempts = async { inner.call(factory).await };
    let result = call.scope().within(attempts).await;
    match &result {
        Ok(_) => call.answered(),
        Err(error) => call.failed(error::of_call(error)),
    }
    result
}

impl<S> fmt::Debug for CallService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallService")
            .field("recorder", &self.recorder)
            .finish_non_exhaustive()
    }
}
