//! Runs the examples as a user would, and holds them to what they printed last and to the conventions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use genspan::semconv::attribute;
use testkit::{conventions, example};

/// Gives what an example prints, once nothing is found on its telemetry but advice on what the provider does not state.
fn checked(name: &str, unstated: &[&str]) -> Option<String> {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let ran = example::run(name, env!("CARGO_TARGET_TMPDIR"), required)?;
    conventions::hold_file(&ran.file, 3, unstated);
    Some(ran.printed)
}

#[test]
fn ollama_rs() {
    let unstated = [
        attribute::GEN_AI_PROVIDER_NAME,
        attribute::GEN_AI_RESPONSE_ID,
    ];
    if let Some(printed) = checked("ollama_rs", &unstated) {
        insta::assert_snapshot!(printed);
    }
}

#[test]
fn gemini_rust() {
    if let Some(printed) = checked("gemini_rust", &[]) {
        insta::assert_snapshot!(printed);
    }
}

#[cfg(feature = "anthropic-ai-sdk")]
#[test]
fn anthropic_ai_sdk() {
    if let Some(printed) = checked("anthropic_ai_sdk", &[]) {
        insta::assert_snapshot!(printed);
    }
}
