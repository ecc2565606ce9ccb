//! The binary as users run it: the child is as it would be without, and its calls are recorded.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "run/agents.rs"]
mod agents;
#[path = "run/calls.rs"]
mod calls;
#[path = "run/child.rs"]
mod child;
#[path = "run/claude.rs"]
mod claude;
#[path = "run/coding_agents.rs"]
mod coding_agents;
#[path = "run/demo.rs"]
mod demo;
#[path = "run/endings.rs"]
mod endings;
#[path = "run/foreign.rs"]
mod foreign;
#[path = "run/kept.rs"]
mod kept;
#[path = "run/killed.rs"]
mod killed;
#[path = "run/leak.rs"]
mod leak;
#[path = "run/outage.rs"]
mod outage;
#[path = "run/proxy.rs"]
mod proxy;
#[path = "run/python.rs"]
mod python;
#[path = "run/replay.rs"]
mod replay;
#[path = "run/scene.rs"]
mod scene;
#[path = "run/serve.rs"]
mod serve;
#[path = "run/server.rs"]
mod server;
#[path = "run/serving.rs"]
mod serving;
#[path = "run/tail.rs"]
mod tail;
#[path = "run/usage.rs"]
mod usage;
#[path = "run/whole.rs"]
mod whole;
