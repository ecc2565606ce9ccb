//! The real crate against a scripted provider, led through the proxy and seen by its frames.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "genai/by_frames.rs"]
mod by_frames;
#[path = "genai/led.rs"]
mod led;
#[path = "genai/suite.rs"]
mod suite;
