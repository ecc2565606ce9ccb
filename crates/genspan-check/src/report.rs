//! All findings of a run, as text and as JSON.

use std::fmt;

use serde::Serialize;

use crate::finding::{Finding, Level, Place, Signal};

/// How many findings of a level are kept; the rest is counted.
const MOST: u64 = 5_000;

/// The widest line of the text.
const COLUMNS: usize = 100;

/// Holds what was found, in the order of the input, and how much was looked at.
///
/// Its `Display` is text of at most 100 columns but for long names; its serialisation is made for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    violations: u64,
    advice: u64,
    spans: u64,
    logs: u64,
    metrics: u64,
    /// How many findings there were beyond those kept.
    omitted: u64,
    findings: Vec<Finding>,
    /// Nobody asked for advice, so that there is none says nothing.
    #[serde(skip)]
    is_without_advice: bool,
}

impl Report {
    /// Begins a report of violations alone.
    pub(crate) fn without_advice() -> Self {
        Self {
            is_without_advice: true,
            ..Self::default()
        }
    }

    /// Counts the violations, those beyond the kept ones included.
    #[must_use]
    pub const fn violations(&self) -> u64 {
        self.violations
    }

    /// Counts the pieces of advice, those beyond the kept ones included.
    #[must_use]
    pub const fn advice(&self) -> u64 {
        self.advice
    }

    /// Counts the spans looked at.
    #[must_use]
    pub const fn spans(&self) -> u64 {
        self.spans
    }

    /// Gives the findings, of each level the first 5,000.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Tells whether there was no violation; advice does not count.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.violations == 0
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let count = match finding.level {
            Level::Violation => &mut self.violations,
            Level::Advice => &mut self.advice,
        };
        *count += 1;
        if *count <= MOST {
            self.findings.push(finding);
        } else {
            self.omitted += 1;
        }
    }

    pub(crate) const fn count(&mut self, signal: Signal) {
        match signal {
            Signal::Span => self.spans += 1,
            Signal::Log => self.logs += 1,
            Signal::Metric => self.metrics += 1,
            Signal::File | Signal::Resource | Signal::SpanEvent => {}
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last: Option<&Place> = None;
        for finding in &self.findings {
            if last != Some(&finding.place) {
                if last.is_some() {
                    writeln!(f)?;
                }
                write_place(f, &finding.place)?;
                last = Some(&finding.place);
            }
            write_finding(f, finding)?;
        }
        if last.is_some() {
            writeln!(f)?;
        }
        if self.omitted > 0 {
            writeln!(f, "{} more findings are not shown", self.omitted)?;
        }
        let spans = counted(self.spans, "span", "spans");
        let logs = counted(self.logs, "log record", "log records");
        let metrics = counted(self.metrics, "metric", "metrics");
        let violations = counted(self.violations, "violation", "violations");
        write!(f, "{violations}")?;
        if !self.is_without_advice {
            let advice = counted(self.advice, "piece of advice", "pieces of advice");
            write!(f, ", {advice}")?;
        }
        writeln!(f, " in {spans}, {logs}, {metrics}")
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn write_place(f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
    let mut words = Vec::new();
    match (place.file.as_str(), place.line) {
        ("", None) => {}
        ("", Some(line)) => words.push(format!("line {line}")),
        (file, None) => words.push(file.to_owned()),
        (file, Some(line)) => words.push(format!("{file}:{line}")),
    }
    if place.signal != Signal::File {
        let name = &place.name;
        let signal = place.signal.as_str();
        words.push(if name.is_empty() {
            signal.to_owned()
        } else {
            format!("{signal} \"{name}\"")
        });
    }
    if !place.span_id.is_empty() {
        words.push(place.span_id.clone());
    }
    writeln!(f, "{}", words.join("  "))
}

fn write_finding(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let level = finding.level.as_str();
    let head = format!("  {level:<9}  {}", finding.rule);
    if finding.subject.is_empty() {
        writeln!(f, "{head}")?;
    } else {
        writeln!(f, "{head}  {}", finding.subject)?;
    }
    write_wrapped(f, &finding.message)?;
    if !finding.help.is_empty() {
        write_wrapped(f, &format!("help: {}", finding.help))?;
    }
    Ok(())
}

/// Writes words in lines of the text's width.
fn write_wrapped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    const INDENT: &str = "             ";
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used == 0 {
            write!(f, "{INDENT}{word}")?;
            used = INDENT.len() + length;
        } else if used + 1 + length <= COLUMNS {
            write!(f, " {word}")?;
            used += 1 + length;
        } else {
            write!(f, "\n{INDENT}{word}")?;
            used = INDENT.len() + length;
        }
    }
    writeln!(f)
}
