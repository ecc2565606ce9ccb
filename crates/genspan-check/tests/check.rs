//! Holds every rule against telemetry that keeps it and telemetry that breaks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::string_slice,
    clippy::cloned_ref_to_slice_refs,
    reason = "tests"
)]

#[path = "check/build.rs"]
mod build;
#[path = "check/events.rs"]
mod events;
#[path = "check/input.rs"]
mod input;
#[path = "check/metrics.rs"]
mod metrics;
#[path = "check/report.rs"]
mod report;
#[path = "check/schemas.rs"]
mod schemas;
#[path = "check/shapes.rs"]
mod shapes;
#[path = "check/spans.rs"]
mod spans;
