//! Records any chat client, its tools and its agent, as tower layers in the one right order.
//!
//! ```
//! use std::{io, sync::Arc, time::Duration};
//!
//! use genspan::{Conventions, Provider, Rendering, Telemetry, Value};
//! use genspan_chat::{ChatRequest, ChatResponse, Tools, chat_fn, function, stack};
//! # use genspan::ToolCallRequest;
//! # use testkit::CaptureSink;
//! use tower_service::Service;
//!
//! # async fn ask(request: ChatRequest) -> io::Result<ChatResponse> {
//! #     if request.messages.len() > 1 { return Ok(ChatResponse::text("Take a coat.").with_finish_reason("stop")) }
//! #     let name = "get_weather".to_owned();
//! #     Ok(ChatResponse::tool_calls([ToolCallRequest { id: Some("call_1".into()), name, arguments: Value::Null }]))
//! # }
//! # let run = async {
//! let sink = CaptureSink::new(Rendering::new(Conventions::V1_41)); // an OTLP pipeline in earnest
//! let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
//!
//! let client = chat_fn(ask); // `async fn ask(request: ChatRequest) -> Result<ChatResponse, _>` is your client
//! let tools = Tools::new().with(
//!     function("get_weather", "Tells the weather.", Value::Null),
//!     |_call| async { Ok::<_, io::Error>("rain") },
//! );
//! let mut agent = stack(client)
//!     .with_telemetry(&telemetry, Provider::OPENAI)
//!     .with_tools(tools)
//!     .with_agent("travel")
//!     .build();
//! let run = agent.call(ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?")).await?;
//! assert_eq!(run.said(), "Take a coat.");
//!
//! assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
//! let spans: Vec<_> = sink.spans().into_iter().map(|span| span.signals.name).collect();
//! assert_eq!(spans, ["chat gpt-4o-mini", "execute_tool get_weather", "chat gpt-4o-mini", "invoke_agent travel"]);
//! # Ok::<_, io::Error>(())
//! # };
//! # futures_util::FutureExt::now_or_never(run).unwrap().unwrap();
//! ```
//!
//! A chat client is any [`tower_service::Service`] of a [`ChatRequest`] whose answer is a [`ChatResponse`], or a
//! [`ChatStream`] of [`ChatUpdate`]s where it comes in pieces; [`chat_fn`] makes one of a function. A client that
//! speaks a provider's own JSON can stay what it is: see [`ShapedClient`].
//!
//! # Layers
//!
//! | layer | goes round | opens | owns |
//! |---|---|---|---|
//! | [`AgentLayer`] | a tool loop, or an agent of your own | `invoke_agent {agent}` for each run | the conventions' keys |
//! | [`ChatLayer`] | one call to a model | `chat {model}` | the conventions' keys |
//! | [`ToolLayer`] | tools | `execute_tool {tool}` | the conventions' keys |
//! | [`VendorLayer`] | a client or tools, recorded further out or further in | nothing | a vendor's keys |
//!
//! Turns of a loop have spans of their own where [`Turns`] asks for them.
//!
//! The order is agent, [`ToolLoop`], then chat and tools side by side; [`stack`] puts them so. What other orders
//! give:
//!
//! | order | gives |
//! |---|---|
//! | `stack(client)`, or agent → loop → {chat → client, tool → tools} | a span for each call to the model and each tool, siblings under the agent |
//! | chat → loop | does not compile: one span would stand for many calls |
//! | loop → {chat, tool}, without agent | the same spans, under whatever is current |
//! | chat → chat, tool → tool, agent → agent | one span: a layer that is recorded already stands down |
//! | chat → a client that another layer or transport of this project records | one span, with what both know |
//!
//! # Content
//!
//! Messages, instructions, arguments and results are content: they reach telemetry only as far as
//! [`genspan::Capture`] allows, and models, tokens and outcomes do in any case. Where no content is wanted it is not
//! copied. A [`VendorLayer`]'s attributes are taken as they are.
//!
//! # Limits
//!
//! A run asks the model 40 times ([`ToolLoop::with_max_rounds`]). Of a streamed answer 1024 choices are kept.

mod agent;
mod chat;
mod classify;
mod client;
mod gathered;
mod instructions;
mod recording;
mod request;
mod response;
mod shaped;
mod stack;
mod stream;
mod tool;
mod tool_loop;
mod update;
mod vendor;

pub use agent::{AgentLayer, AgentService};
pub use chat::{ChatLayer, ChatService, RecordedUpdates};
pub use classify::Classifier;
pub use client::{ChatAnswer, ChatClient, ChatFn, chat_fn};
pub use gathered::Gathered;
pub use instructions::Instructions;
pub use recording::{Answer, Recording, Within};
pub use request::{Asks, ChatRequest};
pub use response::ChatResponse;
pub use shaped::{Shape, ShapedClient, ShapedStream};
pub use stack::{Stack, Stacked, stack};
pub use stream::{ChatStream, Gather};
pub use tool::{
    NoTools, ToolCall, ToolError, ToolLayer, ToolOutput, ToolService, Tools, Toolset, function,
};
pub use tool_loop::{Run, RunEnd, ToolCount, ToolLoop, Turns};
pub use update::{ChatUpdate, Delta, ToolCallDelta};
pub use vendor::{ReservedKey, VendorLayer, VendorService};
