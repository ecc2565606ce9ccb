//! Drives the binary: what it prints, writes and exits with.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "cli/braintrust.rs"]
mod braintrust;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/claude.rs"]
mod claude;
#[path = "cli/corpus.rs"]
mod corpus;
#[path = "cli/dialects.rs"]
mod dialects;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/har.rs"]
mod har;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/otlp.rs"]
mod otlp;
#[path = "cli/place.rs"]
mod place;
#[path = "cli/show.rs"]
mod show;
#[path = "cli/store.rs"]
mod store;
#[path = "cli/vendors.rs"]
mod vendors;
