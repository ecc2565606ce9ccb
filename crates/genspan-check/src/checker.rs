//! Takes telemetry line by line and gathers what rules find in it.

use std::io::{self, BufRead};

use genspan::Value;

use crate::document::{Document, Documents};
use crate::finding::{Finding, Place, Signal};
use crate::options::Options;
use crate::otlp::{self, Item};
use crate::report::Report;
use crate::rules::{self, Rules};
use crate::view::{EventView, MetricView, SpanView};

/// Checks telemetry against the conventions.
///
/// Lines of OTLP/JSON go in, of one file or of several after each other; a document may go over many lines. What
/// cannot be read is a finding, and the rest is checked all the same. Memory holds one document and the report.
#[derive(Debug)]
pub struct Checker {
    rules: Rules,
    documents: Documents,
    file: String,
    report: Report,
}

impl Checker {
    /// Begins a run.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let report = if options.has_advice() {
            Report::default()
        } else {
            Report::without_advice()
        };
        Self {
            rules: Rules::new(options),
            documents: Documents::default(),
            file: String::new(),
            report,
        }
    }

    /// Checks all lines of an input that findings call `name`.
    ///
    /// # Errors
    ///
    /// When the input cannot be read; what was read until then is checked.
    ///
    /// ```
    /// use genspan_check::{Checker, Options};
    ///
    /// let mut checker = Checker::new(Options::default());
    /// checker.read("spans.jsonl", b"{\"resourceSpans\":[]}\n".as_slice())?;
    /// assert!(checker.finish().is_clean());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn read(&mut self, name: &str, mut input: impl BufRead) -> io::Result<()> {
        self.end_document();
        name.clone_into(&mut self.file);
        let (mut line, mut number) = (Vec::new(), 0);
        let end = loop {
            line.clear();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => break Ok(()),
                Ok(_) => number += 1,
                Err(error) => break Err(error),
            }
            match str::from_utf8(&line) {
                Ok(text) => self.line(text, number),
                Err(error) => self.broken(number, "broken-text", &error.to_string()),
            }
        };
        self.end_document();
        end
    }

    /// Checks a line, with or without its end; `number` counts from 1.
    pub fn line(&mut self, text: &str, number: u64) {
        let text = text.trim_end_matches(['\n', '\r']);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for document in self.documents.push(text, number) {
            self.document(&document);
        }
    }

    /// Ends the run.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.end_document();
        self.report
    }

    /// Checks a span and the events on it.
    #[must_use]
    pub fn check_span(&self, span: &SpanView) -> Vec<Finding> {
        self.span(span, &Place::default())
    }

    /// Checks a log record.
    #[must_use]
    pub fn check_log(&self, record: &EventView) -> Vec<Finding> {
        rules::log(&self.rules, record, Place::default())
    }

    /// Checks a metric.
    #[must_use]
    pub fn check_metric(&self, metric: &MetricView) -> Vec<Finding> {
        rules::metric(&self.rules, metric, Place::default())
    }

    fn span(&self, span: &SpanView, place: &Place) -> Vec<Finding> {
        let mut findings = rules::span(&self.rules, span, place.clone());
        for event in &span.events {
            let place = Place {
                span_id: span.span_id.clone(),
                ..place.clone()
            };
            findings.extend(rules::span_event(&self.rules, event, place));
        }
        findings
    }

    fn end_document(&mut self) {
        if let Some(document) = self.documents.finish() {
            self.document(&document);
        }
    }

    fn document(&mut self, document: &Document) {
        let place = self.place(document.line);
        let value = match Value::from_json(&document.text) {
            Ok(value) => value,
            // The parser's words name positions and JSON's own signs, never what the text holds.
            Err(error) => {
                return self.broken(document.line, "broken-json", &cause(document, &error));
            }
        };
        for item in otlp::read(&value) {
            let findings = match item {
                Item::Resource(attributes) => {
                    rules::resource(&self.rules, &attributes, place.clone())
                }
                Item::Span(span) => {
                    self.report.count(Signal::Span);
                    self.span(&span, &place)
                }
                Item::Log(record) => {
                    self.report.count(Signal::Log);
                    rules::log(&self.rules, &record, place.clone())
                }
                Item::Metric(metric) => {
                    self.report.count(Signal::Metric);
                    rules::metric(&self.rules, &metric, place.clone())
                }
                Item::Fault(message) => {
                    let mut notes = self.rules.notes(place.clone());
                    notes.violation(
                        "broken-otlp",
                        "",
                        message,
                        "write what the OTLP/JSON format has there",
                    );
                    notes.into_findings()
                }
            };
            for finding in findings {
                self.report.add(finding);
            }
        }
    }

    fn broken(&mut self, line: u64, rule: &'static str, cause: &str) {
        let mut notes = self.rules.notes(self.place(line));
        notes.violation(
            rule,
            "",
            format!("the line cannot be read: {cause}"),
            "write one whole OTLP/JSON document a line; a writer that was killed leaves half a line",
        );
        for finding in notes.into_findings() {
            self.report.add(finding);
        }
    }

    fn place(&self, line: u64) -> Place {
        Place {
            file: self.file.clone(),
            line: Some(line),
            ..Place::default()
        }
    }
}

/// What kind of error a parser met and where, without its text.
fn cause(document: &Document, error: &serde_json::Error) -> String {
    let kind = if error.is_eof() {
        "it ends in the middle of JSON"
    } else {
        "it is no JSON"
    };
    let first = usize::try_from(document.line).unwrap_or(usize::MAX);
    let line = first.saturating_add(error.line().saturating_sub(1));
    format!("{kind}, at line {line}, column {}", error.column())
}
