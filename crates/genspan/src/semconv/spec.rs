//! What the conventions expect of spans, metrics and events, as data for rendering and linting.
//!
//! An operation or metric that a version does not have is described by the oldest version that has it:
//! [`span_for`] and [`metric`] follow this rule, [`home_version`] and [`Metric::versions`] tell which
//! version that is.

mod attributes;
mod main;
mod v1_36;
mod v1_41;

use super::{Conventions, Metric, Versions};

/// Describes an attribute in one of its states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeSpec {
    /// The key, or for a [template](AttributeType::Template) the part before the last dot.
    pub key: &'static str,
    /// The type of its values.
    pub kind: AttributeType,
    /// Its meaning in one sentence.
    pub brief: &'static str,
    /// Whether it may hold content, personal data or secrets.
    pub sensitive: bool,
    /// The versions that have it in this state.
    pub versions: Versions,
}

/// Tells what values an attribute takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// A text.
    String,
    /// A whole number.
    Int,
    /// A floating point number.
    Double,
    /// True or false.
    Boolean,
    /// A list of texts.
    Strings,
    /// A structured value, or its JSON where structure cannot be had.
    Any,
    /// A text out of these; the conventions allow others where none fits.
    Enum(&'static [&'static str]),
    /// A text under the key, a dot and a name that varies.
    Template,
}

/// Tells how much an attribute is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Always.
    Required,
    /// Always, if this holds.
    Conditional(&'static str),
    /// Wherever it can be had.
    Recommended,
    /// Wherever it can be had, if this holds.
    RecommendedIf(&'static str),
    /// Only where a user asked for it.
    OptIn,
}

/// Places an attribute on a span, metric or event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeRef {
    /// The attribute's key.
    pub key: &'static str,
    /// How much it is wanted there.
    pub requirement: Requirement,
    /// Whether a sampler needs it, so that it has to be known when the span starts.
    pub sampling_relevant: bool,
}

impl AttributeRef {
    const fn new(key: &'static str, requirement: Requirement) -> Self {
        Self {
            key,
            requirement,
            sampling_relevant: false,
        }
    }

    const fn sampled(self) -> Self {
        Self {
            sampling_relevant: true,
            ..self
        }
    }
}

// The tables are written with these, one line an attribute.
const fn required(key: &'static str) -> AttributeRef {
    AttributeRef::new(key, Requirement::Required)
}

const fn conditional(key: &'static str, condition: &'static str) -> AttributeRef {
    AttributeRef::new(key, Requirement::Conditional(condition))
}

const fn recommended(key: &'static str) -> AttributeRef {
    AttributeRef::new(key, Requirement::Recommended)
}

const fn recommended_if(key: &'static str, condition: &'static str) -> AttributeRef {
    AttributeRef::new(key, Requirement::RecommendedIf(condition))
}

const fn opt_in(key: &'static str) -> AttributeRef {
    AttributeRef::new(key, Requirement::OptIn)
}

/// Describes a kind of span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanSpec {
    /// The conventions' own name for it, which no span carries.
    pub id: &'static str,
    /// The values of `gen_ai.operation.name` it stands for; empty for MCP messages.
    pub operations: &'static [&'static str],
    /// The span kinds it may have, in lower case, the usual one first.
    pub kinds: &'static [&'static str],
    /// The key of the attribute that the span's name begins with.
    pub name_head: &'static str,
    /// The key of the attribute that usually follows in the span's name.
    pub name_target: Option<&'static str>,
    /// The keys of the attributes of which the first that is set follows in the span's name.
    pub name_targets: &'static [&'static str],
    /// Its attributes, sorted by key.
    pub attributes: &'static [AttributeRef],
}

impl SpanSpec {
    /// Finds one of its attributes.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&'static AttributeRef> {
        find(self.attributes, key)
    }
}

/// Describes what a provider or a kind of tool adds to a span or metric, or changes in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefinementSpec {
    /// The conventions' own name for it.
    pub id: &'static str,
    /// The id of the span, or the name of the metric, that it builds on.
    pub refines: &'static str,
    /// The provider it is for; none means that it does not depend on the provider.
    pub provider: Option<&'static str>,
    /// What it adds or changes, sorted by key.
    pub attributes: &'static [AttributeRef],
}

impl RefinementSpec {
    /// Finds one of its attributes.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&'static AttributeRef> {
        find(self.attributes, key)
    }
}

/// Describes the attributes of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricSpec {
    /// The metric.
    pub metric: Metric,
    /// Its attributes, sorted by key.
    pub attributes: &'static [AttributeRef],
}

impl MetricSpec {
    /// Finds one of its attributes.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&'static AttributeRef> {
        find(self.attributes, key)
    }
}

/// Describes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSpec {
    /// The event's name.
    pub name: &'static str,
    /// The log record's severity number, 1 to 24, where the conventions name one.
    pub severity: Option<u8>,
    /// Its attributes, sorted by key.
    pub attributes: &'static [AttributeRef],
}

impl EventSpec {
    /// Finds one of its attributes.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&'static AttributeRef> {
        find(self.attributes, key)
    }
}

/// Finds an attribute in a list; the keys of a template are found under its own key.
fn find(list: &'static [AttributeRef], key: &str) -> Option<&'static AttributeRef> {
    let exact = list
        .binary_search_by(|line| line.key.cmp(key))
        .ok()
        .and_then(|index| list.get(index));
    exact.or_else(|| list.iter().find(|line| is_template_key(line.key, key)))
}

/// Tells whether `key` is `template`, a dot and a name, and `template` is one.
fn is_template_key(template: &str, key: &str) -> bool {
    let name = key
        .strip_prefix(template)
        .and_then(|rest| rest.strip_prefix('.'));
    name.is_some_and(|name| !name.is_empty())
        && attributes::ATTRIBUTES
            .iter()
            .any(|spec| spec.key == template && spec.kind == AttributeType::Template)
}

/// Finds an attribute as a version has it, genspan's own included.
#[must_use]
pub fn attribute(version: Conventions, key: &str) -> Option<&'static AttributeSpec> {
    let has = |spec: &&AttributeSpec| spec.versions.contains(version);
    let start = attributes::ATTRIBUTES.partition_point(|spec| spec.key < key);
    let exact = attributes::ATTRIBUTES
        .iter()
        .skip(start)
        .take_while(|spec| spec.key == key);
    exact.into_iter().find(has).or_else(|| {
        attributes::ATTRIBUTES
            .iter()
            .filter(has)
            .find(|spec| is_template_key(spec.key, key))
    })
}

/// Lists the attributes of a version, genspan's own included, sorted by key.
pub fn attributes(version: Conventions) -> impl Iterator<Item = &'static AttributeSpec> {
    attributes::ATTRIBUTES
        .iter()
        .filter(move |spec| spec.versions.contains(version))
}

/// Lists the spans of a version.
#[must_use]
pub fn spans(version: Conventions) -> &'static [SpanSpec] {
    match version {
        Conventions::V1_36 => v1_36::SPANS,
        Conventions::V1_41 => v1_41::SPANS,
        Conventions::Main => main::SPANS,
    }
}

/// Finds a span of a version by its id.
#[must_use]
pub fn span(version: Conventions, id: &str) -> Option<&'static SpanSpec> {
    spans(version).iter().find(|span| span.id == id)
}

/// Finds the span of an operation in its [`home_version`], preferring one that may have this kind.
///
/// `kind` is in lower case: `client`, `internal`, `server`. A span is found for a kind that it may not have, too,
/// so that its attributes can still be looked at.
#[must_use]
pub fn span_for(version: Conventions, operation: &str, kind: &str) -> Option<&'static SpanSpec> {
    let all = spans(home_version(version, operation));
    let mut fitting = all
        .iter()
        .filter(|span| span.operations.contains(&operation));
    let first = fitting.clone().next();
    fitting.find(|span| span.kinds.contains(&kind)).or(first)
}

/// Tells which version describes an operation: this one, or the oldest that has it.
///
/// An operation that no version has stays with the version asked for.
#[must_use]
pub fn home_version(version: Conventions, operation: &str) -> Conventions {
    let has = |candidate: &Conventions| {
        spans(*candidate)
            .iter()
            .any(|span| span.operations.contains(&operation))
    };
    if has(&version) {
        return version;
    }
    Conventions::ALL.into_iter().find(has).unwrap_or(version)
}

/// Tells which version describes messages of MCP, whose spans are of no operation: this one, or the oldest that does.
#[must_use]
pub fn message_version(version: Conventions) -> Conventions {
    let has = |candidate: &Conventions| {
        let mut spans = spans(*candidate).iter();
        spans.any(|span| span.name_head == super::attribute::MCP_METHOD_NAME)
    };
    let mut versions = Conventions::ALL.into_iter();
    Some(version)
        .filter(has)
        .or_else(|| versions.find(has))
        .unwrap_or(version)
}

/// Lists what providers and kinds of tools add to the spans of a version.
#[must_use]
pub fn refinements(version: Conventions) -> &'static [RefinementSpec] {
    match version {
        Conventions::V1_36 => v1_36::REFINEMENTS,
        Conventions::V1_41 => v1_41::REFINEMENTS,
        Conventions::Main => main::REFINEMENTS,
    }
}

/// Lists the metrics of a version, sorted by name.
#[must_use]
pub fn metrics(version: Conventions) -> &'static [MetricSpec] {
    match version {
        Conventions::V1_36 => v1_36::METRICS,
        Conventions::V1_41 => v1_41::METRICS,
        Conventions::Main => main::METRICS,
    }
}

/// Finds a metric in this version, or in the oldest that has it.
#[must_use]
pub fn metric(version: Conventions, metric: Metric) -> Option<&'static MetricSpec> {
    metrics(metric.versions().home(version))
        .iter()
        .find(|spec| spec.metric == metric)
}

/// Lists what providers add to the metrics of a version.
#[must_use]
pub fn metric_refinements(version: Conventions) -> &'static [RefinementSpec] {
    match version {
        Conventions::V1_36 => v1_36::METRIC_REFINEMENTS,
        Conventions::V1_41 => v1_41::METRIC_REFINEMENTS,
        Conventions::Main => main::METRIC_REFINEMENTS,
    }
}

/// Lists the events of a version, sorted by name.
#[must_use]
pub fn events(version: Conventions) -> &'static [EventSpec] {
    match version {
        Conventions::V1_36 => v1_36::EVENTS,
        Conventions::V1_41 => v1_41::EVENTS,
        Conventions::Main => main::EVENTS,
    }
}

/// Finds an event of a version by its name.
#[must_use]
pub fn event(version: Conventions, name: &str) -> Option<&'static EventSpec> {
    events(version).iter().find(|event| event.name == name)
}

#[cfg(test)]
mod tests {
    use super::{AttributeType, Requirement, attribute, home_version, metric, span_for};
    use crate::semconv::{Conventions, Metric, attribute as key};

    #[test]
    fn an_attribute_has_the_type_of_the_version() {
        let kind = |version| attribute(version, key::GEN_AI_REQUEST_TOP_K).unwrap().kind;
        assert_eq!(kind(Conventions::V1_41), AttributeType::Double);
        assert_eq!(kind(Conventions::Main), AttributeType::Int);
        assert_eq!(
            attribute(Conventions::V1_36, key::GEN_AI_PROVIDER_NAME),
            None
        );
    }

    #[test]
    fn a_template_covers_the_keys_under_it() {
        let spec = attribute(Conventions::Main, "gen_ai.prompt.variable.user").unwrap();
        assert_eq!(spec.key, key::GEN_AI_PROMPT_VARIABLE);
        assert_eq!(
            attribute(Conventions::Main, "gen_ai.prompt.variable."),
            None
        );
        let span = span_for(Conventions::Main, "chat", "client").unwrap();
        assert_eq!(
            span.attribute("gen_ai.prompt.variable.user")
                .unwrap()
                .requirement,
            Requirement::OptIn
        );
        assert_eq!(span.attribute("gen_ai.prompt.name.user"), None);
    }

    #[test]
    fn the_oldest_version_that_has_an_operation_stands_in() {
        assert_eq!(home_version(Conventions::V1_36, "chat"), Conventions::V1_36);
        assert_eq!(
            home_version(Conventions::V1_36, "retrieval"),
            Conventions::V1_41
        );
        assert_eq!(home_version(Conventions::V1_41, "plan"), Conventions::Main);
        assert_eq!(
            home_version(Conventions::V1_36, "make_coffee"),
            Conventions::V1_36
        );
        assert_eq!(span_for(Conventions::V1_36, "make_coffee", "client"), None);
        let tool = metric(Conventions::V1_41, Metric::ExecuteToolDuration).unwrap();
        assert_eq!(
            tool.attribute(key::GEN_AI_TOOL_NAME).unwrap().requirement,
            Requirement::Required
        );
    }

    #[test]
    fn the_kind_chooses_between_spans_of_one_operation() {
        let id = |kind| {
            span_for(Conventions::V1_41, "invoke_agent", kind)
                .unwrap()
                .id
        };
        assert_eq!(id("internal"), "gen_ai.invoke_agent.internal");
        assert_eq!(id("client"), "gen_ai.invoke_agent.client");
        assert_eq!(id("producer"), "gen_ai.invoke_agent.client");
    }
}
