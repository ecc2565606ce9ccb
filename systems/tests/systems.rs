//! What each of the systems has that genspan takes the place of, and that genspan has it without their defects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "systems/agent_sdk.rs"]
mod agent_sdk;
#[path = "systems/braintrust.rs"]
mod braintrust;
#[path = "systems/reviewed_r1_r8.rs"]
mod reviewed_r1_r8;
#[path = "systems/seen.rs"]
mod seen;
#[path = "systems/sentry.rs"]
mod sentry;
#[path = "systems/strands.rs"]
mod strands;
