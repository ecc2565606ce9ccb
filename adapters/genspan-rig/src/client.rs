//! rig's HTTP client, recorded.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream::once};
use genspan_http::{Classifier, End, Recorder, Sending, WatchedStream};
use http::{Request, Response};
use rig_core::{
    http_client::{Error, HttpClientExt, LazyBody, MultipartForm, Result, StreamingResponse},
    wasm_compat::WasmCompatSend,
};

/// Hands requests on to an HTTP client of rig's and records those that call a provider; see [`Rig::http`](crate::Rig::http).
///
/// Requests, answers and errors are the client's own.
#[derive(Clone, Debug)]
pub struct Recorded<H> {
    pub(crate) inner: H,
    pub(crate) recorder: Recorder,
}

impl<H> Recorded<H> {
    /// Gives the client back.
    #[must_use]
    pub fn into_inner(self) -> H {
        self.inner
    }

    fn begin<T: Into<Bytes>>(&self, request: Request<T>) -> (Request<Bytes>, Sending) {
        let (request, sending) = self.recorder.sending(request.map(Into::into));
        let classifier = Classifier::new(|error: &Error| match error {
            Error::Instance(error) => Classifier::default().classify(error),
            _ => End::LostBeforeHeaders,
        });
        (request, sending.with_classifier(classifier))
    }
}

/// Watches what came of a request; an error may hold a provider's whole answer.
#[allow(clippy::result_large_err, reason = "the error is rig's own")]
fn watched<S>(sending: Sending, answer: Result<Response<S>>) -> Result<Response<WatchedStream<S>>> {
    match &answer {
        Ok(_) => return answer.map(|answer| sending.answered(answer)),
        Err(Error::InvalidStatusCodeWithDetails {
            status,
            body,
            headers,
        }) => sending.refused(*status, headers, &Bytes::from(body.clone())),
        Err(error) => sending.failed(error),
    }
    answer.map(|answer| answer.map(WatchedStream::unwatched))
}

/// Reads the one piece of a body, and its end, for which its reader does not ask.
async fn whole(body: impl Stream<Item = Result<Bytes>>) -> Result<Bytes> {
    let mut body = pin!(body);
    let whole = body.next().await.transpose()?;
    body.next().await;
    Ok(whole.unwrap_or_default())
}

impl<H: HttpClientExt> HttpClientExt for Recorded<H> {
    fn send<T, U>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + WasmCompatSend + 'static
    where
        T: Into<Bytes> + WasmCompatSend,
        U: From<Bytes> + WasmCompatSend + 'static,
    {
        let (request, sending) = self.begin(request);
        let scope = sending.scope();
        let sent = scope.within(scope.run(|| self.inner.send::<Bytes, Bytes>(request)));
        async move {
            let answer = sent.await.map(|answer| answer.map(once));
            let read = |body| -> LazyBody<U> { Box::pin(async { Ok(whole(body).await?.into()) }) };
            Ok(watched(sending, answer)?.map(read))
        }
    }

    fn send_multipart<U>(
        &self,
        request: Request<MultipartForm>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + WasmCompatSend + 'static
    where
        U: From<Bytes> + WasmCompatSend + 'static,
    {
        self.inner.send_multipart(request)
    }

    async fn send_streaming<T>(&self, request: Request<T>) -> Result<StreamingResponse>
    where
        T: Into<Bytes> + WasmCompatSend,
    {
        let (request, sending) = self.begin(request);
        let sent = sending.scope().within(self.inner.send_streaming(request));
        let answer = sent.await;
        Ok(watched(sending, answer)?.map(|body| Box::pin(body) as _))
    }
}
