//! Every recorded exchange, written in each dialect and read back, says what it said, but for the documented losses; and
//! so do conversations that were written to hold all that one can.
//!
//! The recordings lie beside the repository; where they are not, the tests tell so and pass, unless
//! `GENSPAN_REQUIRE=all` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "round_trip/expected.rs"]
mod expected;
#[path = "round_trip/spans.rs"]
mod spans;
#[path = "round_trip/written.rs"]
mod written;

use genspan::{Conventions, Value};
use genspan_dialects::{Dialect, Settings, Span};

/// Shows two values from shortly before they differ.
fn apart(expected: &Value, found: &Value) -> String {
    let [expected, found] = [expected, found].map(|value| value.to_json().chars().collect());
    let [expected, found]: [Vec<char>; 2] = [expected, found];
    let same = expected.iter().zip(&found).take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(60);
    let shown = |text: &[char]| text.iter().skip(from).take(160).collect::<String>();
    format!("\n    {}\n    {}", shown(&expected), shown(&found))
}

/// Says what differs, key by key.
fn difference(expected: &Span, found: &Span) -> String {
    let mut lines = Vec::new();
    if (&expected.name, expected.kind, &expected.status) != (&found.name, found.kind, &found.status)
    {
        lines.push(format!("{} became {}", expected.name, found.name));
    }
    for (key, value) in expected.attributes.iter() {
        match found.attributes.get(key) {
            Some(other) if other == value => {}
            Some(other) => lines.push(format!("{key}: {}", apart(value, other))),
            None => lines.push(format!("{key} is lost")),
        }
    }
    for (key, _) in found.attributes.iter() {
        if !expected.attributes.has(key) {
            lines.push(format!("{key} is new"));
        }
    }
    lines.join("\n  ")
}

fn assert_round_trip(dialect: Dialect, settings: &Settings) {
    for conventions in [Conventions::V1_41, Conventions::Main] {
        let (mut seen, mut wrong) = (0, Vec::new());
        let here = written::spans()
            .into_iter()
            .chain(spans::of_fixtures(conventions));
        for (name, before) in here.chain(spans::recorded(conventions)) {
            seen += 1;
            let mut span = before.clone();
            dialect.write(&mut span, settings);
            assert_ne!(span, before, "{name}: nothing was written");
            assert!(dialect.read(&mut span), "{name}: not known again");
            let cut = expected::cut(dialect, &before);
            let mut expected = expected::after(dialect, before);
            for side in [&mut span, &mut expected] {
                side.attributes
                    .retain(|key| !cut.iter().any(|cut| cut == key));
            }
            if span != expected {
                wrong.push(format!("{name}:\n  {}", difference(&expected, &span)));
            }
        }
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        eprintln!("{dialect}: {seen} spans of {conventions} came back");
    }
}

#[test]
fn agent_sdk() {
    assert_round_trip(Dialect::AgentSdk, &Settings::default());
}

#[test]
fn braintrust() {
    assert_round_trip(Dialect::Braintrust, &Settings::default());
}

#[test]
fn langfuse() {
    assert_round_trip(Dialect::Langfuse, &Settings::default());
}

#[test]
fn openinference() {
    assert_round_trip(Dialect::OpenInference, &Settings::default());
}

#[test]
fn openllmetry() {
    assert_round_trip(Dialect::OpenLlmetry, &Settings::default());
}

#[test]
fn sentry() {
    assert_round_trip(Dialect::Sentry, &Settings::default());
}
