//! Where work happens: under which span, in which operation, with which ambient facts.

mod facts;
mod stack;
mod within;

use std::{any::Any, fmt, sync::Arc};

pub(crate) use self::facts::Facts;
pub use self::{stack::Entered, within::Scoped};
use crate::{SpanContext, Telemetry, Value, Within, telemetry::Cell};

/// Holds what a sink needs to make a scope current in its own context.
pub type SinkState = Arc<dyn Any + Send + Sync>;

/// Makes work run within an operation, on this thread or another, now or later.
///
/// What starts within the scope of an operation becomes its child, and knows the ambient facts of
/// the scope, such as the conversation. A scope is a value: clone it, send it, keep it.
///
/// ```
/// use genspan::{Scope, Telemetry};
///
/// # async fn answer() {}
/// # async fn of(telemetry: &Telemetry) {
/// let agent = telemetry.invoke_agent("travel");
/// let scope = agent.scope().with_conversation_id("c-1");
/// scope.within(async { answer().await }).await; // calls in here are the agent's
/// agent.finish();
/// # }
/// ```
#[derive(Clone)]
pub struct Scope(Arc<Inner>);

struct Inner {
    span: Option<SpanContext>,
    marker: Marker,
    state: Option<SinkState>,
}

/// Says in a sink's own context what is being recorded there.
///
/// A sink whose context is not this crate's own keeps the marker in it, and gives it back in
/// [`Sink::marker`](crate::Sink::marker).
#[derive(Clone)]
pub struct Marker {
    telemetry: Telemetry,
    pub(crate) operation: Option<Arc<Cell>>,
    pub(crate) facts: Option<Arc<Facts>>,
}

impl Marker {
    pub(crate) const fn new(
        telemetry: Telemetry,
        operation: Option<Arc<Cell>>,
        facts: Option<Arc<Facts>>,
    ) -> Self {
        Self {
            telemetry,
            operation,
            facts,
        }
    }

    /// Marks a place outside of any scope, for the facts that hold there.
    #[must_use]
    pub const fn outermost(telemetry: Telemetry) -> Self {
        Self::new(telemetry, None, None)
    }

    /// Gives the recorder that is at work.
    #[must_use]
    pub const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Takes note that a span of other instrumentation begins there, so that the operation under way keeps its own.
    ///
    /// It matters for one that was [told](crate::StartOptions::told) of, which might be taken back otherwise.
    pub fn build_on(&self) {
        if let Some(operation) = &self.operation {
            operation.is_built_on();
        }
    }

    /// Gives the id of the conversation that operations there are of.
    #[must_use]
    pub fn conversation_id(&self) -> Option<&str> {
        self.facts.as_deref()?.conversation_id.as_deref()
    }

    /// Finds an attribute that all operations there get.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        self.facts.as_deref()?.attribute(key)
    }

    /// Gives the same marker with a conversation's id, for sinks that find one in their context.
    #[must_use]
    pub fn with_conversation_id(mut self, id: impl Into<String>) -> Self {
        let mut facts = self.facts.as_deref().cloned().unwrap_or_default();
        facts.conversation_id = Some(id.into());
        self.facts = Some(Arc::new(facts));
        self
    }

    /// Gives the same marker with an attribute for all operations, for sinks that find one in their context.
    #[must_use]
    pub fn with_attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let mut facts = self.facts.as_deref().cloned().unwrap_or_default();
        facts.set(key.into(), value.into());
        self.facts = Some(Arc::new(facts));
        self
    }
}

impl Scope {
    pub(crate) fn new(span: Option<SpanContext>, marker: Marker, state: Option<SinkState>) -> Self {
        Self(Arc::new(Inner {
            span,
            marker,
            state,
        }))
    }

    /// Gives what is current on this thread, `None` outside of any scope.
    #[must_use]
    pub fn current() -> Option<Self> {
        Self::innermost().map(|scope| scope.telemetry().scope())
    }

    /// Gives the scope that was entered last on this thread.
    pub(crate) fn innermost() -> Option<Self> {
        stack::top()
    }

    /// Gives the recorder that is at work in it.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        self.0.marker.telemetry()
    }

    /// Gives the span it stands under, `None` outside of any.
    #[must_use]
    pub fn context(&self) -> Option<&SpanContext> {
        self.0.span.as_ref()
    }

    /// Makes it current on this thread until the guard is dropped.
    ///
    /// The guard must not be held across an `await`: wrap the future with [`within`](Self::within).
    pub fn enter(&self) -> Entered {
        let attached = self
            .0
            .state
            .as_ref()
            .and_then(|state| self.telemetry().attach(state));
        Entered::new(self.clone(), attached)
    }

    /// Makes it current on this thread until [`leave`](Self::leave) is called with the same key.
    ///
    /// It is for those who are told apart of a beginning and an end and can keep no guard between the two, as
    /// subscribers of `tracing`. The key is theirs; an address of their own is one.
    pub fn enter_as(&self, key: usize) {
        stack::keep(key, self.enter());
    }

    /// Ends the last [`enter_as`](Self::enter_as) with this key on this thread, in whatever order; nothing where
    /// there is none.
    pub fn leave(key: usize) {
        drop(stack::take(key));
    }

    /// Runs a piece of work within it.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        work()
    }

    /// Wraps a future or stream so that it runs within it, wherever it is polled or dropped.
    pub fn within<T>(&self, work: T) -> Scoped<T> {
        Scoped::new(self.clone(), work)
    }

    /// Gives the same scope with the id of a conversation, for operations that state none.
    #[must_use]
    pub fn with_conversation_id(&self, id: impl Into<String>) -> Self {
        self.with_marker(self.0.marker.clone().with_conversation_id(id))
    }

    /// Gives the same scope with an attribute for all operations in it, such as `user.id`.
    ///
    /// It stands on spans and events, and never on metrics; an operation's own attribute of the same
    /// key wins.
    #[must_use]
    pub fn with_attribute(&self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with_marker(self.0.marker.clone().with_attribute(key, value))
    }

    fn with_marker(&self, marker: Marker) -> Self {
        let within = self.0.state.as_ref().map_or(Within::Current, Within::State);
        let state = marker.telemetry.enclose(within, &marker);
        Self::new(self.0.span.clone(), marker, state)
    }

    /// Tells whether the span it stands under is an operation's that is recorded here, and none of others within one.
    pub(crate) fn is_of_operation(&self) -> bool {
        let operation = self.0.marker.operation.as_ref();
        operation.is_some_and(|operation| {
            let own = operation.context();
            let is_own =
                |span: &SpanContext| own.span_id == span.span_id && own.trace_id == span.trace_id;
            self.context().is_some_and(is_own)
        })
    }

    pub(crate) fn marker(&self) -> &Marker {
        &self.0.marker
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("span", &self.0.span)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marker")
            .field("is_in_operation", &self.operation.is_some())
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
