//! Checks telemetry against the OpenTelemetry GenAI conventions.
//!
//! A [`Checker`] reads OTLP/JSON line by line and tells in a [`Report`] what is missing, mistyped, unknown, duplicate,
//! unsafe or at odds with itself. The conventions come from [`genspan::semconv`]; the version is the one that a scope's
//! schema URL names, else the one of the [`Options`].
//!
//! ```
//! use genspan_check::{Checker, Options};
//!
//! let mut checker = Checker::new(Options::default());
//! checker.line(r#"{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]}"#, 1);
//! checker.line("no telemetry at all", 2);
//! let report = checker.finish();
//! assert_eq!(report.violations(), 1);
//! assert!(report.to_string().contains("broken-json"));
//! ```
//!
//! Rules look at plain views, [`SpanView`], [`EventView`] and [`MetricView`], so telemetry that never was a file can be
//! checked as well:
//!
//! ```
//! use genspan_check::{Checker, Options, SpanView};
//!
//! let span = SpanView { name: "GET /".to_owned(), ..SpanView::default() };
//! let findings = Checker::new(Options::default()).check_span(&span);
//! assert!(findings.iter().any(|finding| finding.rule == "invalid-id"));
//! ```
//!
//! Findings never hold content: keys, types, lengths and the values of enums stand there, prompts and secrets do not.

mod checker;
mod content;
mod document;
mod finding;
mod options;
mod otlp;
mod report;
mod rules;
mod view;

pub use checker::Checker;
pub use finding::{Finding, Level, Place, Signal};
pub use options::Options;
pub use report::Report;
pub use view::{
    EventView, Histogram, Instrument, Kind, MetricView, Number, PointView, SpanView, Status,
};
