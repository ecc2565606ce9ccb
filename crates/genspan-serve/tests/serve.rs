//! The server as senders, browsers and programs see it, over a keeper that is well, full, slow or broken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "web/api.rs"]
mod api;
#[path = "rig/call.rs"]
mod call;
#[path = "receive/clients.rs"]
mod clients;
#[path = "web/doors.rs"]
mod doors;
#[path = "receive/faults.rs"]
mod faults;
#[path = "rig/keeper.rs"]
mod keeper;
#[path = "web/life.rs"]
mod life;
#[path = "receive/payload.rs"]
mod payload;
#[path = "receive/pressure.rs"]
mod pressure;
#[path = "rig/running.rs"]
mod running;
#[path = "rig/traces.rs"]
mod traces;
