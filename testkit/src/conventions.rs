//! What was recorded, held to the conventions by their checker.

use std::{fs::File, io::BufReader, path::Path};

use genspan_check::{Checker, Finding, Options, Report, SpanView};

use crate::CapturedSpan;

/// Gives what the checker finds in captured spans.
#[must_use]
pub fn of_spans(spans: &[CapturedSpan], options: Options) -> Vec<Finding> {
    let checker = Checker::new(options);
    let views = spans.iter().map(|span| {
        let times = (span.started, span.ended);
        SpanView::rendered(&span.context, span.parent.as_ref(), times, &span.signals)
    });
    views.flat_map(|view| checker.check_span(&view)).collect()
}

/// Holds captured spans to the conventions; that facts are missing which nobody stated is no violation.
///
/// # Panics
///
/// When one breaks a convention.
pub fn hold_spans(spans: &[CapturedSpan]) {
    let found = of_spans(spans, Options::default().without_advice());
    assert!(found.is_empty(), "{found:#?}");
}

/// Gives what the checker finds in a file of telemetry.
///
/// # Panics
///
/// When the file cannot be read.
#[must_use]
pub fn of_file(file: &Path, options: Options) -> Report {
    let mut checker = Checker::new(options);
    let read = File::open(file).and_then(|it| checker.read("telemetry", BufReader::new(it)));
    assert!(read.is_ok(), "{}: {read:?}", file.display());
    checker.finish()
}

/// Holds a file with so many spans to the conventions and their advice, but for keys that nobody stated.
///
/// # Panics
///
/// When it has another number of spans, or anything else is found.
pub fn hold_file(file: &Path, spans: u64, unstated: &[&str]) {
    let report = of_file(file, Options::default());
    let mut found = report.findings().iter();
    let is_unstated = |finding: &Finding| unstated.contains(&finding.subject.as_str());
    assert!(
        report.spans() == spans && report.is_clean() && found.all(is_unstated),
        "{report}"
    );
}
