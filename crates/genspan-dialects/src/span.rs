//! A span as dialects see it.

use genspan::{Event, Timestamp};

use crate::Attributes;

/// Holds what dialects look at and change of a span: all but ids, times and links.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// The attributes, each key once.
    pub attributes: Attributes,
    /// What happened on the way.
    pub events: Vec<Event>,
    /// How it ended.
    pub status: Status,
    /// When it began, where that is known.
    pub started: Option<Timestamp>,
    /// When it ended, where that is known.
    pub ended: Option<Timestamp>,
    /// Whether it has no parent; some vendors take a trace's own facts from such a span.
    pub is_root: bool,
    /// The library that made it, where that is known.
    pub scope: String,
}

/// Says which side of a call a span stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Work inside the process.
    #[default]
    Internal,
    /// The caller of another service.
    Client,
    /// The service that is called.
    Server,
    /// The sender of a message that is read later.
    Producer,
    /// The reader of such a message.
    Consumer,
}

/// Says how a span ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Without an error.
    #[default]
    Unset,
    /// Without an error, as someone made sure.
    Ok,
    /// With an error, of which this says more; it may be empty.
    Error(String),
}
