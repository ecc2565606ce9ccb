//! `genspan run`: the child is as it would be without, and its calls are recorded.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "run/calls.rs"]
mod calls;
#[path = "run/child.rs"]
mod child;
#[path = "run/endings.rs"]
mod endings;
#[path = "run/proxy.rs"]
mod proxy;
#[path = "run/scene.rs"]
mod scene;
