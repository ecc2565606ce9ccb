//! `Expect: 100-continue`: a client that sends its body only once the provider wants it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{HeaderMap, Request, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// How long a provider may take to say that it wants the body; clients wait as long before they send it unasked.
const PATIENCE: Duration = Duration::from_secs(1);

/// A request's body that is not asked for before the provider wants it.
///
/// The client is told to go on by our server when the body is first asked for.
pub(super) struct Held<B> {
    body: B,
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

/// Ends the wait of a [`Held`] body when it is dropped: the exchange has gone on without it.
#[derive(Debug)]
pub(super) struct Settled(Arc<Notify>);

impl Drop for Settled {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Holds the body back where the client waits to be told.
pub(super) fn hold<B>(request: Request<B>) -> (Request<Held<B>>, Option<Settled>) {
    if !is_expecting(request.headers()) {
        return (request.map(|body| Held { body, wait: None }), None);
    }
    let go_on = Arc::new(Notify::new());
    let told = Arc::clone(&go_on);
    let wait = async move {
        tokio::select! {
            () = told.notified() => {}
            () = tokio::time::sleep(PATIENCE) => {}
        }
    };
    let mut request = request.map(|body| Held {
        body,
        wait: Some(Box::pin(wait)),
    });
    let wanted = Arc::clone(&go_on);
    hyper::ext::on_informational(&mut request, move |response| {
        if response.status() == StatusCode::CONTINUE {
            wanted.notify_one();
        }
    });
    (request, Some(Settled(go_on)))
}

fn is_expecting(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl<B: Body + Unpin> Body for Held<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: fmt::Debug> fmt::Debug for Held<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
