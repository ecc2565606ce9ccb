//! Clients of others, recorded, against the scripted provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "clients/enrich.rs"]
mod enrich;
#[path = "clients/fronts.rs"]
mod fronts;
#[path = "clients/otel.rs"]
mod otel;
#[path = "clients/rig.rs"]
mod rig;
#[path = "clients/traffic.rs"]
mod traffic;
#[path = "clients/trees.rs"]
mod trees;
