//! The example, run as a user would, prints what its page promises.

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "it says whether a skip is allowed"
)]
fn it_prints_what_comes_of_a_library() {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let Some(ran) = testkit::example::run("library", env!("CARGO_TARGET_TMPDIR"), required) else {
        return;
    };
    for line in [
        "\ninvoke_agent guide [Internal]",
        "\nchat gpt-4o-mini [Client]",
        "\ngen_ai.usage.input_tokens = ",
    ] {
        assert!(ran.printed.contains(line), "{line}: {}", ran.printed);
    }
}
