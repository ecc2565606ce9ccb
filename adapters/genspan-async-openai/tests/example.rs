//! Runs the example as a user would, and holds it to what it printed last and to the conventions.
#![allow(clippy::disallowed_methods, reason = "tests")]

#[test]
fn the_first_minute() {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let folder = env!("CARGO_TARGET_TMPDIR");
    let Some(ran) = testkit::example::run("first_minute", folder, required) else {
        return;
    };
    insta::assert_snapshot!(ran.printed);
    testkit::conventions::hold_file(&ran.file, 5, &[]);
}
