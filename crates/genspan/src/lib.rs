//! Records GenAI operations as typed facts and renders them into OpenTelemetry signals.
//!
//! An operation is recorded once, as plain data: what was asked, what came back, how it ended. What
//! becomes of it, names, shapes, content, is decided at the edge by a [`Rendering`], so the same
//! record serves every version of the conventions.
//!
//! # Quick start
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//!
//! use genspan::{Capture, Conventions, Inference, Place, Provider, Rendering, Telemetry};
//! # use testkit::CaptureSink;
//!
//! let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
//! let sink = CaptureSink::new(rendering); // an OTLP pipeline or an OpenTelemetry SDK in earnest
//! let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
//!
//! let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "gpt-4o-mini"));
//! call.response.finish_reasons = vec!["stop".to_owned()];
//! call.finish(); // dropped instead, it would end as cancelled
//!
//! assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
//! assert_eq!(sink.spans()[0].signals.name, "chat gpt-4o-mini");
//! ```
//!
//! # Agents, tools and streams
//!
//! What runs in the [`Scope`] of an operation is its child, across tasks and threads; `within` wraps
//! futures and streams. [`macro@tool`] and [`macro@agent`] do so for functions, [`Active::observe`] ends a call when
//! the stream of its answer ends. An agent's usage is the sum of its own calls unless stated.
//!
//! ```
//! use genspan::Telemetry;
//!
//! /// Finds trains between two cities.
//! #[genspan::tool]
//! async fn find_trains(from: &str, to: &str) -> Vec<String> {
//!     vec![format!("{from} 9:04 to {to}")]
//! }
//!
//! # async fn of(telemetry: &Telemetry) {
//! let agent = telemetry.invoke_agent("travel");
//! agent.scope().within(find_trains("Berlin", "Prague")).await;
//! agent.finish();
//! # }
//! ```
//!
//! Instrumentation further in that sees the same call, such as an HTTP layer within a chat started by
//! hand, enriches that call and records nothing twice.
//!
//! A client's MCP request for the tool that an [`Active<ToolExecution>`] runs enriches that tool's span, too, and is measured by
//! itself.
//!
//! An agent whose framework tells of it by hooks, a beginning here and an end there, is kept in an [`AgentRun`].
//!
//! A run whose end other work brings about than began it, or another process, is kept in [`LiveRoots`]; a
//! [`Journal`] remembers it beyond its process, and a [`Carrier`] tells others where its span stands.
//!
//! # What comes out
//!
//! | record | span | kind | measured by |
//! |---|---|---|---|
//! | [`Inference`] | `chat {model}`, `text_completion {model}`, `generate_content {model}` | client | duration, tokens, time to first chunk, time per chunk |
//! | [`Embeddings`] | `embeddings {model}` | client | duration, tokens |
//! | [`Retrieval`] | `retrieval {data source}` | client | duration |
//! | [`ToolExecution`] | `execute_tool {tool}` | internal | duration |
//! | [`AgentCreation`] | `create_agent {agent}` | client | duration |
//! | [`AgentInvocation`] | `invoke_agent {agent}` | internal, or client where the agent is remote | duration, calls |
//! | [`WorkflowInvocation`] | `invoke_workflow {workflow}` | internal | duration |
//! | [`Plan`] | `plan {agent}` | internal | – |
//! | [`Turn`] | `turn`, which the conventions do not know | internal | duration (`genspan.turn.duration`) |
//! | [`MemoryOperation`] | `search_memory`, `create_memory`, … | client | duration |
//! | [`ResponseFetch`] | `fetch_response` | client | duration |
//! | [`Step`] | by its own name, such as `agent.turn` | internal | – |
//! | [`McpOperation`] | `{method} {tool or prompt}`, such as `tools/call search` | client, or server where it was received | duration |
//! | [`McpSession`] | none | – | duration |
//!
//! A call that fails is told by the event `gen_ai.client.operation.exception` as well, and a judgement of an
//! answer ([`Telemetry::evaluated`]) by `gen_ai.evaluation.result`.
//!
//! An operation that a version of the conventions does not know is rendered by the oldest version
//! that does, and so is a metric. v1.36 has an event for each message
//! instead of content attributes: they stand on the span where content is to stand on spans, and are log
//! records where it is to stand on events.
//!
//! # Cost
//!
//! What a call costs stands in `genspan.cost.*`, as its provider states it or as a [`PriceList`] says
//! ([`TelemetryBuilder::with_prices`]), for an agent as the sum over its own calls. Amounts are exact ([`Money`]); a call
//! whose price is not known states none, and a sum that lacks such calls says how many.
//!
//! # Content
//!
//! Prompts, answers, tool arguments and tool results are recorded only where [`Capture`] says so. In
//! this order content meets the hook of the [`Rendering`], the capture policy, the replacement of
//! inline media by size and hash, the redaction of recognised secrets ([`redact`]) and the size caps
//! ([`shorten`]). An error's own text counts as content: providers quote prompts and keys in it.
//!
//! # Limits
//!
//! The queue to the worker holds 64 MiB and 65,536 pieces of work ([`QueueLimits`]); when it is full
//! content goes first and the operation next, each counted in the [`Report`]. A text is cut at
//! 256 KiB and a content attribute at 2 MiB of JSON ([`Rendering::with_limits`]).

pub mod config;
pub mod mcp;
pub mod redact;
pub mod semconv;
pub mod shorten;

mod active;
mod agent_run;
mod annotate;
mod capture;
mod carrier;
mod clock;
mod cost;
mod diagnostic;
mod finish_reason;
mod journal;
mod message;
mod money;
mod observed;
mod operation;
mod outcome;
mod price_list;
mod provider;
mod render;
mod rendering;
mod roots;
mod scope;
mod server;
mod signals;
mod sink;
mod telemetry;
mod tool;
mod trace;
mod usage;
mod value;

pub use active::Active;
pub use agent_run::AgentRun;
pub use capture::{Capture, Place, UnknownPlace};
pub use carrier::Carrier;
pub use clock::{Clock, SystemClock, Timestamp};
pub use cost::{Cost, CostParts, CostSource};
pub use diagnostic::Diagnostic;
pub use finish_reason::FinishReason;
pub use genspan_macros::{agent, tool};
pub use journal::{Begun, Hold, Journal, JournalError, OpenRun, RootEntry, Taken};
pub use message::{
    Blob, Compaction, FileReference, Generic, Message, Modality, Part, Role, ServerToolCall,
    ServerToolCallResponse, ToolCallRequest, ToolCallResponse, UriReference,
};
pub use money::{BadMoney, Money};
pub use observed::Observed;
pub use operation::{
    AgentCreation, AgentInvocation, AgentSite, ApiType, Common, Content, Embeddings, Evaluation,
    Inference, InferenceKind, McpConnection, McpOperation, McpSession, McpSide, McpTarget,
    MemoryKind, MemoryOperation, MemoryRecord, NetworkTransport, Operation, Outline, OutputType,
    Plan, Record, Request, Response, ResponseFetch, ResponseStatus, Retrieval, RetrievedDocument,
    SpanEvent, Step, StreamTiming, TimeBounds, ToolExecution, Turn, WorkflowInvocation,
};
pub use outcome::{ErrorType, Failure, Outcome};
pub use price_list::{Billable, PriceList};
pub use provider::Provider;
pub use render::{Measure, Measuring, Span, signals};
pub use rendering::{ContentHook, Rendering};
pub use roots::{
    Finalised, LiveRoots, LiveRootsBuilder, Resumed, RootLimits, RunEnd, RunOutcome, RunWords,
    StashError,
};
pub use scope::{Entered, Marker, Scope, Scoped, SinkState};
pub use semconv::Conventions;
pub use server::Server;
pub use signals::{
    Amount, AnyMetric, Attribute, Event, Label, Labels, Measured, Measurement, OwnMetric, Severity,
    Signals, SpanKind, StartAttribute, StartValue,
};
pub use sink::{Ended, Handle, Identity, Report, Sink, Start, Within};
pub use telemetry::{
    Open, QueueFull, QueueLimits, Registered, ScopeSource, StartOptions, Telemetry,
    TelemetryBuilder,
};
pub use tool::{ToolDefinition, ToolType};
pub use trace::{Link, Parent, SpanContext, SpanId, TraceId};
pub use usage::{ByModality, Counts, Usage};
pub use value::Value;

/// Serves what the attributes [`tool`] and [`agent`](macro@agent) expand to; not for use by hand.
#[doc(hidden)]
pub mod __annotate {
    pub use crate::annotate::*;
}
