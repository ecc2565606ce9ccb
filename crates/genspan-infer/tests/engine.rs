//! What the engine concludes from calls, rule by rule.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "engine/draw.rs"]
mod draw;
#[path = "engine/finding.rs"]
mod finding;
#[path = "engine/kinship.rs"]
mod kinship;
#[path = "engine/memory.rs"]
mod memory;
#[path = "engine/orders.rs"]
mod orders;
#[path = "engine/talk.rs"]
mod talk;
#[path = "engine/waiting.rs"]
mod waiting;
