//! The body of an answer: steps taken one after the other as the connection asks for more.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::log::{Ending, Log};
use super::script::Step;
use super::tap::Flow;

/// How often a flush lets the connection's task run before it looks whether everything has left.
const TURNS: u8 = 2;

/// Writes down how an answer ended, at the latest when it is dropped.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) log: Log,
    pub(super) request: Option<usize>,
    pub(super) ending: Ending,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.log.ended(self.request, self.ending);
    }
}

/// A body made of [`Step`]s.
pub(super) struct Steps {
    steps: VecDeque<Step>,
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    turns: u8,
    length: Option<u64>,
    flow: Arc<Flow>,
    guard: Guard,
}

impl Steps {
    /// `whole`: the length is told in advance.
    pub(super) fn new(steps: Vec<Step>, whole: bool, flow: Arc<Flow>, guard: Guard) -> Self {
        let steps: VecDeque<Step> = steps
            .into_iter()
            .filter(|step| !matches!(step, Step::Bytes(bytes) if bytes.is_empty()))
            .collect();
        let length = steps
            .iter()
            .map(|step| {
                if let Step::Bytes(bytes) = step {
                    bytes.len() as u64
                } else {
                    0
                }
            })
            .sum();
        let mut body = Self {
            steps,
            wait: None,
            turns: 0,
            length: whole.then_some(length),
            flow,
            guard,
        };
        body.settle();
        body
    }

    /// Counts the answer as complete once nothing is left to do.
    fn settle(&mut self) {
        if self.steps.is_empty() && self.guard.ending == Ending::PeerGone {
            self.guard.ending = Ending::Complete;
        }
    }

    fn flush(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.turns < TURNS {
            self.turns += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.flow.blocked(cx) {
            return Poll::Pending;
        }
        self.turns = 0;
        Poll::Ready(())
    }

    fn wait_for(&mut self, step: &Step) {
        self.wait = match step {
            Step::Gate(name) => Some(Box::pin(self.guard.log.clone().pass(name.clone()))),
            Step::Pause(length) => Some(Box::pin(pause(*length))),
            Step::Bytes(_) | Step::Flush | Step::Cut | Step::Trailers(_) => None,
        };
    }
}

async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

impl Body for Steps {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        loop {
            if let Some(wait) = &mut this.wait {
                std::task::ready!(wait.as_mut().poll(cx));
                this.wait = None;
                this.settle();
            }
            let Some(step) = this.steps.front() else {
                return Poll::Ready(None);
            };
            if !matches!(step, Step::Bytes(_) | Step::Trailers(_)) {
                std::task::ready!(this.flush(cx));
            }
            let Some(step) = this.steps.pop_front() else {
                return Poll::Ready(None);
            };
            match step {
                Step::Bytes(bytes) => {
                    this.length = this
                        .length
                        .map(|left| left.saturating_sub(bytes.len() as u64));
                    this.settle();
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Step::Trailers(trailers) => {
                    this.steps.clear();
                    this.settle();
                    return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                }
                Step::Cut => {
                    this.steps.clear();
                    this.guard.ending = Ending::Cut;
                    return Poll::Ready(Some(Err(io::Error::other("cut by the script"))));
                }
                Step::Flush => this.settle(),
                Step::Gate(_) | Step::Pause(_) => this.wait_for(&step),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.wait.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}
