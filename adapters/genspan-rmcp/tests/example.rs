//! Runs the example as a user would, and holds it to what it printed last and to the conventions.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::{fs::File, io::BufReader};

use genspan_check::{Checker, Options};

/// What the example makes by hand, with a name and nothing else.
const BARE: &str = "invoke_agent forecaster";

#[test]
fn visit() {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let Some(ran) = testkit::example::run("visit", env!("CARGO_TARGET_TMPDIR"), required) else {
        return;
    };
    insta::assert_snapshot!(ran.printed);
    let mut checker = Checker::new(Options::default());
    let file = BufReader::new(File::open(&ran.file).unwrap());
    checker.read("telemetry", file).unwrap();
    let report = checker.finish();
    assert_eq!(report.spans(), 7, "{report}");
    let findings = report.findings().iter();
    let findings: Vec<_> = findings.filter(|it| it.place.name != BARE).collect();
    assert!(findings.is_empty(), "{findings:#?}");
}
