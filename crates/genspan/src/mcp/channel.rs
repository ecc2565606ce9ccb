//! What the messages of one connection have in common, and those that wait for an answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Message, Received, Sent,
    sent::Held,
    waiting::{Entered, Waiting},
};
use crate::{
    Active, Carrier, ErrorType, Failure, McpConnection, McpOperation, McpSession, McpSide, Outcome,
    Parent, Record, Scope, SpanContext, StartOptions, Telemetry,
};

/// The request whose answer is a stream of notifications; the conventions do not name it yet.
const LISTEN: &str = "subscriptions/listen";

/// Records what passes through one connection of MCP, in both directions.
///
/// Clones are of the same connection. What it is told, and when:
/// [`send`](Self::send) before a message is sent, [`hear`](Self::hear) when one came, [`receive`](Self::receive) when
/// the work on one begins, [`close`](Self::close) when no more can come.
///
/// # Where a message stands
///
/// One that was received stands under its sender's span, as its `params._meta` says, and points at what is current
/// besides. One that is sent stands, the first that is known: where its own `params._meta` says; in the request that it
/// is sent on behalf of (also told by progress, cancellation and subscription); in what is current; in the run of the
/// tool that it calls, if that can be but one; or where the channel was made. Where the library sends from a task of its
/// own ([`with_own_task`](Self::with_own_task)), what is current counts only where it is an operation that is recorded here.
///
/// # When a request ends
///
/// By its answer; by the notification that it is cancelled; as cancelled where it was not sent to its end ([`Sent`]), and,
/// where the run of its tool tells of it, when that ends; as lost when the connection closes. Whether somebody waits for an
/// answer still is not known otherwise, so of more than [`MAX_WAITING`](Self::MAX_WAITING) requests the oldest ends as lost.
#[derive(Clone, Debug)]
pub struct Channel {
    telemetry: Telemetry,
    baggage: Arc<[String]>,
    is_timeout: fn(&str) -> bool,
    has_own_task: bool,
    made_in: Scope,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    connection: McpConnection,
    /// `None` where it is not measured, or has ended.
    session: Option<Active<McpSession>>,
    sent: Waiting,
    /// Whether no answer can come any more.
    is_closed: bool,
    /// Where what was received is worked on, by its id, and by its token of progress.
    received: HashMap<String, Scope>,
    in_progress: HashMap<String, Scope>,
}

impl Channel {
    /// Bounds the requests that wait for an answer on one connection.
    pub const MAX_WAITING: usize = 4096;

    /// Records a connection to this recorder, as far as it is known what it is.
    #[must_use]
    pub fn new(telemetry: &Telemetry, connection: McpConnection) -> Self {
        Self {
            telemetry: telemetry.clone(),
            baggage: Arc::default(),
            is_timeout: |_| false,
            has_own_task: false,
            made_in: telemetry.scope(),
            state: Arc::new(Mutex::new(State {
                connection,
                ..State::default()
            })),
        }
    }

    /// Lets these facts of a scope go with messages as baggage, and become facts where they arrive; without it none do.
    #[must_use]
    pub fn with_baggage(mut self, keys: impl Into<Arc<[String]>>) -> Self {
        self.baggage = keys.into();
        self
    }

    /// Says by which reasons of `notifications/cancelled` the library gives up requests that took too long.
    #[must_use]
    pub fn with_timeouts(mut self, is_timeout: fn(reason: &str) -> bool) -> Self {
        self.is_timeout = is_timeout;
        self
    }

    /// Says that the library sends and receives in a task of its own, so that a span which is current there, such as one
    /// round all the work of the connection, is not where a message comes from.
    #[must_use]
    pub const fn with_own_task(mut self) -> Self {
        self.has_own_task = true;
        self
    }

    /// Measures the connection as a session, from now to its close, as this side of it.
    #[must_use]
    pub fn with_session(self, side: McpSide) -> Self {
        let session = self.telemetry.mcp_session(side, self.connection());
        let earlier = self.lock().session.replace(session);
        drop(earlier);
        self
    }

    /// Gives what is known of the connection by now.
    #[must_use]
    pub fn connection(&self) -> McpConnection {
        self.lock().connection.clone()
    }

    /// Tells whether content can reach telemetry; where it cannot, messages need not be read with it.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.telemetry.wants_content(true)
    }

    /// Opens a request or notification that is about to be sent; an answer that is about to be sent says what it says.
    ///
    /// `on_behalf_of` is the id of the received request that is worked on, where the library knows it.
    #[must_use]
    pub fn send(&self, message: &Message, on_behalf_of: Option<&str>) -> Option<Sent> {
        let connection = self.learn(message);
        let mut operation = message.operation(McpSide::Client)?;
        operation.connection = connection;
        let carrier = message.carrier();
        let origin = self.origin(message, on_behalf_of);
        let scope = self.place(&carrier, origin, &operation);
        let request = operation.request_id.clone();
        let active = scope.run(|| self.telemetry.start(operation));
        let within = active.scope();
        let held = match request {
            Some(id) => self.wait_for(id, active),
            None => Held::Told(active),
        };
        Some(Sent::new(self.clone(), within, carrier.baggage, held))
    }

    /// Takes note of a message that came: an answer ends its request, and so does the other side's giving up of it.
    pub fn hear(&self, message: &Message) {
        let connection = self.learn(message);
        if let Some(mut request) = message.answers().and_then(|id| self.take(&id)) {
            request.connection = connection;
            let outcome = message.outcome_of(&mut request);
            request.end_as(outcome);
        }
        // Only of such requests may the side that was asked say that no more will come.
        if let Some((id, _)) = message.cancels() {
            let is_listening = |_, request: &Active<McpOperation>| request.method == LISTEN;
            let over = self.lock().sent.take_if(&id, is_listening);
            drop(over);
        }
    }

    /// Opens a request or notification that came, as the work on it begins.
    ///
    /// `tell` says what more is known of what it came through. `None` where the message is an answer.
    pub fn receive(
        &self,
        message: &Message,
        tell: impl FnOnce(&mut McpConnection),
    ) -> Option<Received> {
        let mut operation = message.operation(McpSide::Server)?;
        operation.connection = self.learn(message);
        tell(&mut operation.connection);
        let here = self.current();
        let carrier = message.carrier();
        let active = match carrier.context() {
            None => {
                let parent = match here {
                    None if self.has_own_task => Parent::Root,
                    _ => Parent::Current,
                };
                let options = StartOptions {
                    parent,
                    ..StartOptions::default()
                };
                self.telemetry.start_with(operation, options)
            }
            Some(span) => {
                let sender = carrier.tell(self.under(span), &self.allowed());
                let here = here.as_ref().and_then(Scope::context);
                let here = here.filter(|it| it.is_valid() && Some(*it) != sender.context());
                let options = StartOptions {
                    links: here.into_iter().cloned().collect(),
                    ..StartOptions::default()
                };
                sender.run(|| self.telemetry.start_with(operation, options))
            }
        };
        Some(Received::new(
            self.clone(),
            active,
            message.id(),
            message.token(),
        ))
    }

    /// Ends the session, and as lost what waits for an answer; once it has ended, does nothing more.
    pub fn close(&self) {
        let (session, sent) = {
            let mut state = self.lock();
            state.is_closed = true;
            (state.session.take(), state.sent.take_all())
        };
        for request in sent {
            request.fail(ErrorType::ConnectionLost);
        }
        if let Some(session) = session {
            session.finish();
        }
    }

    /// Takes a request that was sent, to end it.
    pub(super) fn take(&self, id: &str) -> Option<Active<McpOperation>> {
        self.lock().sent.take(id)
    }

    /// Takes a request that was sent, and no other of its id.
    pub(super) fn take_numbered(&self, id: &str, number: u64) -> Option<Active<McpOperation>> {
        self.lock().sent.take_if(id, |known, _| known == number)
    }

    /// Waits for the answer of a request, if one can come.
    fn wait_for(&self, id: String, request: Active<McpOperation>) -> Held {
        let entered = {
            let mut state = self.lock();
            if state.is_closed {
                return Held::Closed(request);
            }
            state.sent.enter(&id, request, Self::MAX_WAITING)
        };
        let Entered {
            number,
            replaced,
            oldest,
        } = entered;
        drop(replaced);
        if let Some(oldest) = oldest {
            oldest.fail(ErrorType::ConnectionLost);
        }
        Held::Waits(id, number)
    }

    /// Notes where a message that was received is worked on.
    pub(super) fn begin(&self, id: Option<&str>, token: Option<&str>, scope: &Scope) {
        let replaced = {
            let mut state = self.lock();
            let of_id = id.and_then(|id| state.received.insert(id.to_owned(), scope.clone()));
            let of_token =
                token.and_then(|token| state.in_progress.insert(token.to_owned(), scope.clone()));
            (of_id, of_token)
        };
        drop(replaced);
    }

    /// Forgets a message that was received and is done.
    pub(super) fn done(&self, id: Option<&str>, token: Option<&str>) {
        let done = {
            let mut state = self.lock();
            let of_id = id.and_then(|id| state.received.remove(id));
            (
                of_id,
                token.and_then(|token| state.in_progress.remove(token)),
            )
        };
        drop(done);
    }

    /// Gives the facts that may go as baggage.
    pub(super) fn allowed(&self) -> Vec<&str> {
        self.baggage.iter().map(String::as_str).collect()
    }

    fn learn(&self, message: &Message) -> McpConnection {
        let mut state = self.lock();
        message.describe(&mut state.connection);
        let connection = state.connection.clone();
        if let Some(session) = &mut state.session {
            session.connection = connection.clone();
        }
        connection
    }

    /// Finds where the request is worked on that a message is sent on behalf of; one that it cancels has ended by that.
    fn origin(&self, message: &Message, on_behalf_of: Option<&str>) -> Option<Scope> {
        if let Some((id, reason)) = message.cancels() {
            let request = self.take(&id)?;
            let scope = request.scope();
            request.end_as(if (self.is_timeout)(reason) {
                Outcome::Failed(Failure::new(ErrorType::Timeout))
            } else {
                Outcome::Cancelled
            });
            return Some(scope);
        }
        let state = self.lock();
        let progress = message.progress_of();
        let progress = progress.and_then(|token| state.in_progress.get(&token));
        let asked = || state.received.get(on_behalf_of?);
        let listening = || state.received.get(&message.subscription()?);
        progress.or_else(asked).or_else(listening).cloned()
    }

    fn place(&self, carrier: &Carrier, origin: Option<Scope>, operation: &McpOperation) -> Scope {
        let telemetry = &self.telemetry;
        let stamped = |span: SpanContext| {
            let own = telemetry.scope_of(&span);
            let scope = own.unwrap_or_else(|| self.under(span));
            carrier.tell(scope, &self.allowed())
        };
        let tool = || {
            let outline = Record::Mcp(Box::new(operation.clone())).into();
            let is_call = operation.is_tool_call();
            is_call.then(|| telemetry.scope_of_same(&outline)).flatten()
        };
        let stamp = carrier.context().map(stamped);
        stamp
            .or(origin)
            .or_else(|| self.current())
            .or_else(tool)
            .unwrap_or_else(|| self.made_in.clone())
    }

    /// Gives what is current, where it says something of the message that is sent or has come.
    fn current(&self) -> Option<Scope> {
        let says_something = |scope: &Scope| {
            if self.has_own_task {
                scope.is_of_operation()
            } else {
                scope.context().is_some()
            }
        };
        Some(self.telemetry.scope()).filter(says_something)
    }

    /// Gives a scope under a span that this recorder did not start.
    fn under(&self, span: SpanContext) -> Scope {
        if self.has_own_task {
            self.telemetry.scope_apart(span)
        } else {
            self.telemetry.scope_under(span)
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
