//! The attributes `tool` and `agent`, by what comes out of annotated functions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "macros/content.rs"]
mod content;
#[path = "macros/endings.rs"]
mod endings;
#[path = "macros/nesting.rs"]
mod nesting;
#[path = "macros/rig.rs"]
mod rig;
#[path = "macros/signatures.rs"]
mod signatures;

#[test]
fn mistakes_are_told_where_they_stand() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
