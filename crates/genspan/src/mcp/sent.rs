//! A message that is on its way.

use std::fmt;

use super::Channel;
use crate::{Active, Carrier, ErrorType, Failure, McpOperation, Scope};

/// Holds a request or notification that is being sent.
///
/// A notification ends when it was sent; a request ends by its answer, which the [`Channel`] waits for. Either is
/// cancelled where this is dropped without [`end_with`](Self::end_with): it was not sent to its end.
#[derive(Debug)]
#[must_use = "what is dropped was not sent, and is recorded as cancelled"]
pub struct Sent {
    channel: Channel,
    scope: Scope,
    /// What the message itself has for baggage.
    baggage: String,
    /// `None` once it is said whether it was sent.
    held: Option<Held>,
}

/// Says who holds the operation until its end.
#[derive(Debug)]
pub(super) enum Held {
    /// The channel, which waits for the answer of the request of this id and number.
    Waits(String, u64),
    /// A notification, which nobody answers.
    Told(Active<McpOperation>),
    /// A request on a connection that is closed, so that no answer can come.
    Closed(Active<McpOperation>),
}

impl Sent {
    pub(super) const fn new(channel: Channel, scope: Scope, baggage: String, held: Held) -> Self {
        Self {
            channel,
            scope,
            baggage,
            held: Some(held),
        }
    }

    /// Gives the scope of what is sent.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Gives what `params._meta` is to say of where the message comes from, as SEP-414 has it.
    ///
    /// What the message says of that by itself ([`Carrier::TRACE_FIELDS`]) is to give way. Its own baggage is among what is
    /// given here, before the facts that may go along; of a key that both have, the fact counts.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let carrier = Carrier::of_scope(&self.scope, &self.channel.allowed());
        let carrier = carrier.map(|carrier| carrier.beside(&self.baggage));
        carrier.into_iter().flat_map(Carrier::into_fields)
    }

    /// Says whether it was sent; with the error of the transport where it was not.
    pub fn end_with<E: fmt::Display>(mut self, sent: &Result<(), E>) {
        match (self.held.take(), sent) {
            (None | Some(Held::Waits(..)), Ok(())) => {}
            (Some(Held::Told(told)), Ok(())) => told.finish(),
            (Some(Held::Closed(request)), Ok(())) => request.fail(ErrorType::ConnectionLost),
            (held, Err(error)) => {
                if let Some(message) = held.and_then(|held| self.operation(held)) {
                    let failure = Failure::new(ErrorType::Connectivity);
                    message.fail(failure.with_message(error.to_string()));
                }
            }
        }
    }

    /// Gives the operation, if it has not ended.
    fn operation(&self, held: Held) -> Option<Active<McpOperation>> {
        match held {
            Held::Waits(id, number) => self.channel.take_numbered(&id, number),
            Held::Told(operation) | Held::Closed(operation) => Some(operation),
        }
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            drop(self.operation(held));
        }
    }
}
