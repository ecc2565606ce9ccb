//! The seven ways in which a stream can end, in every format: one span, the right outcome, and the tokens that were stated.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

#[path = "endings/ending.rs"]
mod ending;
#[path = "endings/event_stream.rs"]
mod event_stream;
#[path = "endings/layer.rs"]
mod layer;
#[path = "endings/proxied.rs"]
mod proxied;
#[path = "endings/stream.rs"]
mod stream;
#[path = "endings/streams.rs"]
mod streams;
#[path = "endings/table.rs"]
mod table;
