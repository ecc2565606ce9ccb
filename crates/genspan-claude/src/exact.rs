//! What is known of calls from elsewhere.

use std::fmt;

use genspan::{Inference, Outcome, Timestamp};

/// Tells what is known of calls from closer by than the messages, such as from their traffic.
///
/// The messages say that a call was made, by whom and after what; they hold neither its exact times nor, as a rule, its
/// output tokens. Who sees the call itself tells them here, by the id of the answer's message, and the call stays one
/// span.
pub trait Exact: Send {
    /// Tells when the request for the answer of this message id was sent.
    ///
    /// It is asked when the message's first piece is met, since a span cannot begin twice.
    fn began(&mut self, message_id: &str) -> Option<Timestamp>;

    /// Hands over all that is known of the call; it is asked once, when the messages have told all of theirs.
    fn take(&mut self, message_id: &str) -> Option<ExactCall>;

    /// Hands over the last failed attempt of the main agent's call that was tried again and given up, with the moment
    /// when it was first sent; no answer gave it an id.
    fn take_given_up(&mut self) -> Option<(Timestamp, ExactCall)> {
        None
    }
}

/// Holds a call as it was seen from closer by.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactCall {
    /// The call; what it does not state is filled in from the messages.
    pub record: Inference,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended: Timestamp,
}

impl fmt::Debug for dyn Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exact")
    }
}
