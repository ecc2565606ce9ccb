//! A stream of messages, recorded as it is read.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use genspan::{Failure, SpanContext, Telemetry, Value};
use pin_project_lite::pin_project;
use serde::Serialize;

use crate::{End, Moment, Options, Session, Tally};

pin_project! {
    /// Passes the messages of an SDK on as they are and records what they tell.
    ///
    /// | the stream | the run that is under way |
    /// |---|---|
    /// | gives a result | ends as the result says |
    /// | ends without one | failed, as truncated |
    /// | gives an error | failed, once with the first |
    /// | is dropped, read or never read | cancelled |
    ///
    /// All else that the stream can do, such as to interrupt, can be done through this: it derefs to the stream. The run
    /// begins where this is made, within what is current there. Trouble in recording costs telemetry, and never a message.
    ///
    /// ```
    /// use futures_core::Stream;
    /// use genspan::Telemetry;
    /// use genspan_claude::{Options, Recorded};
    /// use serde::Serialize;
    ///
    /// fn recorded<M: Serialize, E: std::fmt::Display>(
    ///     telemetry: &Telemetry,
    ///     prompt: &str,
    ///     messages: impl Stream<Item = Result<M, E>>,
    /// ) -> impl Stream<Item = Result<M, E>> {
    ///     Recorded::new(messages, telemetry, Some(prompt), Options::default())
    /// }
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct Recorded<S: Stream> {
        #[pin]
        stream: S,
        session: Session,
        telemetry: Telemetry,
        look: fn(&S::Item) -> Look,
        is_over: bool,
    }
}

/// Tells what an item of a stream is.
enum Look {
    Message(Value),
    Failed(Failure),
    Unreadable,
}

impl<S, M, E> Recorded<S>
where
    S: Stream<Item = Result<M, E>>,
    M: Serialize,
    E: fmt::Display,
{
    /// Begins to record a stream of messages that may fail.
    ///
    /// The prompt is content, and recorded as such; no message tells it.
    pub fn new(stream: S, telemetry: &Telemetry, prompt: Option<&str>, options: Options) -> Self {
        Self::with(stream, telemetry, prompt, options, |item| match item {
            Ok(message) => read(message),
            Err(error) => Look::Failed(Failure::of(error)),
        })
    }
}

impl<S: Stream> Recorded<S> {
    /// Begins to record a stream of messages that does not fail.
    pub fn of_messages(
        stream: S,
        telemetry: &Telemetry,
        prompt: Option<&str>,
        options: Options,
    ) -> Self
    where
        S::Item: Serialize,
    {
        Self::with(stream, telemetry, prompt, options, read)
    }

    fn with(
        stream: S,
        telemetry: &Telemetry,
        prompt: Option<&str>,
        options: Options,
        look: fn(&S::Item) -> Look,
    ) -> Self {
        let mut session = Session::new(telemetry, options);
        session.begin(prompt, Moment::stated(telemetry.now()));
        Self {
            stream,
            session,
            telemetry: telemetry.clone(),
            look,
            is_over: false,
        }
    }

    /// Notes that another run begins on the same stream, as after a further prompt; without it, it begins with its
    /// first message.
    pub fn begin(&mut self, prompt: Option<&str>) {
        self.session
            .begin(prompt, Moment::stated(self.telemetry.now()));
    }

    /// Gives what was met so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        self.session.tally()
    }

    /// Tells which span a call to a model has, by the id of its answer's message.
    #[must_use]
    pub fn span_of_call(&self, message_id: &str) -> Option<&SpanContext> {
        self.session.span_of_call(message_id)
    }

    /// Gives the stream itself.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Gives the stream itself, to be told something; what is read from it in this way is not recorded.
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Gives the stream itself, pinned.
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().stream
    }

    /// Ends the recording and gives the stream back; a run that is under way ends as cancelled.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> Stream for Recorded<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let item = ready!(this.stream.poll_next(cx));
        if *this.is_over {
            return Poll::Ready(item);
        }
        let now = Moment::stated(this.telemetry.now());
        let (session, look) = (&mut *this.session, *this.look);
        // A bug in the making of telemetry must not break the stream that it is made of.
        let noted = catch_unwind(AssertUnwindSafe(|| match &item {
            Some(item) => match look(item) {
                Look::Message(message) => session.message(&message, now),
                Look::Failed(failure) => session.end_run(End::Failed(failure), now),
                Look::Unreadable => session.pass_over(),
            },
            None => session.end_run(End::Cut, now),
        }));
        *this.is_over = noted.is_err() || item.is_none();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: Stream> Deref for Recorded<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.stream
    }
}

impl<S: Stream> DerefMut for Recorded<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: Stream + fmt::Debug> fmt::Debug for Recorded<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("stream", &self.stream)
            .field("tally", self.tally())
            .finish_non_exhaustive()
    }
}

/// Reads a message as its SDK writes it.
fn read(message: &impl Serialize) -> Look {
    let text = serde_json::to_string(message).ok();
    let value = text.and_then(|text| Value::from_json(&text).ok());
    value.map_or(Look::Unreadable, Look::Message)
}
