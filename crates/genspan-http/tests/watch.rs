//! The layer, driven by a client that does what a test tells it to, and against the scripted provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "watch/attempts.rs"]
mod attempts;
#[path = "watch/calls.rs"]
mod calls;
#[path = "watch/encoding.rs"]
mod encoding;
#[path = "watch/layer.rs"]
mod layer;
#[path = "watch/lifecycle.rs"]
mod lifecycle;
#[path = "watch/mock.rs"]
mod mock;
#[path = "watch/pressure.rs"]
mod pressure;
#[path = "watch/provider.rs"]
mod provider;
#[path = "watch/rig.rs"]
mod rig;
#[path = "watch/scope.rs"]
mod scope;
#[path = "watch/sending.rs"]
mod sending;
