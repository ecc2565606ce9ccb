//! Makes operations of the spans that LLM libraries emit through `tracing`, in the GenAI conventions.
//!
//! rig, genai, adk-rust and langchain-rust tell of their calls in spans of `tracing`, each in words of its own, and what
//! leaves through `tracing-opentelemetry` has numbers that became texts, no kind, names without a model, and keys that
//! stand twice. There are two doors out of this, over one table of what fields mean ([`genspan_dialects`]).
//!
//! # The layer
//!
//! ```
//! use tracing_subscriber::{Layer as _, layer::SubscriberExt};
//!
//! # fn of(telemetry: &genspan::Telemetry) {
//! let subscriber = tracing_subscriber::registry().with(genspan_tracing::layer(telemetry));
//! // Where tracing-opentelemetry is at work too, it gets the other spans:
//! // .with(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(genspan_tracing::others()))
//! # drop(subscriber);
//! # }
//! ```
//!
//! A span that stands for an operation, by its fields and not by the crate or its version, is one: an inference, a run of a tool or an
//! agent, a call for embeddings. It begins and ends with the span, and its [scope](genspan::Scope) is entered with it, so
//! that an HTTP layer or proxy further in adds to it: one call is one span. Durations and tokens are measured. Content
//! that a library was told to put on its spans comes out as far as [`Capture`](genspan::Capture) has it, without
//! recognised secrets.
//!
//! | span | operation |
//! |---|---|
//! | one with a field `gen_ai.operation.name`, whoever makes it | what that says; words that the conventions do not have are read as theirs, or leave a span of their own name |
//! | adk-rust: `gen_ai.*`, `model.call`; `execute_tool`, `tool.execute`; `agent.execute`, `agent.run` | chat, embeddings; tool; agent |
//! | langchain-rust: `llm.generate`; `embed.documents`, `embed.query`; `tool.call`; `agent.run` | chat; embeddings; tool; agent |
//!
//! # How an operation ended
//!
//! It failed where the span says so (`error.type`, `otel.status_code`, `error`), or where an event of level `ERROR` was
//! told in it and no answer. Where a library that tells of answers told of none, it is as instrumentation further in saw
//! it; without such it was cancelled, if the library would have told of an error, and failed for reasons unknown, if not.
//!
//! # Spans and parents
//!
//! Operations nest under spans of `tracing-opentelemetry`, and its spans under operations, by what is current; for that
//! its activation of contexts must be on, as it is by default. An explicit parent that is another than the current span is
//! found among operations only; and a plain span with an operation for explicit parent begins a trace of its own, because
//! the bridge finds no such parent.
//!
//! # The exporter
//!
//! Those who keep exporting through `tracing-opentelemetry` wrap their exporter in `DialectExporter::conventions` of
//! `genspan-otel`: the same table, a finished span at a time. It sees no HTTP, measures nothing, and joins no two spans.
//!
//! # Limits
//!
//! A span's fields are kept until it closes. Events of operations are not recorded: what is in them, nobody knows.

mod call;
mod end;
mod fields;
mod layer;
mod others;

pub use layer::{OperationLayer, layer};
pub use others::{Others, others};
