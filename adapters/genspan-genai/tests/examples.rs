//! Runs the example as a user would, and holds it to what it printed last and to the conventions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[test]
fn genai() {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let Some(ran) = testkit::example::run("genai", env!("CARGO_TARGET_TMPDIR"), required) else {
        return;
    };
    insta::assert_snapshot!(ran.printed);
    testkit::conventions::hold_file(&ran.file, 3, &[]);
}
