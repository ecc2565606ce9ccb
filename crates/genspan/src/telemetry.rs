//! The recorder: starts operations, ends them once, and hands them to a sink.

mod apart;
mod belongings;
mod builder;
mod cell;
mod closing;
mod contribution;
mod factories;
mod find;
mod open;
mod opening;
mod patience;
mod registry;
mod tally;
mod worker;
mod works;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use belongings::Belongings;
pub use builder::{QueueLimits, TelemetryBuilder};
pub(crate) use cell::Cell;
use cell::Ending;
pub use open::{Open, ScopeSource};
use patience::Patience;
use registry::Registry;
pub use worker::QueueFull;
use worker::{Job, Worker};
pub use works::Registered;
use works::Works;

use crate::{
    Active, Clock, Ended, Evaluation, Identity, Operation, Outline, Parent, PriceList, Report,
    Scope, Sink, SinkState, SpanContext, Start, Timestamp, Value, Within, render, scope::Marker,
    sink::Closed,
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
    /// `None` where nothing is recorded.
    pub(crate) shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    prices: Option<Arc<dyn PriceList>>,
    registry: Registry,
    worker: Worker,
    limits: QueueLimits,
    /// Whether content reaches spans, and whether it reaches events.
    wants_content: (bool, bool),
    /// What others have to do before the end.
    last_works: Works<Duration>,
    /// What others do when an agent that has ended has to wait for operations of its own.
    waiting_works: Works<()>,
    /// The agents that do.
    patience: Patience,
    /// What others keep with this recorder.
    belongings: Belongings,
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
    /// Spans that it has to do with, such as the call that asked for a tool.
    pub links: Vec<SpanContext>,
    /// The scope that it happens within, whatever is current; `parent` does not count then.
    ///
    /// Where what is current is this very operation, as far as somebody was [told](Self::told) of it, that one is taken
    /// back if the sink can ([`Sink::can_discard`]): who knows the place knows better.
    pub within: Option<Scope>,
    /// Whether it is known only from what a library says of itself, such as the library's own spans.
    ///
    /// It gives way to whoever records the same operation within it: what is seen counts before what is told. One that is
    /// [taken back](Self::within) leaves no span, so nobody else should have built on it by then: operations of this
    /// recorder that began in its scope are known, as are a [`Carrier`](crate::Carrier) made of that scope and what a sink
    /// tells by [`Marker::build_on`](crate::Marker::build_on). What is not known is who read its ids in another way,
    /// such as a `traceparent` written by hand; spans below that have a parent which is never recorded.
    pub told: bool,
    /// Whether the agent whose own this is waits for its end, even where the agent's own end comes first.
    ///
    /// It is for those who see an end later than whoever caused it, such as a proxy beside the program. An agent's span is
    /// recorded after what it waits for, so that its sums hold that; its times stay its own. Operations that have ended by
    /// their owner's word are waited for in any case. No wait is longer than 5 seconds: what ends later, such as a stream
    /// that was left to itself, has its own span and is in no sum.
    pub awaited: bool,
}

impl Telemetry {
    /// Begins to set up a recorder for the given sink.
    #[must_use]
    pub fn builder(sink: Arc<dyn Sink>) -> TelemetryBuilder {
        TelemetryBuilder::new(sink)
    }

    /// Gives a recorder that records nothing and allocates nothing.
    #[must_use]
    pub const fn disabled() -> Self {
        Self { shared: None }
    }

    /// Tells whether this records anything.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.shared.is_some()
    }

    /// Starts an operation within the current span.
    ///
    /// Within the scope of an operation that is the same call, as seen from further out, nothing is
    /// recorded twice: what this one learns is told to that one (see [`Open::is_contribution`]).
    pub fn start<R: Operation>(&self, operation: R) -> Active<R> {
        self.start_with(operation, StartOptions::default())
    }

    /// Starts an operation with a parent, time or ids of the caller's choice.
    pub fn start_with<R: Operation>(&self, operation: R, options: StartOptions) -> Active<R> {
        let open = if self.is_enabled() {
            self.open(operation.outline(), options)
        } else {
            Open::nothing(self.clone())
        };
        Active::new(open, operation)
    }

    /// Starts a span whose record is known only at its end; HTTP layers use it.
    ///
    /// `outline` stands for the record where the span never gets one.
    #[must_use]
    pub fn open(&self, outline: impl Into<Outline>, options: StartOptions) -> Open {
        self.open_as(outline.into(), options)
    }

    /// Adds attributes to the operation that is under way here, if it is the one that `outline` says.
    ///
    /// What is the same is decided as in [`start`](Self::start): a call to a model within a call to a model, a run
    /// of a tool within one of equal call id. Nothing is opened; what the operation's owner states wins. Gives
    /// whether there was such an operation. Attributes are for spans and events, and never for metrics.
    #[must_use = "where there is nothing to decorate, the attributes are nowhere"]
    pub fn decorate(&self, outline: &Outline, attributes: &[(String, Value)]) -> bool {
        let within = self.ambient().and_then(|marker| marker.operation);
        within.is_some_and(|operation| operation.decorate(outline, attributes))
    }

    /// Records how an answer was judged, as an event of the span that is judged.
    pub fn evaluated(&self, evaluation: Evaluation) {
        if let Some(shared) = &self.shared {
            shared.evaluated(evaluation);
        }
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
        match &self.shared {
            Some(shared) => shared.worker.submit(weight, Job::Work(Box::new(work))),
            None => Err(QueueFull),
        }
    }

    /// Registers what has to be done before a shutdown ends what is open, such as recording what is held back.
    ///
    /// `work` is told how much of the shutdown's time is left, and may take as long at most. What was registered last is
    /// done first. It is done at each shutdown of a clone, until what this gives is dropped.
    pub fn before_shutdown(&self, work: impl Fn(Duration) + Send + Sync + 'static) -> Registered {
        match &self.shared {
            Some(shared) => shared.last_works.add(Arc::new(work)),
            None => Registered::nowhere(),
        }
    }

    /// Registers what is to be done when an agent that has ended has to [wait](StartOptions::awaited) for operations of its
    /// own.
    ///
    /// It is for those who hold an operation back after its end, such as a failed call that may be tried again:
    /// [`Open::has_agent_ended`] says which of them nobody will try again. `work` is called on the worker and must not
    /// block; it is called until what this gives is dropped.
    pub fn when_agents_wait(&self, work: impl Fn() + Send + Sync + 'static) -> Registered {
        match &self.shared {
            Some(shared) => shared.waiting_works.add(Arc::new(move |()| work())),
            None => Registered::nowhere(),
        }
    }

    /// Gives what belongs to this recorder and is of this type, made by `make` when it is first asked for.
    ///
    /// It lives as long as the recorder, so libraries that keep something for each recorder need no state
    /// of the process. A recorder that records nothing keeps nothing.
    #[must_use]
    pub fn belonging<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        match &self.shared {
            Some(shared) => shared.belongings.get_or_make(make),
            None => Arc::new(make()),
        }
    }

    /// Reads the recorder's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared
            .as_ref()
            .map_or_else(Timestamp::default, |shared| shared.clock.now())
    }

    /// Gives the span that is current on this thread.
    #[must_use]
    pub fn current(&self) -> Option<SpanContext> {
        self.shared.as_ref()?.sink.current()
    }

    /// Gives what is current on this thread, to be carried to another thread or task.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let ambient = self.ambient();
        let (operation, facts) =
            ambient.map_or((None, None), |marker| (marker.operation, marker.facts));
        let marker = Marker::new(self.clone(), operation, facts);
        let state = self.enclose(Within::Current, &marker);
        Scope::new(self.current(), marker, state)
    }

    /// Gives a scope under a span that this recorder did not start, such as one of another process.
    #[must_use]
    pub fn scope_under(&self, span: SpanContext) -> Scope {
        let facts = self.ambient().and_then(|marker| marker.facts);
        self.scope_with(span, Marker::new(self.clone(), None, facts))
    }

    /// Gives a scope under such a span, where what is current says nothing of it.
    pub(crate) fn scope_apart(&self, span: SpanContext) -> Scope {
        self.scope_with(span, Marker::outermost(self.clone()))
    }

    fn scope_with(&self, span: SpanContext, marker: Marker) -> Scope {
        let state = self.enclose(Within::Span(&span), &marker);
        Scope::new(Some(span), marker, state)
    }

    pub(crate) fn ambient(&self) -> Option<Marker> {
        self.shared.as_ref()?.sink.marker(self)
    }

    pub(crate) fn enclose(&self, within: Within<'_>, marker: &Marker) -> Option<SinkState> {
        self.shared.as_ref()?.sink.enclose(within, marker)
    }

    pub(crate) fn attach(&self, state: &SinkState) -> Option<Box<dyn Any>> {
        Some(self.shared.as_ref()?.sink.attach(state))
    }

    /// Tells whether content of an operation reaches telemetry, given whether its span is recorded.
    ///
    /// Where it does not, it need not be gathered.
    #[must_use]
    pub fn wants_content(&self, is_recording: bool) -> bool {
        self.shared.as_ref().is_some_and(|shared| {
            let (on_spans, on_events) = shared.wants_content;
            (on_spans && is_recording) || on_events
        })
    }

    pub(crate) fn keeps_ids(&self) -> bool {
        let shared = self.shared.as_ref();
        shared.is_none_or(|shared| shared.sink.keeps_ids())
    }

    /// Redacts an attribute that is kept elsewhere than in signals.
    pub(crate) fn redacted(&self, name: &str, value: &Value) -> Value {
        let shared = self.shared.as_ref();
        let rendering = shared.and_then(|shared| shared.sink.renderings().first());
        match rendering {
            Some(rendering) => render::redact(rendering.redactor(), Some(name), value),
            None => Value::Null,
        }
    }

    /// Tells whether spans that have begun can be put under a parent that is found later.
    #[must_use]
    pub fn can_move(&self) -> bool {
        self.shared
            .as_ref()
            .is_some_and(|shared| shared.sink.can_move())
    }

    pub(crate) fn can_discard(&self) -> bool {
        self.shared
            .as_ref()
            .is_none_or(|shared| shared.sink.can_discard())
    }

    /// Waits until all that was handed over is rendered, then lets the sink deliver it.
    ///
    /// The whole takes no longer than `timeout`, hooks that never come back included.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> Report {
        let Some(shared) = &self.shared else {
            return Report::default();
        };
        let left = shared.countdown(timeout);
        shared.end_overdue();
        shared.worker.drain(timeout);
        shared.report().merge(shared.sink.flush(left()))
    }

    /// Ends what is still open as cancelled, renders what was handed over, and shuts the sink down.
    ///
    /// Operations that end later are not recorded. The report says what was not delivered. The whole
    /// takes no longer than `timeout`.
    #[must_use]
    pub fn shutdown(&self, timeout: Duration) -> Report {
        let Some(shared) = &self.shared else {
            return Report::default();
        };
        let left = shared.countdown(timeout);
        // Exchanges that ended may still wait to be decoded: they are not open, only unread.
        shared.worker.drain(timeout);
        shared.last_works.run(&left);
        shared.abandon_all();
        shared.end_all_waits();
        shared.worker.stop(left());
        shared.report().merge(shared.sink.shutdown(left()))
    }
}

impl Shared {
    fn start(&self, outline: &Outline, options: StartOptions) -> crate::Handle {
        let sink = &self.sink;
        let view = outline.view();
        let mut start = Start {
            at: options.at.unwrap_or_else(|| self.clock.now()),
            parent: options.parent,
            identity: options.identity,
            links: options.links,
            kind: render::span_kind(view),
            name: String::new(),
            attributes: Vec::new(),
        };
        if sink.samples()
            && let Some(rendering) = sink.renderings().first()
        {
            start.name = render::span_name(view, rendering);
            start.attributes = render::start_attributes(view, rendering);
        }
        sink.start(start)
    }

    /// Hands an ended operation to the worker; where the queue is full, first without its content.
    fn end(self: &Arc<Self>, cell: &Arc<Cell>) {
        // What ends on the worker is rendered there and then, before what its end made possible.
        if self.worker.is_here() {
            self.finish(cell);
            return;
        }
        // Weighing takes a look at each message; while few records wait they need not be weighed.
        let mut weight = if self.worker.is_quiet() {
            0
        } else {
            cell.weight()
        };
        if weight > 0 && !self.worker.has_room_for(weight, self.limits) {
            cell.drop_content();
            self.worker.losses().content.fetch_add(1, Ordering::Relaxed);
            weight = 0;
        }
        let job = Job::Finish(Arc::clone(self), Arc::clone(cell));
        let handed_over = self.worker.submit(weight + Worker::RECORD_WEIGHT, job);
        self.count_loss(handed_over);
        if handed_over.is_err() {
            self.release_agent(cell);
        }
    }

    /// Ends the agent that waited for an operation of its own, where its turn has come.
    fn release_agent(self: &Arc<Self>, own: &Cell) {
        if let Some(agent) = own.release_agent() {
            self.end(&agent);
        }
    }

    fn count_loss(&self, handed_over: Result<(), QueueFull>) {
        if handed_over.is_err() {
            let lost = &self.worker.losses().operations;
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Renders an operation that has ended, and then the agent that waited for it; an agent that has to wait itself goes on
    /// being awaited.
    fn finish(self: &Arc<Self>, cell: &Arc<Cell>) {
        if cell.has_to_wait() {
            return self.let_wait(cell);
        }
        let rendered = catch_unwind(AssertUnwindSafe(|| self.render(cell)));
        self.release_agent(cell);
        // A panic in a user's hook or sink costs this operation, and not the agent too.
        if let Err(panic) = rendered {
            resume_unwind(panic);
        }
    }

    fn render(&self, cell: &Cell) {
        let Some(Closed {
            handle,
            record,
            outcome,
            at,
        }) = cell.take(self.prices.as_deref())
        else {
            return;
        };
        let span = render::Span {
            started: handle.started,
            ended: at,
            outcome: &outcome,
        };
        if !record.has_span() {
            return self.measured(&record, &span);
        }
        let renderings = self.sink.renderings();
        let signals = renderings
            .iter()
            .map(|rendering| render::signals(&record, &span, rendering))
            .collect();
        self.sink.finish(handle, Ended { at, signals });
    }

    fn evaluated(self: &Arc<Self>, mut evaluation: Evaluation) {
        let within = match std::mem::take(&mut evaluation.of) {
            Parent::Current => self.sink.current(),
            Parent::Root => None,
            Parent::Span(context) => Some(context),
        };
        let at = self.clock.now();
        let shared = Arc::clone(self);
        let job = Job::Event(Box::new(move || {
            let events = shared.sink.renderings().iter();
            let events = events.map(|rendering| render::evaluation(&evaluation, at, rendering));
            shared.sink.event(within.as_ref(), events.collect());
        }));
        self.count_loss(self.worker.submit(Worker::RECORD_WEIGHT, job));
    }

    /// Tells, whenever asked, what is left of a time that begins now.
    fn countdown(&self, timeout: Duration) -> impl Fn() -> Duration {
        let began = self.clock.now();
        move || timeout.saturating_sub(self.clock.now().since(began))
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
