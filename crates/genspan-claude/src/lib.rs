//! Records what Claude Code does, from the messages that it and its SDKs give.
//!
//! Three doors lead to one state machine: [`Recorded`] wraps the stream of messages that an SDK gives, [`import`] reads
//! what was stored, and [`Session`] takes messages one by one, without IO and without a clock.
//!
//! ```
//! use futures_core::Stream;
//! use genspan::Telemetry;
//! use genspan_claude::{Options, Recorded};
//!
//! # struct Message;
//! # impl serde::Serialize for Message {
//! #     fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_unit() }
//! # }
//! fn ask(
//!     telemetry: &Telemetry,
//!     prompt: &str,
//!     messages: impl Stream<Item = Result<Message, std::io::Error>>, // as `query(prompt)` gives it
//! ) -> impl Stream<Item = Result<Message, std::io::Error>> {
//!     Recorded::new(messages, telemetry, Some(prompt), Options::default())
//! }
//! ```
//!
//! # What comes out
//!
//! | messages | span |
//! |---|---|
//! | from the query, or `system/init`, to `result` | `invoke_agent claude-code` |
//! | all `assistant` lines and stream events of one message id | `chat {model}`, under its agent |
//! | `tool_use` to `tool_result` | `execute_tool {tool}`, under the agent and linked to the chat |
//! | those with `parent_tool_use_id`, and what tells of such a task | `invoke_agent {type}`, under the tool that started it |
//! | `api_retry` | event `genspan.attempt` on the call that is tried again |
//! | `compact_boundary`, `hook_response` | events `genspan.compaction` and `genspan.hook` on the agent |
//! | `modelUsage` of the result | one event `genspan.model_usage` for each model, sub-agents included |
//!
//! Tools of MCP servers are extensions unless [`Options::with_tool_type`] says otherwise. A tool that was not let run
//! fails as `permission_denied`. Messages that the CLI writes itself in place of an answer (`<synthetic>`) are no calls.
//!
//! # Numbers and times
//!
//! An `assistant` line states the tokens at the beginning of its answer: the input is final, the output is not, and is
//! left out unless a `message_delta` or a stop reason comes with it. The agent's tokens are those of its result, which
//! leave sub-agents out; its cost is that of the whole run, as the CLI reckons it. Totals that count earlier runs of the
//! same process are taken apart.
//!
//! Nothing states when a request was sent: a call starts with what came before it, and says so in
//! `genspan.time.derived`, unless the CLI tells that it asks, or how long the first piece took. Of stored streams most
//! times are derived from the few that are stated, so that runs take as long as their results say.
//!
//! # Content
//!
//! Prompts, answers, thinking, arguments and results are recorded as far as the capture policy of the recorder and the
//! [`Options`] allow. A call's input is what is new since the one before; signatures and sealed thinking are left out.
//!
//! # Limits
//!
//! What is remembered is bounded however long a stream is: the last 4,096 ids of messages, calls and tools, 128 open
//! tools and sub-agents, 128 events of a span, 4 MiB of content of a call. Messages of unknown types are passed over and
//! counted ([`Tally`]). Who sees the calls themselves, such as a proxy, tells what it knows through [`Exact`].

mod agent;
mod blocks;
mod book;
mod chat;
mod events;
mod exact;
mod failure;
mod fields;
mod import;
mod moment;
mod options;
mod recent;
mod recorded;
mod run;
mod session;
mod stamp;
mod tally;
mod timeline;
mod tool;
mod totals;

pub use exact::{Exact, ExactCall};
pub use import::{Imported, Source, Trouble, import};
pub use moment::Moment;
pub use options::{Identify, Options};
pub use recorded::Recorded;
pub use session::{End, Session};
pub use tally::Tally;
