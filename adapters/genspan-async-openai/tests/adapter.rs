//! The real client against the scripted provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "adapter/attempts.rs"]
mod attempts;
#[path = "adapter/cancelled.rs"]
mod cancelled;
#[path = "adapter/interface.rs"]
mod interface;
#[path = "adapter/layers.rs"]
mod layers;
#[path = "adapter/others.rs"]
mod others;
#[path = "adapter/scene.rs"]
mod scene;
#[path = "adapter/suite.rs"]
mod suite;
#[path = "adapter/transparent.rs"]
mod transparent;
#[path = "adapter/trees.rs"]
mod trees;
