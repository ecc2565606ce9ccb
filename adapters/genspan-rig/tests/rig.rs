//! rig itself, recorded, against the scripted provider.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod rig {
    pub(crate) mod checked;
    mod example;
    pub(crate) mod models;
    mod over;
    mod plain;
    mod runs;
    mod stopped;
    mod suite;
    mod tools;
    mod tracing_spans;
}
