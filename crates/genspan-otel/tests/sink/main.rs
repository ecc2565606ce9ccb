//! The sink on a real SDK, with what comes out kept in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod context;
mod lifecycle;
mod rig;
mod signals;
mod tracing_spans;
