//! Puts the question for usage into requests whose clients do not, where the provider understands it.
//!
//! It stands between the recorder and the provider: what is recorded is the client's own request, and the whole answer.
//! What the question brings is taken out behind the recorder, in `unasked.rs`. A provider that refuses a request with
//! the question gets it again as the client sent it, and is not asked any more.

mod head;
mod sent;

use std::collections::HashSet;
use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use genspan_wire::ask;
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower_service::Service;

pub(super) use self::head::{is_plain, is_sealed};
use self::sent::Sent;
use super::dial::{Direct, Lost};

/// Marks the answer to a request with the question, for [`Unasked`](super::unasked::Unasked).
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked;

/// Calls a provider, and asks it for usage where there is somebody who keeps count of refusals.
#[derive(Debug)]
pub(super) struct Asking<B> {
    direct: Direct<Sent<B>>,
    refusals: Option<Arc<Refusals>>,
}

impl<B> Asking<B> {
    pub(super) const fn new(direct: Direct<Sent<B>>, refusals: Option<Arc<Refusals>>) -> Self {
        Self { direct, refusals }
    }
}

impl<B> Clone for Asking<B> {
    fn clone(&self) -> Self {
        Self::new(self.direct.clone(), self.refusals.clone())
    }
}

impl<B> Service<Request<B>> for Asking<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>> + Send,
{
    type Response = Response<Incoming>;
    type Error = Lost;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Lost>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        self.direct.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match &self.refusals {
            Some(refusals) if head::may_ask(&request) && !refusals.has(request.uri()) => {
                Box::pin(ask(self.direct.clone(), request, Arc::clone(refusals)))
            }
            _ => self.direct.call(request.map(Sent::AsItComes)),
        }
    }
}

/// Sends a request with the question, if its body has a place for it.
async fn ask<B>(
    mut direct: Direct<Sent<B>>,
    request: Request<B>,
    refusals: Arc<Refusals>,
) -> Result<Response<Incoming>, Lost>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>> + Send,
{
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| Lost::Gone(error.into()))?;
    let trailers = body.trailers().cloned();
    let body = body.to_bytes();
    let own = |parts| {
        let body = Sent::held(body.clone(), trailers.clone());
        Request::from_parts(parts, body)
    };
    let Some(question) = ask::ask(&body) else {
        return direct.call(own(parts)).await;
    };
    let asking = head::with_question(parts.clone(), question.len());
    let asking = Request::from_parts(asking, Sent::held(question.into(), trailers.clone()));
    let mut response = direct.call(asking).await?;
    if !is_refusal(response.status()) {
        response.extensions_mut().insert(Asked);
        return Ok(response);
    }
    drop(response);
    let uri = parts.uri.clone();
    let response = direct.call(own(parts)).await?;
    if response.status().is_success() {
        refusals.note(&uri);
    }
    Ok(response)
}

/// Tells whether an answer may be about the question; such calls were not worked on and cost nothing.
fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
    )
}

/// Remembers who refused the question.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashSet<String>>);

impl Refusals {
    /// When so many have refused, nobody is asked any more.
    const MAX: usize = 256;

    fn has(&self, uri: &Uri) -> bool {
        let refusals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.len() >= Self::MAX || refusals.contains(&place(uri))
    }

    fn note(&self, uri: &Uri) {
        let mut refusals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.len() < Self::MAX {
            refusals.insert(place(uri));
        }
    }
}

/// Names an endpoint without its query, where there may be keys.
fn place(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{authority}{}", uri.path())
}
