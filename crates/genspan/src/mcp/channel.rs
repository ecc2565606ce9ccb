//! What the messages of one connection have in common, and those that wait for an answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Message, Received, Sent};
use crate::{
    Active, ErrorType, Failure, McpConnection, McpOperation, McpSession, McpSide, Outcome, Record,
    Scope, SpanContext, StartOptions, Telemetry,
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
/// tool that it calls, if that can be but one; or where the channel was made.
#[derive(Clone, Debug)]
pub struct Channel {
    telemetry: Telemetry,
    baggage: Arc<[String]>,
    is_timeout: fn(&str) -> bool,
    made_in: Scope,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    connection: McpConnection,
    /// `None` where it is not measured, or has ended.
    session: Option<Active<McpSession>>,
    /// What was sent and has no answer yet.
    sent: HashMap<String, Active<McpOperation>>,
    /// Where what was received is worked on, by its id, and by its token of progress.
    received: HashMap<String, Scope>,
    in_progress: HashMap<String, Scope>,
}

impl Channel {
    /// Records a connection to this recorder, as far as it is known what it is.
    #[must_use]
    pub fn new(telemetry: &Telemetry, connection: McpConnection) -> Self {
        Self {
            telemetry: telemetry.clone(),
            baggage: Arc::default(),
            is_timeout: |_| false,
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

    /// Measures the connection as a session, from now to its close, as this side of it.
    #[must_use]
    pub fn with_session(self, side: McpSide) -> Self {
        let mut state = self.lock();
        let connection = state.connection.clone();
        state.session = Some(self.telemetry.mcp_session(side, connection));
        drop(state);
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
        let origin = self.origin(message, on_behalf_of);
        let scope = self.place(message.carrier().context(), origin, &operation);
        let request = operation.request_id.clone();
        let active = scope.run(|| self.telemetry.start(operation));
        let within = active.scope();
        let waiting = match &request {
            Some(id) => {
                self.lock().sent.insert(id.clone(), active);
                None
            }
            None => Some(active),
        };
        Some(Sent::new(self.clone(), within, request, waiting))
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
            let mut state = self.lock();
            let listening = state.sent.get(&id).filter(|it| it.method == LISTEN);
            drop(listening.is_some().then(|| state.sent.remove(&id)));
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
        let carrier = message.carrier();
        let active = match carrier.scope(&self.telemetry, &self.allowed()) {
            None => self.telemetry.start(operation),
            Some(sender) => {
                let here = self.telemetry.current();
                let here = here.filter(|it| it.is_valid() && Some(it) != sender.context());
                let options = StartOptions {
                    links: here.into_iter().collect(),
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
            (state.session.take(), std::mem::take(&mut state.sent))
        };
        for request in sent.into_values() {
            request.fail(ErrorType::ConnectionLost);
        }
        if let Some(session) = session {
            session.finish();
        }
    }

    /// Takes a request that was sent, to end it.
    pub(super) fn take(&self, id: &str) -> Option<Active<McpOperation>> {
        self.lock().sent.remove(id)
    }

    /// Notes where a message that was received is worked on.
    pub(super) fn begin(&self, id: Option<&str>, token: Option<&str>, scope: &Scope) {
        let mut state = self.lock();
        if let Some(id) = id {
            state.received.insert(id.to_owned(), scope.clone());
        }
        if let Some(token) = token {
            state.in_progress.insert(token.to_owned(), scope.clone());
        }
    }

    /// Forgets a message that was received and is done.
    pub(super) fn done(&self, id: Option<&str>, token: Option<&str>) {
        let mut state = self.lock();
        id.and_then(|id| state.received.remove(id));
        token.and_then(|token| state.in_progress.remove(token));
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

    fn place(
        &self,
        stamp: Option<SpanContext>,
        origin: Option<Scope>,
        operation: &McpOperation,
    ) -> Scope {
        let telemetry = &self.telemetry;
        let own = |span: &SpanContext| telemetry.scope_of(span);
        let stamped = |span: SpanContext| own(&span).unwrap_or_else(|| telemetry.scope_under(span));
        let current = || Some(telemetry.scope()).filter(|scope| scope.context().is_some());
        let tool = || {
            let outline = Record::Mcp(Box::new(operation.clone())).into();
            let is_call = operation.is_tool_call();
            is_call.then(|| telemetry.scope_of_same(&outline)).flatten()
        };
        stamp
            .map(stamped)
            .or(origin)
            .or_else(current)
            .or_else(tool)
            .unwrap_or_else(|| self.made_in.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No operation on the state can stop half way, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
