//! The operation of an annotated function, from its first step to its end.

use std::fmt;

use super::{Fault, Running, Source};
use crate::{
    Active, AgentInvocation, ErrorType, Failure, Message, Operation, Role, Scope, Telemetry,
    ToolExecution, Value,
};

/// Is implemented by the operations that a function can be annotated as.
pub trait Annotated: Operation {
    /// Classifies a failure of which only the text is known.
    const UNCLASSIFIED: ErrorType;

    /// Gives the conversation that the operation belongs to, for those within it.
    fn conversation_id(&self) -> Option<&str>;
}

impl Annotated for ToolExecution {
    const UNCLASSIFIED: ErrorType = ErrorType::ToolError;

    fn conversation_id(&self) -> Option<&str> {
        self.common.conversation_id.as_deref()
    }
}

impl Annotated for AgentInvocation {
    const UNCLASSIFIED: ErrorType = ErrorType::Unknown;

    fn conversation_id(&self) -> Option<&str> {
        self.common.conversation_id.as_deref()
    }
}

/// Holds the operation of an annotated function, or nothing where nothing is recorded.
///
/// Dropped under way, because the future was dropped or the body panicked, it ends as cancelled.
#[must_use]
pub struct Call<R: Annotated> {
    active: Option<Active<R>>,
}

impl<R: Annotated> Call<R> {
    /// Starts the operation in the scope that is current on this thread, if there is one.
    pub fn ambient(record: impl FnOnce() -> R) -> Self {
        let scope = Scope::innermost();
        Self::start(scope.as_ref().map(Scope::telemetry), record)
    }

    /// Starts the operation with a recorder that the attribute names.
    pub fn with(source: &(impl Source + ?Sized), record: impl FnOnce() -> R) -> Self {
        Self::start(source.genspan_telemetry(), record)
    }

    fn start(telemetry: Option<&Telemetry>, record: impl FnOnce() -> R) -> Self {
        let enabled = telemetry.filter(|telemetry| telemetry.is_enabled());
        Self {
            active: enabled.map(|telemetry| telemetry.start(record())),
        }
    }

    /// Tells whether anything is recorded.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        self.active.is_some()
    }

    /// Tells whether content reaches telemetry; where it does not it must not be looked at.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.active.as_ref().is_some_and(Active::wants_content)
    }

    /// Runs the function's body within the operation.
    pub fn run<F: Future>(&self, body: F) -> Running<F> {
        Running::new(self.scope().as_ref(), body)
    }

    /// Runs the body of a function that is not async within the operation.
    pub fn run_now<T>(&self, body: impl FnOnce() -> T) -> T {
        match self.scope() {
            Some(scope) => scope.run(body),
            None => body(),
        }
    }

    fn scope(&self) -> Option<Scope> {
        let active = self.active.as_ref()?;
        let scope = active.scope();
        Some(match active.conversation_id() {
            Some(id) => scope.with_conversation_id(id),
            None => scope,
        })
    }

    /// Looks at the error that the function returned.
    pub fn fault<'a, E: ?Sized>(&self, error: &'a E) -> Fault<'a, E> {
        Fault::new(error, R::UNCLASSIFIED, self.wants_content())
    }

    /// Ends the operation well.
    pub fn finish(&mut self) {
        if let Some(active) = self.active.take() {
            active.finish();
        }
    }

    /// Ends the operation as failed.
    pub fn fail(&mut self, failure: Failure) {
        if let Some(active) = self.active.take() {
            active.fail(failure);
        }
    }
}

impl Call<ToolExecution> {
    /// Notes an argument.
    pub fn argument(&mut self, name: &str, value: Option<Value>) {
        let (Some(active), Some(value)) = (&mut self.active, value) else {
            return;
        };
        let member = (name.to_owned(), value);
        match &mut active.arguments {
            Value::Map(members) => members.push(member),
            none => *none = Value::Map(vec![member]),
        }
    }

    /// Notes what the tool answered.
    pub fn result(&mut self, value: Option<Value>) {
        if let (Some(active), Some(value)) = (&mut self.active, value) {
            active.result = value;
        }
    }
}

impl Call<AgentInvocation> {
    /// Notes what the agent was asked.
    pub fn input(&mut self, said: Option<Value>) {
        if let (Some(active), Some(text)) = (&mut self.active, said.and_then(text_of)) {
            active.content.input.push(Message::text(Role::User, text));
        }
    }

    /// Notes what the agent answered.
    pub fn result(&mut self, said: Option<Value>) {
        if let (Some(active), Some(text)) = (&mut self.active, said.and_then(text_of)) {
            let message = Message::text(Role::Assistant, text);
            active.content.output.push(message);
        }
    }
}

/// Gives a text as it is and anything else as JSON.
fn text_of(said: Value) -> Option<String> {
    match said {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_json()),
    }
}

impl<R: Annotated> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("is_recorded", &self.is_recorded())
            .finish()
    }
}
