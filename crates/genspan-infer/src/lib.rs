//! The agent behind the calls, from traffic alone.
//!
//! A program that knows nothing of telemetry calls a model, runs the tools that the model asks for, sends their results with
//! the next call, and so on. Seen from the wire that is a list of calls. This crate finds the agent in it:
//!
//! ```text
//! invoke_agent                      concluded: from its first call to its last
//! ├─ chat gpt-4o-mini               as recorded, now with a parent
//! ├─ execute_tool get_weather       concluded: from the answer that asks for it to the request with its result
//! ├─ execute_tool ask_guide
//! │  └─ invoke_agent                its first message is an argument of the tool call
//! │     └─ chat claude-sonnet-5
//! └─ chat gpt-4o-mini
//! ```
//!
//! [`Engine`] does it: a pure function of the calls that it is told of, which says what is to be recorded ([`Act`]).
//! [`Agents`] stands between those who watch calls and their [`Telemetry`](genspan::Telemetry), and records what the engine
//! says.
//!
//! # What belongs together
//!
//! Always within one client, and in this order: what the headers of Claude Code say; the provider's id of the conversation;
//! the response that a request goes on from; a history that repeats the question and the answer of an earlier call, or its
//! question alone under the same instructions; the result of a tool call that has the earlier one's id, name and arguments.
//! Histories are compared by fingerprints of what is said, without what clients vary: order of members, ids, reasoning,
//! the length of old tool results. A call that comes before one that it goes on from is recognised too.
//!
//! A conversation that begins while a tool runs, with a text of its arguments as what the user says first, is a
//! sub-agent's. Where all of a client is one program ([`Limits::one_program`]) and a tool runs, any other conversation is kept
//! back for as long, and is the agent's if the tool is seen to come back.
//!
//! # When there is an agent
//!
//! With the second call of a conversation, with a sub-agent, or where headers say so. One call alone stays a span of its
//! own, even if it asks for a tool: many programs let a model "call a tool" only to get an answer in a shape. So the first call of what
//! may become a conversation is kept back for some seconds ([`Limits::hold`]), or while other calls of its client that
//! began by then are under way. If it asked for one of several tools, which still runs after that, it is an agent's. Where a
//! second call comes later still, the agent shares the first one's trace and is linked to it.
//!
//! An agent ends when it does nothing for a while, at [`Agents::end_all`], or with a bound; then another begins.
//!
//! # What is recorded
//!
//! Inferred spans say so (`genspan.inferred`), and how their times are meant (`genspan.time.bounds`): a tool ran within its
//! span, an agent for at least as long as its own. Nothing is measured of them, since metrics could not say so. An agent's
//! tokens and cost are the sums of its calls. Arguments and results are content: where that is not recorded they are not
//! kept in memory either, fingerprints apart.
//!
//! A tool has failed where its result is marked so (Anthropic, Bedrock, MCP), is an object with a member `error`, or a text
//! that begins as the frameworks' error texts do.
//!
//! # Who knows better
//!
//! A program may tell itself what it does, as Claude Code does on its standard output. An [`Account`] of that gets the program's
//! calls first, and only what it gives back is concluded here.
//!
//! # Limits
//!
//! All that is remembered is bounded by [`Limits`]. Calls that a program makes concurrently with the very same question and
//! get the very same answer cannot be told apart; each is recorded all the same.

mod account;
mod act;
mod agents;
mod engine;
mod limits;
mod outcome;
mod print;
mod session;
mod task;
mod transcript;

pub use account::{Account, EndedCall};
pub use act::{Act, AgentBegin, AgentEnd, ToolResult, ToolRun};
pub use agents::{Agents, Caller, UnderWay};
pub use engine::{Call, Engine};
pub use limits::Limits;
pub use session::Session;
