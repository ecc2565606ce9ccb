//! Reads the registry's YAML and resolves its groups.

use std::collections::BTreeMap;
use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

/// A requirement level without the words of its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Required,
    Conditional,
    Recommended,
    RecommendedIf,
    OptIn,
}

/// What is expected of an attribute somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) class: Class,
    pub(crate) sampling: bool,
}

pub(crate) type Attributes = BTreeMap<String, Expected>;

pub(crate) struct Metric {
    pub(crate) instrument: String,
    pub(crate) unit: String,
    pub(crate) value: String,
    pub(crate) attributes: Attributes,
}

/// The registry, resolved.
#[derive(Default)]
pub(crate) struct Model {
    /// Key to type and sorted members.
    pub(crate) attributes: BTreeMap<String, (String, Vec<String>)>,
    /// Type to kind and attributes.
    pub(crate) spans: BTreeMap<String, (String, Attributes)>,
    pub(crate) span_refinements: BTreeMap<String, Attributes>,
    pub(crate) metrics: BTreeMap<String, Metric>,
    pub(crate) metric_refinements: BTreeMap<String, Attributes>,
    pub(crate) events: BTreeMap<String, Attributes>,
}

impl Model {
    pub(crate) fn read(folder: &Path) -> Self {
        let documents = documents(folder);
        let mut groups: BTreeMap<&str, &Yaml> = BTreeMap::new();
        for group in all(&documents, "attribute_groups") {
            groups.insert(text(&group["id"]), &group["attributes"]);
        }
        let mut model = Self::default();
        for attribute in all(&documents, "attributes") {
            let members = attribute["type"]["members"].as_vec();
            let mut values: Vec<String> = members
                .into_iter()
                .flatten()
                .map(|member| text(&member["value"]).to_owned())
                .collect();
            values.sort();
            let kind = attribute["type"].as_str().unwrap_or("enum").to_owned();
            model
                .attributes
                .insert(text(&attribute["key"]).to_owned(), (kind, values));
        }
        for span in all(&documents, "spans") {
            let attributes = resolve(&span["attributes"], &groups, Attributes::new());
            model.spans.insert(
                text(&span["type"]).to_owned(),
                (text(&span["kind"]).to_owned(), attributes),
            );
        }
        for entry in all(&documents, "span_refinements") {
            let base = model.spans[text(&entry["ref"])].1.clone();
            let attributes = resolve(&entry["attributes"], &groups, base);
            model
                .span_refinements
                .insert(text(&entry["id"]).to_owned(), attributes);
        }
        for metric in all(&documents, "metrics") {
            let value = metric["annotations"]["code_generation"]["metric_value_type"].as_str();
            let metric_model = Metric {
                instrument: text(&metric["instrument"]).to_owned(),
                unit: text(&metric["unit"]).to_owned(),
                // MCP's durations do not say; seconds are fractions.
                value: value.unwrap_or("double").to_owned(),
                attributes: resolve(&metric["attributes"], &groups, Attributes::new()),
            };
            model
                .metrics
                .insert(text(&metric["name"]).to_owned(), metric_model);
        }
        for entry in all(&documents, "metric_refinements") {
            let base = model.metrics[text(&entry["ref"])].attributes.clone();
            let attributes = resolve(&entry["attributes"], &groups, base);
            model
                .metric_refinements
                .insert(text(&entry["id"]).to_owned(), attributes);
        }
        for event in all(&documents, "events") {
            let mut base = Attributes::new();
            for line in event["attributes"].as_vec().unwrap() {
                if let Some(id) = line["ref_group"]
                    .as_str()
                    .and_then(|id| id.strip_prefix("span."))
                {
                    base.extend(model.spans[id].1.clone());
                }
            }
            let attributes = resolve(&event["attributes"], &groups, base);
            model
                .events
                .insert(text(&event["name"]).to_owned(), attributes);
        }
        model
    }
}

fn documents(folder: &Path) -> Vec<Yaml> {
    let mut documents = Vec::new();
    let mut folders: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders.iter().filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let source = std::fs::read_to_string(&path).unwrap();
                documents.extend(YamlLoader::load_from_str(&source).unwrap());
            }
        }
    }
    documents
}

/// All entries of a section, in whichever file.
fn all<'a>(documents: &'a [Yaml], section: &'a str) -> impl Iterator<Item = &'a Yaml> {
    documents
        .iter()
        .filter_map(move |document| document[section].as_vec())
        .flatten()
}

fn text(yaml: &Yaml) -> &str {
    yaml.as_str()
        .unwrap_or_else(|| panic!("expected a text, found {yaml:?}"))
}

/// Applies lines in their order, groups before single attributes as the registry means it.
fn resolve(lines: &Yaml, groups: &BTreeMap<&str, &Yaml>, base: Attributes) -> Attributes {
    let mut found = base;
    let lines = lines.as_vec().unwrap();
    for id in lines.iter().filter_map(|line| line["ref_group"].as_str()) {
        if let Some(group) = groups.get(id) {
            found = resolve(group, groups, found);
        } else {
            assert!(id.starts_with("span."), "unknown group {id}");
        }
    }
    for line in lines.iter().filter(|line| line["ref"].as_str().is_some()) {
        let entry = found.entry(text(&line["ref"]).to_owned());
        let entry = entry.or_insert(Expected {
            class: Class::Recommended,
            sampling: false,
        });
        if let Some(class) = class(&line["requirement_level"]) {
            entry.class = class;
        }
        entry.sampling |= line["sampling_relevant"].as_bool().unwrap_or(false);
    }
    found
}

fn class(level: &Yaml) -> Option<Class> {
    match level.as_str() {
        Some("required") => Some(Class::Required),
        Some("recommended") => Some(Class::Recommended),
        Some("opt_in") => Some(Class::OptIn),
        Some(other) => panic!("unknown level {other}"),
        None if !level["conditionally_required"].is_badvalue() => Some(Class::Conditional),
        None if !level["recommended"].is_badvalue() => Some(Class::RecommendedIf),
        None => None,
    }
}
