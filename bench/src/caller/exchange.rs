//! A call that is seen as an exchange of HTTP.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use genspan_http::Recorder;
use http::{Response, request::Parts};
use http_body::{Body, Frame};

use crate::{
    fixtures::{self, Exchange},
    harness::{Entrant, Options, timed},
    ours::Ours,
    report::Sample,
};

/// A body whose frames are there already.
pub(crate) struct Ready(VecDeque<Bytes>);

impl Ready {
    pub(crate) const fn of(frames: VecDeque<Bytes>) -> Self {
        Self(frames)
    }

    /// Cuts a body into frames, without copying it.
    pub(crate) fn new(body: &Bytes, frame: usize) -> Self {
        let mut rest = body.clone();
        let mut frames = VecDeque::new();
        while !rest.is_empty() {
            frames.push_back(rest.split_to(frame.min(rest.len())));
        }
        Self(frames)
    }
}

impl Body for Ready {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads a body to its end and lets go of it, as a client does.
pub(crate) fn read<B: Body<Data = Bytes>>(body: B) -> usize {
    let mut body = pin!(body);
    let mut context = Context::from_waker(Waker::noop());
    let mut bytes = 0;
    while let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut context) {
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
    bytes
}

/// Holds what goes to and fro.
pub(crate) struct Call {
    head: Parts,
    exchange: Exchange,
}

impl Call {
    pub(crate) fn new(kilobytes: usize) -> Result<Self, String> {
        Ok(Self {
            head: fixtures::request_head().map_err(|error| error.to_string())?,
            exchange: fixtures::openai(kilobytes),
        })
    }

    /// Gives an answer as a client has got it.
    pub(crate) fn response(&self, frame: usize) -> Option<Response<Ready>> {
        let body = Ready::new(&self.exchange.response, frame);
        fixtures::response_of(body, "application/json").ok()
    }

    /// Does what the layer does on the caller's path; where nobody watches, the answer is read all the same.
    pub(crate) fn make(&self, recorder: &Recorder, response: Response<Ready>) -> usize {
        let Some(watch) = recorder.watch(&self.head) else {
            return read(response.into_body());
        };
        watch.request_whole(self.exchange.request.clone());
        read(watch.response(response).into_body())
    }

    pub(crate) fn entrant<'a>(&'a self, ours: &'a Ours) -> Entrant<'a> {
        self.entrant_in_frames(ours, usize::MAX)
    }

    pub(crate) fn entrant_in_frames<'a>(&'a self, ours: &'a Ours, frame: usize) -> Entrant<'a> {
        Box::new(move |times| -> Duration {
            // The worker dozes then, as it does in busy times.
            ours.drain();
            let responses: Vec<_> = (0..times).filter_map(|_| self.response(frame)).collect();
            let (took, ()) = timed(|| {
                for response in responses {
                    self.make(&ours.recorder, response);
                }
            });
            ours.drain();
            took
        })
    }

    /// Measures calls that find the worker's thread asleep.
    pub(crate) fn while_asleep(&self, ours: &Ours, options: Options) -> Sample {
        let rounds = (0..options.rounds(60)).filter_map(|_| {
            ours.drain();
            std::thread::sleep(Duration::from_millis(60));
            let response = self.response(usize::MAX)?;
            let (took, _) = timed(|| self.make(&ours.recorder, response));
            Some(took.as_secs_f64() * 1e9)
        });
        Sample::of(rounds.collect())
    }
}
