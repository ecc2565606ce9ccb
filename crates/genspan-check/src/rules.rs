//! The conventions as rules over views.

mod attributes;
mod event;
mod metric;
mod name;
mod secret;
mod shape;
mod span;
mod usage;
mod wanted;

use genspan::Value;
use genspan::redact::Redactor;

pub(crate) use self::event::{log, span_event};
pub(crate) use self::metric::metric;
pub(crate) use self::secret::resource;
pub(crate) use self::span::span;
use crate::finding::{Finding, Level, Place};
use crate::options::Options;

/// The longest name or value that a finding repeats, in characters.
const LONGEST_SHOWN: usize = 64;

/// Holds what all rules share.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) options: Options,
    redactor: Redactor,
}

impl Rules {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            redactor: Redactor::new(),
        }
    }

    /// Begins the findings of a place.
    pub(crate) fn notes(&self, mut place: Place) -> Notes<'_> {
        place.name = self.shown(&place.name);
        place.span_id = self.shown(&place.span_id);
        Notes {
            rules: self,
            place,
            findings: Vec::new(),
        }
    }

    /// A name or value as a finding may repeat it: short, printable, without secrets.
    fn shown(&self, text: &str) -> String {
        let text = self.redactor.redact(text);
        let mut shown = String::new();
        for (count, letter) in text.chars().enumerate() {
            if count == LONGEST_SHOWN {
                shown.push('…');
                break;
            }
            if letter.is_control() {
                shown.extend(letter.escape_default());
            } else {
                shown.push(letter);
            }
        }
        shown
    }
}

/// Gathers the findings of one place.
#[derive(Debug)]
pub(crate) struct Notes<'r> {
    pub(crate) rules: &'r Rules,
    place: Place,
    findings: Vec<Finding>,
}

impl Notes<'_> {
    /// Notes what the conventions forbid.
    pub(crate) fn violation(
        &mut self,
        rule: &'static str,
        subject: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Violation, rule, subject, message.into(), help.into());
    }

    /// Notes what could be better.
    pub(crate) fn advice(
        &mut self,
        rule: &'static str,
        subject: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.rules.options.has_advice() {
            self.add(Level::Advice, rule, subject, message.into(), help.into());
        }
    }

    fn add(
        &mut self,
        level: Level,
        rule: &'static str,
        subject: &str,
        message: String,
        help: String,
    ) {
        self.findings.push(Finding {
            level,
            rule,
            place: self.place.clone(),
            subject: self.shown(subject),
            message,
            help,
        });
    }

    pub(crate) fn shown(&self, text: &str) -> String {
        self.rules.shown(text)
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// Gives quick answers about a list of attributes; of equal keys the first counts.
#[derive(Debug, Clone, Copy)]
struct Facts<'a>(&'a [(String, Value)]);

impl<'a> Facts<'a> {
    fn get(self, key: &str) -> Option<&'a Value> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }

    fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn text(self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    fn int(self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }
}

/// The part of a key before its first dot.
fn namespace(key: &str) -> &str {
    key.split_once('.').map_or(key, |(first, _)| first)
}

/// The part of a key before its last dot.
fn family(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(first, _)| first)
}

/// Tells whether a key lies under another's family, as all parameters of a request do.
fn is_beside(key: &str, sibling: &str) -> bool {
    key.strip_prefix(family(sibling))
        .is_some_and(|rest| rest.starts_with('.'))
}
