//! The table of `main` says what the conventions' own registry says.
//!
//! The registry is read where it lies, beside the workspace, and is no part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "registry/facts.rs"]
mod facts;
#[path = "registry/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use genspan::semconv::spec::{self, AttributeRef, AttributeType, Requirement};
use genspan::semconv::{Conventions, Instrument, ValueType, keys};
use model::{Class, Expected, Model};

/// The folder of facts, unless it is absent and may be.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/semconv");
    if folder.is_dir() {
        return Some(folder);
    }
    #[allow(
        clippy::disallowed_methods,
        reason = "decides whether a missing folder is a failure"
    )]
    let required = std::env::var("GENSPAN_REQUIRE").is_ok_and(|value| value == "all");
    assert!(
        !required,
        "{} is missing, and GENSPAN_REQUIRE=all demands it",
        folder.display()
    );
    println!("skipped: {} is missing", folder.display());
    None
}

/// Level, and whether a sampler needs it, by key.
fn ours(list: &[AttributeRef]) -> BTreeMap<String, Expected> {
    let one = |line: &AttributeRef| {
        let class = match line.requirement {
            Requirement::Required => Class::Required,
            Requirement::Conditional(_) => Class::Conditional,
            Requirement::Recommended => Class::Recommended,
            Requirement::RecommendedIf(_) => Class::RecommendedIf,
            Requirement::OptIn => Class::OptIn,
        };
        (
            line.key.to_owned(),
            Expected {
                class,
                sampling: line.sampling_relevant,
            },
        )
    };
    list.iter().map(one).collect()
}

/// A refinement laid over what it refines.
fn refined(base: &[AttributeRef], refinement: &[AttributeRef]) -> BTreeMap<String, Expected> {
    let mut all = ours(base);
    for (key, over) in ours(refinement) {
        let sampling = over.sampling || all.get(&key).is_some_and(|base| base.sampling);
        all.insert(key, Expected { sampling, ..over });
    }
    all
}

fn names<'a>(list: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = list.map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn attributes_are_the_registrys() {
    let Some(folder) = shared() else { return };
    let model = Model::read(&folder.join("registry/model"));
    assert!(
        model.attributes.len() > 80,
        "read {} attributes only",
        model.attributes.len()
    );
    for (key, (kind, values)) in &model.attributes {
        let spec =
            spec::attribute(Conventions::Main, key).unwrap_or_else(|| panic!("{key} is missing"));
        let same = match spec.kind {
            AttributeType::String => kind == "string",
            AttributeType::Int => kind == "int",
            AttributeType::Double => kind == "double",
            AttributeType::Boolean => kind == "boolean",
            AttributeType::Strings => kind == "string[]",
            AttributeType::Any => kind == "any",
            AttributeType::Template => kind == "template[string]",
            AttributeType::Enum(ours) => names(ours.iter().copied()) == *values,
        };
        assert!(same, "{key}: {:?}, expected {kind} {values:?}", spec.kind);
    }
    for key in keys::MAIN.iter().filter(|key| facts::is_genai(key)) {
        assert!(
            model.attributes.contains_key(*key),
            "the registry has no {key}"
        );
    }
}

#[test]
fn spans_are_the_registrys() {
    let Some(folder) = shared() else { return };
    let model = Model::read(&folder.join("registry/model"));
    let spans = spec::spans(Conventions::Main);
    assert_eq!(
        names(spans.iter().map(|span| span.id)),
        names(model.spans.keys().map(String::as_str))
    );
    for span in spans {
        let (kind, expected) = &model.spans[span.id];
        assert_eq!(
            span.kinds.first().copied(),
            Some(kind.as_str()),
            "{}",
            span.id
        );
        assert_eq!(&ours(span.attributes), expected, "{}", span.id);
    }
    let refinements = spec::refinements(Conventions::Main);
    let expected = names(model.span_refinements.keys().map(String::as_str));
    assert_eq!(names(refinements.iter().map(|entry| entry.id)), expected);
    for entry in refinements {
        let base = spec::span(Conventions::Main, entry.refines).unwrap();
        let all = refined(base.attributes, entry.attributes);
        assert_eq!(all, model.span_refinements[entry.id], "{}", entry.id);
    }
}

#[test]
fn metrics_are_the_registrys() {
    let Some(folder) = shared() else { return };
    let model = Model::read(&folder.join("registry/model"));
    let metrics = spec::metrics(Conventions::Main);
    let genai = || {
        metrics
            .iter()
            .filter(|spec| facts::is_genai(spec.metric.name()))
    };
    assert_eq!(
        names(genai().map(|spec| spec.metric.name())),
        names(model.metrics.keys().map(String::as_str))
    );
    for spec in genai() {
        let expected = &model.metrics[spec.metric.name()];
        let name = spec.metric.name();
        let instrument = match spec.metric.instrument() {
            Instrument::Histogram => "histogram",
            Instrument::Counter => "counter",
        };
        assert_eq!(
            (instrument, spec.metric.unit()),
            (expected.instrument.as_str(), expected.unit.as_str()),
            "{name}"
        );
        let value = match spec.metric.value_type() {
            ValueType::Int => "int",
            ValueType::Double => "double",
        };
        assert_eq!(value, expected.value, "{name}");
        assert_eq!(ours(spec.attributes), expected.attributes, "{name}");
    }
    let refinements = spec::metric_refinements(Conventions::Main);
    let expected = names(model.metric_refinements.keys().map(String::as_str));
    assert_eq!(names(refinements.iter().map(|entry| entry.id)), expected);
    for entry in refinements {
        let base = metrics
            .iter()
            .find(|spec| spec.metric.name() == entry.refines)
            .unwrap();
        let all = refined(base.attributes, entry.attributes);
        assert_eq!(all, model.metric_refinements[entry.id], "{}", entry.id);
    }
}

#[test]
fn events_are_the_registrys() {
    let Some(folder) = shared() else { return };
    let model = Model::read(&folder.join("registry/model"));
    let events = spec::events(Conventions::Main);
    let genai = || events.iter().filter(|event| facts::is_genai(event.name));
    assert_eq!(
        names(genai().map(|event| event.name)),
        names(model.events.keys().map(String::as_str))
    );
    for event in genai() {
        let strip = |(key, expected): (String, Expected)| {
            (
                key,
                Expected {
                    sampling: false,
                    ..expected
                },
            )
        };
        let expected: BTreeMap<_, _> = model.events[event.name]
            .clone()
            .into_iter()
            .map(strip)
            .collect();
        assert_eq!(ours(event.attributes), expected, "{}", event.name);
    }
}
