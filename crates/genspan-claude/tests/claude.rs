//! Messages of Claude Code become trees of spans.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

#[path = "claude/adapter.rs"]
mod adapter;
#[path = "claude/defects.rs"]
mod defects;
#[path = "claude/endings.rs"]
mod endings;
#[path = "claude/fixtures.rs"]
mod fixtures;
#[path = "claude/live.rs"]
mod live;
#[path = "claude/order.rs"]
mod order;
#[path = "claude/recorded.rs"]
mod recorded;
#[path = "claude/scene.rs"]
mod scene;
