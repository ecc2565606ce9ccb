//! A message that is on its way.

use std::fmt;

use super::Channel;
use crate::{Active, Carrier, ErrorType, Failure, McpOperation, Scope};

/// Holds a request or notification that is being sent.
///
/// A notification ends when it was sent; a request ends by its answer, which the [`Channel`] waits for.
#[derive(Debug)]
#[must_use = "a notification that is dropped was not sent"]
pub struct Sent {
    channel: Channel,
    scope: Scope,
    request: Option<String>,
    /// A notification, which nobody answers.
    told: Option<Active<McpOperation>>,
}

impl Sent {
    pub(super) const fn new(
        channel: Channel,
        scope: Scope,
        request: Option<String>,
        told: Option<Active<McpOperation>>,
    ) -> Self {
        Self {
            channel,
            scope,
            request,
            told,
        }
    }

    /// Gives the scope of what is sent.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Gives what `params._meta` is to say of where the message comes from, as SEP-414 has it.
    ///
    /// What the message says of that by itself ([`Carrier::FIELDS`]) is to give way.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let carrier = Carrier::of_scope(&self.scope, &self.channel.allowed());
        carrier.into_iter().flat_map(Carrier::into_fields)
    }

    /// Says whether it was sent; with the error of the transport where it was not.
    pub fn end_with<E: fmt::Display>(self, sent: &Result<(), E>) {
        let request = self.request.as_deref();
        match sent {
            Ok(()) => {
                if let Some(told) = self.told {
                    told.finish();
                }
            }
            Err(error) => {
                let message = self.told.or_else(|| self.channel.take(request?));
                if let Some(message) = message {
                    let failure = Failure::new(ErrorType::Connectivity);
                    message.fail(failure.with_message(error.to_string()));
                }
            }
        }
    }
}
