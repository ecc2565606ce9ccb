//! The conversations that all clients are held to, through clients that take nothing but a base URL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[cfg(feature = "anthropic-ai-sdk")]
#[path = "suite/anthropic_ai_sdk.rs"]
mod anthropic_ai_sdk;
#[path = "suite/conventions.rs"]
mod conventions;
#[path = "suite/gemini_rust.rs"]
mod gemini_rust;
#[path = "suite/ollama_rs.rs"]
mod ollama_rs;
#[path = "suite/play.rs"]
mod play;
