//! The Model Context Protocol, recorded from its JSON-RPC messages alone, whoever speaks it.
//!
//! A [`Message`] is what is to be known of one message; a [`Channel`] is one connection, told of each message that is sent
//! and received over it. It makes a span of each request and notification, says in `params._meta` where it comes from
//! ([`Sent::fields`]), finds the span that an answer belongs to, and what a message is sent on behalf of.
//!
//! ```
//! use genspan::{McpConnection, McpSide, NetworkTransport, Telemetry, Value, mcp::{Channel, Message}};
//!
//! # fn of(telemetry: &Telemetry) -> Option<()> {
//! let channel = Channel::new(telemetry, McpConnection::over(NetworkTransport::Pipe)).with_session(McpSide::Client);
//! let read = |json: &str| Message::of(&Value::from_json_or_text(json), channel.wants_content());
//!
//! // A client that sends a request …
//! let sent = channel.send(&read(r#"{"id":7,"method":"tools/call","params":{"name":"find_trains"}}"#), None)?;
//! for (name, value) in sent.fields() { /* … puts them into `params._meta` … */ }
//! sent.end_with(&Ok::<(), std::io::Error>(()));
//! channel.hear(&read(r#"{"id":7,"result":{"content":[]}}"#)); // … and gets its answer: that is one span
//!
//! // A server, or a client that is asked, works on a request within its span.
//! let received = channel.receive(&read(r#"{"id":1,"method":"roots/list"}"#), |_| {})?;
//! received.scope().run(|| { /* … */ });
//! let answer = Message::result(&Value::Map(Vec::new()), received.wants_content());
//! received.answer(&answer);
//! # Some(())
//! # }
//! ```

mod channel;
mod message;
mod received;
mod sent;
mod waiting;

pub use self::{channel::Channel, message::Message, received::Received, sent::Sent};
