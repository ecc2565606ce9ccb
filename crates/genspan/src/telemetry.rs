//! The recorder: starts operations, ends them once, and hands them to a sink.

mod builder;
mod open;
mod worker;

use std::{
    any::Any,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

pub use builder::{QueueLimits, TelemetryBuilder};
pub use open::Open;
use open::Registry;
pub use worker::QueueFull;
use worker::{Job, Worker};

use crate::{
    Active, Clock, Ended, Identity, Operation, Outcome, Parent, Record, Report, Sink, SpanContext,
    Start, Timestamp, render, sink::Closed,
};

/// Records operations; it is a value that the application owns, clones and hands on.
///
/// Starting and ending an operation costs ids, the clock and a hand-over; rendering, redaction and
/// JSON happen on the telemetry's own worker thread. A full queue costs content first and then the
/// operation, each counted; the caller never waits.
///
/// ```
/// use genspan::{Inference, Provider, Telemetry};
///
/// # fn of(telemetry: &Telemetry) {
/// let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "gpt-4o-mini"));
/// call.response.id = Some("chatcmpl-1".to_owned());
/// call.finish();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Telemetry {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    registry: Registry,
    worker: Worker,
    limits: QueueLimits,
}

/// Says what an operation starts with beside its own facts.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// What the operation happens within.
    pub parent: Parent,
    /// When it started; now where this is `None`.
    pub at: Option<Timestamp>,
    /// Ids that the span must have.
    pub identity: Option<Identity>,
}

impl Telemetry {
    /// Begins to set up a recorder for the given sink.
    #[must_use]
    pub fn builder(sink: Arc<dyn Sink>) -> TelemetryBuilder {
        TelemetryBuilder::new(sink)
    }

    /// Starts an operation within the current span.
    pub fn start<R: Operation>(&self, operation: R) -> Active<R> {
        self.start_with(operation, StartOptions::default())
    }

    /// Starts an operation with a parent, time or ids of the caller's choice.
    pub fn start_with<R: Operation>(&self, operation: R, options: StartOptions) -> Active<R> {
        let open = self.open(operation.outline(), options);
        Active::new(open, operation)
    }

    /// Starts a span whose record is known only at its end; HTTP layers use it.
    ///
    /// `outline` stands for the record where the span never gets one.
    #[must_use]
    pub fn open(&self, outline: Record, options: StartOptions) -> Open {
        let sink = &self.shared.sink;
        let started = options.at.unwrap_or_else(|| self.now());
        let mut start = Start {
            at: started,
            parent: options.parent,
            identity: options.identity,
            kind: render::span_kind(&outline),
            name: String::new(),
            attributes: Vec::new(),
        };
        if sink.samples()
            && let Some(rendering) = sink.renderings().first()
        {
            start.name = render::span_name(&outline, rendering);
            start.attributes = render::start_attributes(&outline, rendering);
        }
        let handle = sink.start(&start);
        Open::new(Arc::clone(&self.shared), handle, outline)
    }

    /// Runs a piece of telemetry work on the worker, in the order in which work is handed over.
    ///
    /// # Errors
    ///
    /// Returns [`QueueFull`] where `weight` bytes more do not fit the queue, or it is shut down; the
    /// work is dropped.
    pub fn submit(
        &self,
        weight: usize,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), QueueFull> {
        self.shared.worker.submit(weight, Job::Work(Box::new(work)))
    }

    /// Reads the recorder's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Gives the span that is current on this thread.
    #[must_use]
    pub fn current(&self) -> Option<SpanContext> {
        self.shared.sink.current()
    }

    /// Makes a span current on this thread until the returned guard is dropped.
    #[must_use]
    pub fn attach(&self, context: &SpanContext) -> Box<dyn Any> {
        self.shared.sink.attach(context)
    }

    /// Waits until all that was handed over is rendered, then lets the sink deliver it.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> Report {
        self.shared.worker.drain(timeout);
        self.shared.report().merge(self.shared.sink.flush(timeout))
    }

    /// Ends what is still open as cancelled, renders what was handed over, and shuts the sink down.
    ///
    /// Operations that end later are not recorded. The report says what was not delivered.
    #[must_use]
    pub fn shutdown(&self, timeout: Duration) -> Report {
        // Exchanges that ended may still wait to be decoded: they are not open, only unread.
        self.shared.worker.drain(timeout);
        let now = self.now();
        for (handle, outline) in self.shared.registry.close() {
            self.shared.end(Closed {
                handle,
                record: outline,
                outcome: Outcome::Cancelled,
                at: now,
            });
        }
        self.shared.worker.stop(timeout);
        self.shared
            .report()
            .merge(self.shared.sink.shutdown(timeout))
    }
}

impl Shared {
    /// Hands an ended operation to the worker; where the queue is full, first without its content.
    pub(crate) fn end(self: &Arc<Self>, mut closed: Closed) {
        let weight = closed.record.weight();
        if weight > 0 && !self.worker.has_room_for(weight, self.limits) {
            closed.record.drop_content();
            self.worker.losses().content.fetch_add(1, Ordering::Relaxed);
            self.finish_on_worker(Worker::RECORD_WEIGHT, closed);
        } else {
            self.finish_on_worker(weight + Worker::RECORD_WEIGHT, closed);
        }
    }

    fn finish_on_worker(self: &Arc<Self>, weight: usize, closed: Closed) {
        let shared = Arc::clone(self);
        let job = Job::Finish(Box::new(move || shared.finish(closed)));
        if self.worker.submit(weight, job).is_err() {
            self.worker
                .losses()
                .operations
                .fetch_add(1, Ordering::Relaxed);
        }
    }

    fn finish(&self, closed: Closed) {
        let Closed {
            handle,
            record,
            outcome,
            at,
        } = closed;
        let renderings = self.sink.renderings();
        let span = render::Span {
            started: handle.started,
            ended: at,
            outcome: &outcome,
        };
        let signals = renderings
            .iter()
            .map(|rendering| render::signals(&record, &span, rendering))
            .collect();
        self.sink.finish(handle, Ended { at, signals });
    }

    fn report(&self) -> Report {
        let losses = self.worker.losses();
        Report {
            lost_operations: losses.operations.load(Ordering::Relaxed),
            lost_content: losses.content.load(Ordering::Relaxed),
            ..Report::default()
        }
    }
}
