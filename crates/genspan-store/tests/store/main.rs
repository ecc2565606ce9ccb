//! What a store keeps, finds, shows and forgets.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    reason = "tests"
)]

mod beside;
mod build;
mod content;
mod costs;
mod files;
mod forgetting;
mod joining;
mod limits;
mod lists;
mod metrics;
mod model;
mod retention;
mod search;
mod wiping;
