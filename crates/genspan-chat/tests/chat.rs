//! What the layers record, in every order and every ending.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "chat/agents.rs"]
mod agents;
#[path = "chat/defects.rs"]
mod defects;
#[path = "chat/endings.rs"]
mod endings;
#[path = "chat/instructions.rs"]
mod instructions;
#[path = "chat/orders.rs"]
mod orders;
#[path = "chat/polls.rs"]
mod polls;
#[path = "chat/rig.rs"]
mod rig;
#[path = "chat/shaped.rs"]
mod shaped;
#[path = "chat/streams.rs"]
mod streams;
#[path = "chat/tools.rs"]
mod tools;
#[path = "chat/transport.rs"]
mod transport;
#[path = "chat/vendor.rs"]
mod vendor;
