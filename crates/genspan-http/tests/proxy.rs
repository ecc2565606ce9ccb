//! The proxy between raw connections and a scripted provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "proxy/detour.rs"]
mod detour;
#[path = "proxy/faults.rs"]
mod faults;
#[path = "proxy/http2.rs"]
mod http2;
#[path = "proxy/outbound.rs"]
mod outbound;
#[path = "proxy/own_answers.rs"]
mod own_answers;
#[path = "proxy/recording.rs"]
mod recording;
#[path = "proxy/rig.rs"]
mod rig;
#[path = "proxy/scoped.rs"]
mod scoped;
#[path = "proxy/signed.rs"]
mod signed;
#[path = "proxy/socket.rs"]
mod socket;
#[path = "proxy/streaming.rs"]
mod streaming;
#[path = "proxy/tls.rs"]
mod tls;
#[path = "proxy/transparency.rs"]
mod transparency;
#[path = "proxy/usage.rs"]
mod usage;
#[path = "proxy/wire.rs"]
mod wire;
