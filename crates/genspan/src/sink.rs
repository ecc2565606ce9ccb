//! Where signals go.

use std::{any::Any, fmt, time::Duration};

use crate::{
    Event, Measured, Outcome, Parent, Record, Rendering, Scope, Signals, SinkState, SpanContext,
    SpanId, SpanKind, StartAttribute, Telemetry, Timestamp, TraceId, scope::Marker,
};

/// Takes operations as they start and end; an OpenTelemetry SDK, an OTLP pipeline or a test stands behind it.
///
/// `start` runs on the caller's thread and decides on sampling; `finish` runs on the telemetry's
/// worker. Neither may block.
pub trait Sink: fmt::Debug + Send + Sync {
    /// Tells how this sink wants its signals: one [`Signals`] is made for each rendering.
    ///
    /// The answer must not change while the sink is in use.
    fn renderings(&self) -> &[Rendering];

    /// Tells whether this sink looks at [`Start::name`] and [`Start::attributes`]; where it does not
    /// they stay empty, which is cheaper.
    fn samples(&self) -> bool {
        false
    }

    /// Begins a span: gives it ids and decides whether it is sampled.
    ///
    /// [`Parent::Current`] means what [`current`](Self::current) gives.
    fn start(&self, start: Start) -> Handle;

    /// Ends the span that `handle` stands for, with one of `signals` for each rendering, in order.
    fn finish(&self, handle: Handle, ended: Ended);

    /// Tells whether a span gets the ids that [`Start::identity`] asks for; where it does not, it has ids of its own.
    fn keeps_ids(&self) -> bool {
        true
    }

    /// Tells whether [`discard`](Self::discard) leaves no trace of a span.
    fn can_discard(&self) -> bool {
        true
    }

    /// Tells whether a span's trace and parent may still change until [`finish`](Self::finish), which then counts.
    ///
    /// A sink that makes spans only as they end can; one that has told others of the span cannot.
    fn can_move(&self) -> bool {
        false
    }

    /// Forgets a span that has begun: it must not come out.
    fn discard(&self, _handle: Handle) {}

    /// Takes an event that has no operation of its own, with one for each rendering, in order; `None`
    /// where a rendering's version does not know it.
    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>);

    /// Takes measurements of what has no span of its own, with one for each rendering, in order.
    fn measure(&self, measured: Vec<Measured>);

    /// Gives the span that is current on this thread.
    fn current(&self) -> Option<SpanContext> {
        Scope::innermost()?.context().cloned()
    }

    /// Gives the marker of what is being recorded on this thread.
    ///
    /// A sink that finds facts in its own context outside of any scope tells them with
    /// [`Marker::outermost`] for `telemetry`.
    fn marker(&self, _telemetry: &Telemetry) -> Option<Marker> {
        Some(Scope::innermost()?.marker().clone())
    }

    /// Makes, once for each scope, the sink's own context for work in it, with the marker inside.
    fn enclose(&self, _within: Within<'_>, _marker: &Marker) -> Option<SinkState> {
        None
    }

    /// Makes the sink's own context current on this thread until the returned guard is dropped.
    fn attach(&self, _state: &SinkState) -> Box<dyn Any> {
        Box::new(())
    }

    /// Delivers what was taken so far, as far as `timeout` allows.
    fn flush(&self, timeout: Duration) -> Report;

    /// Delivers what was taken so far and stops; later calls do nothing.
    fn shutdown(&self, timeout: Duration) -> Report;
}

/// Says what a scope stands within, for [`Sink::enclose`].
#[derive(Clone, Copy)]
pub enum Within<'a> {
    /// What is current on this thread.
    Current,
    /// A span of the sink's own ([`Handle::state`]), or an earlier scope of it.
    State(&'a SinkState),
    /// A span that the sink knows by its ids alone.
    Span(&'a SpanContext),
}

/// Holds what a sink may know when an operation starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// When the operation started.
    pub at: Timestamp,
    /// What it happens within.
    pub parent: Parent,
    /// Ids that the span must have; imports derive them from what they read.
    pub identity: Option<Identity>,
    /// The span's kind.
    pub kind: SpanKind,
    /// The span's name as far as it is known.
    pub name: String,
    /// What a sampler should see.
    pub attributes: Vec<StartAttribute>,
    /// Spans it has to do with.
    pub links: Vec<SpanContext>,
}

/// Holds ids that a span must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The trace's id, used where the span has no parent.
    pub trace_id: TraceId,
    /// The span's id.
    pub span_id: SpanId,
}

/// Stands for a span that has begun.
#[derive(Debug)]
pub struct Handle {
    /// Where the span stands, for calls made within it.
    pub context: SpanContext,
    /// The span it stands within.
    pub parent: Option<SpanContext>,
    /// Whether the span itself is recorded; measurements are in any case.
    pub is_recording: bool,
    /// When it began.
    pub started: Timestamp,
    /// Spans it has to do with.
    pub links: Vec<SpanContext>,
    /// What the sink needs to end it.
    pub state: Option<SinkState>,
}

/// Holds what a sink gets when an operation ends.
#[derive(Debug)]
pub struct Ended {
    /// When it ended.
    pub at: Timestamp,
    /// What it became, one for each of [`Sink::renderings`], in order.
    pub signals: Vec<Signals>,
}

/// Holds an operation that ended and waits to be rendered.
#[derive(Debug)]
pub(crate) struct Closed {
    pub(crate) handle: Handle,
    pub(crate) record: Record,
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
}

/// Tells what became of telemetry; all zeros means that nothing was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Operations that were lost altogether.
    pub lost_operations: u64,
    /// Operations whose content was left out because the queue was full.
    pub lost_content: u64,
    /// Spans, events and points that could not be delivered and are gone.
    pub undelivered: u64,
    /// Spans, events and points that wait on disk for their destination.
    pub spooled: u64,
    /// What to tell the user, one line each.
    pub notes: Vec<String>,
}

impl Report {
    /// Tells whether everything arrived.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.lost_operations == 0
            && self.lost_content == 0
            && self.undelivered == 0
            && self.spooled == 0
    }

    /// Adds another report to this one.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.lost_operations += other.lost_operations;
        self.lost_content += other.lost_content;
        self.undelivered += other.undelivered;
        self.spooled += other.spooled;
        self.notes.extend(other.notes);
        self
    }
}

impl fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("Current"),
            Self::State(_) => f.write_str("State"),
            Self::Span(context) => f.debug_tuple("Span").field(context).finish(),
        }
    }
}

impl fmt::Display for Report {
    /// Writes one line, `everything was delivered` where it was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete() {
            return f.write_str("everything was delivered");
        }
        let counts = [
            (self.lost_operations, "operations lost"),
            (self.lost_content, "operations without their content"),
            (self.undelivered, "items undelivered"),
            (
                self.spooled,
                "items kept on disk until their destination answers",
            ),
        ];
        let mut first = true;
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{}{count} {what}", if first { "" } else { ", " })?;
            first = false;
        }
        Ok(())
    }
}
