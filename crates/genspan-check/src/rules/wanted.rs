//! What has to be there, and what had better be.

use genspan::Conventions;
use genspan::semconv::attribute;
use genspan::semconv::spec::{AttributeRef, RefinementSpec, Requirement};

use super::{Facts, Notes, is_beside};

/// Says what one span, event or point is held against.
pub(super) struct Wanted<'a> {
    pub(super) version: Conventions,
    /// What the sentence calls it, such as `chat`.
    pub(super) label: &'a str,
    pub(super) attributes: &'static [AttributeRef],
    /// What the provider or the kind of tool adds.
    pub(super) refinements: Vec<&'static RefinementSpec>,
    /// Whether it failed, so that no answer can be expected.
    pub(super) is_error: bool,
    /// Whether it never left the process, so that no server can be expected.
    pub(super) is_internal: bool,
}

/// Attributes whose absence says no more than that there was nothing to say.
const SILENT: &[&str] = &[
    attribute::EXCEPTION_STACKTRACE,
    attribute::GEN_AI_EVALUATION_EXPLANATION,
    attribute::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    attribute::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    attribute::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
];

impl Wanted<'_> {
    /// Tells whether it or one of its refinements has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        let is_it = |line: &AttributeRef| {
            let rest = key.strip_prefix(line.key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.attributes.iter().any(is_it)
            || self
                .refinements
                .iter()
                .any(|r| r.attributes.iter().any(is_it))
    }

    pub(super) fn check(&self, notes: &mut Notes<'_>, facts: Facts<'_>) {
        for line in self.attributes {
            if facts.has(line.key) {
                continue;
            }
            match self.requirement(line) {
                Requirement::Required => self.missing(notes, line.key, ""),
                Requirement::Conditional(condition) if holds(condition, facts) => {
                    self.missing(notes, line.key, condition);
                }
                Requirement::Recommended if !self.is_silent(line.key) => {
                    let label = notes.shown(self.label);
                    notes.advice(
                        "recommended-attribute",
                        line.key,
                        format!("{} recommends it on {label}", self.version),
                        "set it wherever it can be had",
                    );
                }
                _ => {}
            }
        }
        self.refined(notes, facts);
    }

    /// How much an attribute is wanted, a refinement's word before the span's own.
    fn requirement(&self, line: &AttributeRef) -> Requirement {
        let refined = self.refinements.iter().find_map(|r| r.attribute(line.key));
        match refined.map(|refined| refined.requirement) {
            // A failed call may have failed for want of it.
            Some(Requirement::Required) if self.is_error => line.requirement,
            Some(Requirement::Recommended) | None => line.requirement,
            Some(stricter) => stricter,
        }
    }

    /// What refinements alone require. Bedrock's guardrail id is one such, and most calls have no guardrail.
    fn refined(&self, notes: &mut Notes<'_>, facts: Facts<'_>) {
        for refinement in &self.refinements {
            for line in refinement.attributes {
                let is_own = !self.attributes.iter().any(|own| own.key == line.key);
                if is_own && line.requirement == Requirement::Required && !facts.has(line.key) {
                    notes.advice(
                        "missing-attribute",
                        line.key,
                        format!("{} of {} requires it", refinement.id, self.version),
                        "set it where the call has one",
                    );
                }
            }
        }
    }

    fn missing(&self, notes: &mut Notes<'_>, key: &str, condition: &str) {
        let (version, label) = (self.version, notes.shown(self.label));
        let because = if condition.is_empty() {
            String::new()
        } else {
            format!(" because {condition}")
        };
        notes.violation(
            "missing-attribute",
            key,
            format!("{version} requires it on {label}{because}"),
            "record it on every path, failures included",
        );
    }

    fn is_silent(&self, key: &str) -> bool {
        SILENT.contains(&key)
            // What a request does not set is not there to be told, but for its model.
            || is_beside(key, attribute::GEN_AI_REQUEST_MODEL)
            || (self.is_internal && is_beside(key, attribute::SERVER_ADDRESS))
            || (self.is_error
                && (is_beside(key, attribute::GEN_AI_RESPONSE_MODEL)
                    || is_beside(key, attribute::GEN_AI_USAGE_INPUT_TOKENS)))
    }
}

/// Decides the conditions that attributes themselves decide: "`server.address` is set". Others never hold.
fn holds(condition: &str, facts: Facts<'_>) -> bool {
    let named = condition.strip_prefix('`');
    let Some((key, rest)) = named.and_then(|rest| rest.split_once('`')) else {
        return false;
    };
    match rest {
        " is set" => facts.has(key),
        " is not set" => !facts.has(key),
        _ => false,
    }
}
