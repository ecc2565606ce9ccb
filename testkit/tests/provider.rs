//! The scripted provider, driven by clients that do no more than HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "provider/gemini.rs"]
mod gemini;
#[path = "provider/h2.rs"]
mod h2;
#[path = "provider/ollama.rs"]
mod ollama;
#[path = "provider/raw.rs"]
mod raw;
#[path = "provider/responses.rs"]
mod responses;
#[path = "provider/scenarios.rs"]
mod scenarios;
#[path = "provider/scripts.rs"]
mod scripts;
#[path = "provider/socket.rs"]
mod socket;
