//! What each dialect writes and reads, by spans that are written by hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod agent_sdk;
mod braintrust;
mod frameworks;
mod langfuse;
mod openinference;
mod openllmetry;
mod record;
mod sentry;
mod told_span;
mod tracing_fields;
mod who_speaks;
mod written;
