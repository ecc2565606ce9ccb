//! Records GenAI operations through the OpenTelemetry SDK, and sets it up where there is none.
//!
//! # Quick start
//!
//! ```no_run
//! use genspan::Provider;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let guard = genspan_otel::init()?; // OTLP to localhost:4318 unless the environment says otherwise
//! let mut call = guard.telemetry().chat(Provider::OPENAI, "gpt-4o-mini");
//! call.response.finish_reasons = vec!["stop".to_owned()];
//! call.finish();
//! # Ok(())
//! # }
//! ```
//!
//! An application that has its own providers keeps them: [`from_globals`] and [`with_providers`] record
//! through these, and [`OtelSink`] is what they are made of.
//!
//! # What comes out
//!
//! | signal | as |
//! |---|---|
//! | span | one for each operation, with what a sampler should see there at its start; content as JSON text |
//! | span event | `genspan.attempt` for each failed attempt of a call |
//! | log record | `gen_ai.client.inference.operation.details` with structured content, `gen_ai.client.operation.exception`, `gen_ai.evaluation.result` |
//! | metric | the conventions' histograms with their buckets, sampled or not |
//!
//! Names, shapes and content are those of the [`genspan::Rendering`]; the scope is `genspan` with the schema URL
//! of its conventions.
//!
//! # Context
//!
//! Parents come from OpenTelemetry's context, under `tracing-opentelemetry` too, and what runs in a
//! [`genspan::Scope`] has our span in that context: spans of other instrumentation nest, `traceparent` is
//! written by any propagator, and work that is handed on with OpenTelemetry's own means still knows
//! which call it belongs to ([`current`]). Baggage becomes facts of operations where it is allowed by name.
//!
//! Loops that are ported from agent-sdk find its primitives in [`instrument`].
//!
//! # Limits
//!
//! With `init` a span may hold 16,384 attributes, events and links; requests are bounded in bytes, and a span
//! that is too large for one is cut while its neighbours stay whole. Spans hold no maps, so content on
//! them is text; of an attribute set twice the last value is delivered. A span that is open when an
//! application shuts its own provider down first is lost, and the SDK does not say so.
//!
//! `opentelemetry` 0.33 is the version all of this is about: another one in the same program has globals of
//! its own, which [`from_globals`] tells.

pub mod instrument;

mod context;
mod deliver;
mod dialect;
mod init;
mod sink;

pub use context::current;
pub use dialect::{DialectExporter, ScopeFacts};
pub use genspan_dialects::{Dialect, Settings as DialectSettings};
pub use init::{
    Builder, Guard, InitError, NoProvider, builder, from_globals, from_globals_with_logs, init,
    with_providers,
};
pub use sink::{ApplicationProviders, OtelSink, OtelSinkBuilder, Providers};
