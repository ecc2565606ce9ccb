//! A body on its way from one connection to the other.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::expectation::Settled;
use super::outlet::{Flow, Given};
use super::under_way::Counted;

/// How often an error lets the connection's task run, where it cannot be asked what has left.
const TURNS: u8 = 2;

/// Whether a body broke off, for whoever cannot tell from its own error.
#[derive(Clone, Debug, Default)]
pub(super) struct Breakage(Arc<AtomicBool>);

impl Breakage {
    pub(super) fn has_happened(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

pin_project! {
    /// Passes a body on as it is, and an error only once what came before it has left.
    ///
    /// A connection that learns of an error closes at once and forgets what it has not written yet: without the wait the other side would see less
    /// than was sent to it.
    #[derive(Debug)]
    pub(super) struct Relay<B: Body> {
        #[pin]
        body: B,
        error: Option<B::Error>,
        turns: u8,
        flow: Option<Arc<Flow>>,
        given: Option<Given>,
        settled: Option<Settled>,
        claimed: Option<u64>,
        breakage: Breakage,
        // Dropped after the body, whose end is recorded by then.
        counted: Option<Counted>,
    }
}

impl<B: Body> Relay<B> {
    pub(super) fn new(body: B) -> Self {
        Self {
            body,
            error: None,
            turns: 0,
            flow: None,
            given: None,
            settled: None,
            claimed: None,
            breakage: Breakage::default(),
            counted: None,
        }
    }

    /// Tells later whether this body broke off.
    pub(super) fn breakage(&self) -> Breakage {
        self.breakage.clone()
    }

    /// Watches the connection that the body leaves by.
    pub(super) fn leaving_by(mut self, flow: Arc<Flow>) -> Self {
        self.flow = Some(flow);
        self
    }

    /// Lets go of a request's body once this one, its response's, is wanted.
    pub(super) fn settling(mut self, settled: Option<Settled>) -> Self {
        self.settled = settled;
        self
    }

    /// Counts as an exchange under way until it is dropped.
    pub(super) fn counted(mut self, counted: Counted) -> Self {
        self.counted = Some(counted);
        self
    }

    /// Claims a length of a body that is not sent, as a 304 does; hyper leaves the header out otherwise.
    pub(super) fn claiming(mut self, length: Option<u64>) -> Self {
        self.claimed = length.filter(|_| self.body.is_end_stream());
        self
    }
}

impl<B: Body> Body for Relay<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        drop(this.settled.take());
        if this.error.is_none() {
            match ready!(this.body.poll_frame(cx)) {
                Some(Err(error)) => {
                    this.breakage.0.store(true, Ordering::Release);
                    *this.error = Some(error);
                }
                other => return Poll::Ready(other),
            }
        }
        if let Some(flow) = this.flow {
            let given = *this.given.get_or_insert_with(|| flow.given());
            ready!(flow.poll_left(given, cx));
        } else if *this.turns < TURNS {
            *this.turns += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(this.error.take().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.claimed.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.claimed
            .map_or_else(|| self.body.size_hint(), SizeHint::with_exact)
    }
}
