//! The sink on a real SDK, with what comes out kept in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod agent_sdk;
mod baggage;
mod context;
mod dialect;
mod lifecycle;
mod otlp;
mod rig;
mod same_as_otlp;
mod script;
mod signals;
mod tracing_spans;
