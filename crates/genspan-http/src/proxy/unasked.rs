//! An answer without what the question for usage brought, which its client did not ask.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use genspan_wire::ask::UsageFilter;
use http::{StatusCode, header, response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::asking::{Asked, is_plain, is_sealed};

/// Gives what is to be done with the body of an answer, and makes its head fit.
pub(super) fn filter(head: &mut response::Parts) -> Option<UsageFilter> {
    head.extensions.remove::<Asked>()?;
    let stated = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let name = stated
        .and_then(|it| it.split(';').next())
        .unwrap_or_default();
    let is_readable = head.status == StatusCode::OK
        && name.trim().eq_ignore_ascii_case("text/event-stream")
        && is_plain(&head.headers)
        && !is_sealed(&head.headers);
    is_readable.then(|| {
        head.headers.remove(header::CONTENT_LENGTH);
        UsageFilter::default()
    })
}

pin_project! {
    /// Passes a body on through a filter, where there is one, and as it is otherwise.
    #[derive(Debug)]
    pub(super) struct Unasked<B: Body> {
        #[pin]
        body: B,
        filter: Option<UsageFilter>,
        // What comes behind what the filter kept back.
        next: Option<Option<Result<Frame<Bytes>, B::Error>>>,
    }
}

impl<B: Body> Unasked<B> {
    pub(super) const fn new(body: B, filter: Option<UsageFilter>) -> Self {
        Self {
            body,
            filter,
            next: None,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for Unasked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        if let Some(next) = this.next.take() {
            return Poll::Ready(next);
        }
        loop {
            let polled = ready!(this.body.as_mut().poll_frame(cx));
            let Some(filter) = this.filter.as_mut() else {
                return Poll::Ready(polled);
            };
            let other = match polled {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => {
                        let mut out = passed(filter, &bytes);
                        // Nobody need ask again.
                        if this.body.is_end_stream() && filter.is_holding() {
                            out = [out, filter.finish().into()].concat().into();
                        }
                        if out.is_empty() {
                            continue;
                        }
                        return Poll::Ready(Some(Ok(Frame::data(out))));
                    }
                    Err(frame) => Some(Ok(frame)),
                },
                other => other,
            };
            let held = filter.finish();
            if held.is_empty() {
                return Poll::Ready(other);
            }
            *this.next = Some(other);
            return Poll::Ready(Some(Ok(Frame::data(held.into()))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.filter {
            Some(_) => SizeHint::default(),
            None => self.body.size_hint(),
        }
    }
}

/// Lets bytes through a filter, without a copy where they stay together.
fn passed(filter: &mut UsageFilter, bytes: &Bytes) -> Bytes {
    match filter.push(bytes) {
        Cow::Borrowed(part) => bytes.slice_ref(part),
        Cow::Owned(changed) => changed.into(),
    }
}
