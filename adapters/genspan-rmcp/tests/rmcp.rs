//! The real rmcp, recorded: client and server in one process, over a pipe in memory and over streamable HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
#![allow(
    deprecated,
    reason = "servers of earlier versions of the protocol still ask their clients"
)]

#[path = "rmcp/clerk.rs"]
mod clerk;
#[path = "rmcp/http.rs"]
mod http;
#[path = "rmcp/listen.rs"]
mod listen;
#[path = "rmcp/pipe.rs"]
mod pipe;
#[path = "rmcp/places.rs"]
mod places;
#[path = "rmcp/rig.rs"]
mod rig;
