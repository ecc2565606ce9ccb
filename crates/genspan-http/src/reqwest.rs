//! What the fronts for the versions of reqwest share.
//!
//! The versions have the same methods on types of their own, so what names the types is a macro, and all that
//! need not is below it.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use genspan::{Provider, Scope, Server, SpanContext};
use genspan_wire::RequestHead;
use http::{Extensions, Method};
use http_body::Body;

use crate::{ClientId, Recorded};

/// Tells whom a URL asks.
pub(crate) fn head<'a>(
    method: &'a Method,
    host: Option<&'a str>,
    port: Option<u16>,
    url: &'a str,
) -> RequestHead<'a> {
    RequestHead {
        method: method.as_str(),
        host: host.unwrap_or_default(),
        port,
        path: path(url),
    }
}

/// Finds path and query in a URL.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// Takes the bytes of a body that is in memory.
pub(crate) fn take_bytes<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Bytes {
    let mut nobody = Context::from_waker(Waker::noop());
    match Pin::new(&mut body).poll_frame(&mut nobody) {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        Poll::Ready(_) | Poll::Pending => Bytes::new(),
    }
}

/// Lets a request know what stands beside it of what a [`Recorder`](crate::Recorder) looks for.
pub(crate) fn adopt(own: &mut Extensions, beside: &Extensions) {
    adopt_one::<Scope>(own, beside);
    adopt_one::<SpanContext>(own, beside);
    adopt_one::<Server>(own, beside);
    adopt_one::<Provider>(own, beside);
    adopt_one::<ClientId>(own, beside);
    adopt_one::<Recorded>(own, beside);
}

fn adopt_one<T: Clone + Send + Sync + 'static>(own: &mut Extensions, beside: &Extensions) {
    if let Some(value) = beside.get::<T>() {
        own.insert(value.clone());
    }
}

/// Writes the front for one version of reqwest.
macro_rules! front {
    ($reqwest:ident) => {
        use std::{
            any::Any,
            fmt,
            task::{Context, Poll},
            time::Duration,
        };

        use ::$reqwest::{
            Body, Client, Error, IntoUrl, Request, RequestBuilder, Response, ResponseBuilderExt,
        };
        use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method};
        use tower_service::Service;

        use crate::{
            Answer, Classifier, End, LogicalCall, RecordFuture, Recorder, Watch, answer::sealed,
            classify::by_chain, marker::take_marker, reqwest,
        };

        /// Sends requests with a client and records those that call a provider.
        ///
        /// The client is a [`Client`], or any service of its requests and responses. Requests to other
        /// endpoints cost a look at their path. What comes back is the client's own response, errors
        /// included; only the chain of causes of an error amid a body is two links longer.
        #[derive(Clone)]
        pub struct Recorded<S = Client> {
            inner: S,
            recorder: Recorder,
            classifier: Classifier,
        }

        impl<S> Recorded<S> {
            /// Records what goes through `inner`.
            #[must_use]
            pub fn new(inner: S, recorder: Recorder) -> Self {
                Self {
                    inner,
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

            /// Gives the client inside; what it sends by itself is not recorded.
            #[must_use]
            pub const fn inner(&self) -> &S {
                &self.inner
            }
        }

        impl Recorded<Client> {
            /// Begins a request that is recorded when it is sent.
            pub fn request(&self, method: Method, url: impl IntoUrl) -> RecordedRequest {
                RecordedRequest {
                    request: self.inner.request(method, url),
                    recorder: self.recorder.clone(),
                    classifier: self.classifier.clone(),
                }
            }

            /// Begins a `GET` request.
            pub fn get(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::GET, url)
            }

            /// Begins a `POST` request.
            pub fn post(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::POST, url)
            }

            /// Begins a `PUT` request.
            pub fn put(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::PUT, url)
            }

            /// Begins a `PATCH` request.
            pub fn patch(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::PATCH, url)
            }

            /// Begins a `DELETE` request.
            pub fn delete(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::DELETE, url)
            }

            /// Begins a `HEAD` request.
            pub fn head(&self, url: impl IntoUrl) -> RecordedRequest {
                self.request(Method::HEAD, url)
            }

            /// Sends a request, within what is current where the returned future is first polled.
            ///
            /// # Errors
            ///
            /// Those of [`Client::execute`].
            pub async fn execute(&self, request: Request) -> Result<Response, Error> {
                let (request, watch) = begin(&self.recorder, request, None);
                let call = || self.inner.execute(request);
                RecordFuture::begin(watch, self.classifier.clone(), call).await
            }
        }

        impl<S> Service<Request> for Recorded<S>
        where
            S: Service<Request, Response = Response>,
            S::Error: 'static,
        {
            type Response = Response;
            type Error = S::Error;
            type Future = RecordFuture<S::Future>;

            fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
                self.inner.poll_ready(cx)
            }

            fn call(&mut self, request: Request) -> Self::Future {
                let (request, watch) = begin(&self.recorder, request, None);
                let call = || self.inner.call(request);
                RecordFuture::begin(watch, self.classifier.clone(), call)
            }
        }

        impl<S> fmt::Debug for Recorded<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("Recorded")
                    .field("recorder", &self.recorder)
                    .finish_non_exhaustive()
            }
        }

        /// Builds a request as [`RequestBuilder`] does, and records it when it is sent.
        ///
        /// What has no method here is built with [`with`](Self::with).
        #[must_use = "nothing is asked until it is sent"]
        pub struct RecordedRequest {
            request: RequestBuilder,
            recorder: Recorder,
            classifier: Classifier,
        }

        impl RecordedRequest {
            /// Builds with the client's own builder, such as `.with(|request| request.json(&question))`.
            pub fn with(mut self, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
                self.request = build(self.request);
                self
            }

            /// Adds a header.
            pub fn header<K, V>(self, name: K, value: V) -> Self
            where
                HeaderName: TryFrom<K, Error: Into<http::Error>>,
                HeaderValue: TryFrom<V, Error: Into<http::Error>>,
            {
                self.with(|request| request.header(name, value))
            }

            /// Adds headers, in place of those of the same names.
            pub fn headers(self, headers: HeaderMap) -> Self {
                self.with(|request| request.headers(headers))
            }

            /// Sets the body.
            pub fn body(self, body: impl Into<Body>) -> Self {
                self.with(|request| request.body(body))
            }

            /// Bounds the time until the response's body has come.
            pub fn timeout(self, timeout: Duration) -> Self {
                self.with(|request| request.timeout(timeout))
            }

            /// Sends it as the client does, within what is current where the returned future is first polled.
            ///
            /// # Errors
            ///
            /// Those of [`RequestBuilder::send`].
            pub async fn send(self) -> Result<Response, Error> {
                let (client, request) = self.request.build_split();
                Recorded::new(client, self.recorder)
                    .with_classifier(self.classifier)
                    .execute(request?)
                    .await
            }
        }

        impl fmt::Debug for RecordedRequest {
            /// Leaves the request out: its headers hold credentials.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("RecordedRequest").finish_non_exhaustive()
            }
        }

        /// Sends a request that is built already, and records it.
        pub trait SendRecorded {
            /// Sends it as `send` does, within what is current where the returned future is first polled.
            ///
            /// # Errors
            ///
            /// Those of [`RequestBuilder::send`].
            fn send_recorded(
                self,
                recorder: &Recorder,
            ) -> impl Future<Output = Result<Response, Error>> + Send;
        }

        impl SendRecorded for RequestBuilder {
            async fn send_recorded(self, recorder: &Recorder) -> Result<Response, Error> {
                let request = RecordedRequest {
                    request: self,
                    recorder: recorder.clone(),
                    classifier: Classifier::default(),
                };
                request.send().await
            }
        }

        /// Begins a call that is sent as `request` is, maybe several times; see
        /// [`Recorder::call`](crate::Recorder::call).
        ///
        /// The attempts belong to it where they are recorded within its scope, and the request's own extensions
        /// name no other.
        #[must_use]
        pub fn call(recorder: &Recorder, request: &Request) -> Option<LogicalCall> {
            let (method, url) = (request.method(), request.url());
            let (host, port) = (url.host_str(), url.port_or_known_default());
            let head = reqwest::head(method, host, port, url.as_str());
            recorder.call_at(&head, request.headers(), None)
        }

        /// Begins to watch a request; what calls no provider is given back as it came.
        ///
        /// `beside` may say what the request's own extensions could.
        pub(crate) fn begin(
            recorder: &Recorder,
            mut request: Request,
            beside: Option<&Extensions>,
        ) -> (Request, Option<Watch>) {
            let (method, url) = (request.method(), request.url());
            let (host, port) = (url.host_str(), url.port_or_known_default());
            if !recorder.concerns(&reqwest::head(method, host, port, url.as_str())) {
                take_marker(request.headers_mut());
                return (request, None);
            }
            // Extensions of a request can be read by way of `http` alone, and what this way would change is put
            // back: the URL's fragment, and a body that is none.
            let (method, url) = (method.clone(), url.clone());
            let timeout = request.timeout().copied();
            let body = request.body_mut().take();
            let headers = std::mem::take(request.headers_mut());
            let (mut parts, _) = http::Request::<Body>::try_from(request)
                .unwrap_or_default()
                .into_parts();
            parts.headers = headers;
            if let Some(beside) = beside {
                reqwest::adopt(&mut parts.extensions, beside);
            }
            let watch = recorder.begin(&mut parts);
            let body = match &watch {
                Some(watch) => watched_body(watch, body),
                None => body,
            };
            let headers = std::mem::take(&mut parts.headers);
            let mut request = Request::try_from(http::Request::from_parts(parts, Body::default()))
                .unwrap_or_else(|_| Request::new(method, url.clone()));
            *request.url_mut() = url;
            *request.headers_mut() = headers;
            *request.body_mut() = body;
            *request.timeout_mut() = timeout;
            (request, watch)
        }

        /// Notes a body that is in memory at once, so that the client can still send it twice.
        fn watched_body(watch: &Watch, body: Option<Body>) -> Option<Body> {
            let Some(body) = body else {
                watch.request_whole(bytes::Bytes::new());
                return None;
            };
            if body.as_bytes().is_none() {
                return Some(Body::wrap(watch.request(body)));
            }
            let bytes = reqwest::take_bytes(body);
            watch.request_whole(bytes.clone());
            Some(Body::from(bytes))
        }

        /// Tells how a call ended, where the error is this client's.
        pub(crate) fn end_of(error: &dyn Any) -> Option<End> {
            let error = error.downcast_ref::<Error>()?;
            Some(match by_chain(error) {
                End::LostBeforeHeaders if error.is_timeout() => End::Timeout,
                end => end,
            })
        }

        impl sealed::Sealed for Response {}

        impl Answer for Response {
            type Watched = Self;

            fn watched(self, watch: Option<Watch>) -> Self {
                let Some(watch) = watch else { return self };
                let mut url = http::Response::builder().url(self.url().clone());
                let response = watch.response(http::Response::<Body>::from(self));
                let (mut parts, body) = response.into_parts();
                if let Some(url) = url.extensions_mut() {
                    parts.extensions.extend(std::mem::take(url));
                }
                Self::from(http::Response::from_parts(parts, Body::wrap(body)))
            }
        }
    };
}

pub(crate) use front;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_are_found() {
        for (url, expected) in [
            ("https://api.openai.com/v1/chat?a=/b#f/g", "/v1/chat?a=/b"),
            ("http://[::1]:80/", "/"),
            ("http://h", "/"),
            ("http://h#/f", "/"),
            ("http://h/?u=http://x/y", "/?u=http://x/y"),
        ] {
            assert_eq!(path(url), expected);
        }
    }
}
