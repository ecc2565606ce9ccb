//! Writes the linter's tables: attributes, and what each version has.

use std::fmt::Write as _;

use super::metrics::variant;
use super::names::constant;
use super::resolve::{Attribute, Reference, Refinement, Table};
use super::source::{Level, Version};

/// The table of attributes, sorted by key and version.
pub(crate) fn attributes(table: &Table) -> String {
    let mut out = "//! Every attribute in each of its states, sorted by key and version.\n\n\
                   use super::{AttributeSpec, AttributeType};\n\
                   use crate::semconv::{Conventions, Versions, attribute, value};\n\n\
                   pub(super) static ATTRIBUTES: &[AttributeSpec] = &[\n"
        .to_owned();
    for attribute in &table.attributes {
        let _ = writeln!(
            out,
            "AttributeSpec {{ key: attribute::{}, kind: {}, brief: {:?}, sensitive: {}, \
             versions: Versions::new(Conventions::{}, Conventions::{}) }},",
            constant(&attribute.key),
            kind(attribute),
            attribute.brief,
            attribute.sensitive,
            attribute.range.since.variant(),
            attribute.range.until.variant(),
        );
    }
    out.push_str("];\n");
    out
}

fn kind(attribute: &Attribute) -> String {
    if attribute.values.is_empty() {
        let name = match attribute.kind.as_str() {
            "int" => "Int",
            "double" => "Double",
            "boolean" => "Boolean",
            "string[]" => "Strings",
            "any" => "Any",
            "template[string]" => "Template",
            _ => "String",
        };
        return format!("AttributeType::{name}");
    }
    let module = attribute
        .key
        .strip_prefix("gen_ai.")
        .unwrap_or(&attribute.key)
        .replace('.', "_");
    let values: Vec<String> = attribute
        .values
        .iter()
        .map(|value| format!("value::{module}::{}", constant(value)))
        .collect();
    format!("AttributeType::Enum(&[{}])", values.join(", "))
}

/// The spans, metrics and events of one version.
pub(crate) fn version(table: &Table, version: Version) -> String {
    let Some(signals) = table.versions.get(&version) else {
        return String::new();
    };
    let mut out = format!("//! What {} has.\n\n", version.as_str());
    out.push_str(
        "use super::{EventSpec, MetricSpec, RefinementSpec, SpanSpec, conditional, opt_in, recommended, \
         recommended_if, required};\nuse crate::semconv::{Metric, attribute, event};\n\n",
    );
    out.push_str("pub(super) static SPANS: &[SpanSpec] = &[\n");
    for span in &signals.spans {
        let targets: Vec<String> = span
            .name_targets
            .iter()
            .map(|key| format!("attribute::{}", constant(key)))
            .collect();
        let _ = writeln!(
            out,
            "SpanSpec {{ id: {:?}, operations: &{:?}, kinds: &{:?}, name_head: attribute::{}, \
             name_target: {}, name_targets: &[{}], attributes: {} }},",
            span.id,
            span.operations,
            span.kinds,
            constant(&span.name_head),
            targets
                .first()
                .map_or("None".to_owned(), |target| format!("Some({target})")),
            targets.join(", "),
            references(&span.attributes),
        );
    }
    out.push_str("];\n\n");
    refinements(&mut out, "REFINEMENTS", &signals.refinements);
    out.push_str("pub(super) static METRICS: &[MetricSpec] = &[\n");
    for (name, lines) in &signals.metrics {
        let _ = writeln!(
            out,
            "MetricSpec {{ metric: Metric::{}, attributes: {} }},",
            variant(name),
            references(lines)
        );
    }
    out.push_str("];\n\n");
    refinements(&mut out, "METRIC_REFINEMENTS", &signals.metric_refinements);
    out.push_str("pub(super) static EVENTS: &[EventSpec] = &[\n");
    for event in &signals.events {
        let _ = writeln!(
            out,
            "EventSpec {{ name: event::{}, severity: {:?}, attributes: {} }},",
            constant(&event.name),
            event.severity,
            references(&event.attributes)
        );
    }
    out.push_str("];\n");
    unused_imports_removed(&out)
}

fn refinements(out: &mut String, name: &str, list: &[Refinement]) {
    let _ = writeln!(out, "pub(super) static {name}: &[RefinementSpec] = &[");
    for entry in list {
        let _ = writeln!(
            out,
            "RefinementSpec {{ id: {:?}, refines: {:?}, provider: {:?}, attributes: {} }},",
            entry.id,
            entry.refines,
            entry.provider,
            references(&entry.attributes)
        );
    }
    out.push_str("];\n\n");
}

/// A list of attributes; the constructors keep a line short.
fn references(list: &[Reference]) -> String {
    let lines: Vec<String> = list
        .iter()
        .map(|line| {
            let key = format!("attribute::{}", constant(&line.key));
            let call = match (line.level, &line.condition) {
                (Level::Required, None) => format!("required({key})"),
                (Level::Required, Some(condition)) => format!("conditional({key}, {condition:?})"),
                (Level::Recommended, None) => format!("recommended({key})"),
                (Level::Recommended, Some(condition)) => {
                    format!("recommended_if({key}, {condition:?})")
                }
                (Level::OptIn, _) => format!("opt_in({key})"),
            };
            if line.sampling {
                format!("{call}.sampled()")
            } else {
                call
            }
        })
        .collect();
    format!("&[{}]", lines.join(", "))
}

/// Drops the constructors that a version has no use for.
fn unused_imports_removed(text: &str) -> String {
    let mut out = text.to_owned();
    for name in [
        "conditional",
        "opt_in",
        "recommended_if",
        "recommended",
        "required",
    ] {
        if !out.contains(&format!("{name}(")) {
            out = out
                .replace(&format!(" {name},"), "")
                .replace(&format!(", {name}}}"), "}");
        }
    }
    out
}
