//! Compares the history of attributes and the buckets of metrics with the tables of facts.

use std::collections::BTreeMap;

use genspan::semconv::spec::{self, AttributeType};
use genspan::semconv::{Conventions, keys};

use crate::{names, shared};

/// Whether a name is the GenAI conventions' own, not borrowed and not ours.
pub(crate) fn is_genai(name: &str) -> bool {
    ["gen_ai.", "mcp.", "openai.", "aws.bedrock."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The minor version that a cell like `v1.36.0` or `deprecated v1.37.0` names.
fn minor(cell: &str) -> Option<u32> {
    let word = cell.split(' ').find_map(|word| word.strip_prefix("v1."))?;
    word.split('.').next()?.parse().ok()
}

#[test]
fn attributes_have_their_history() {
    let Some(folder) = shared() else { return };
    let text = std::fs::read_to_string(folder.join("attributes.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert!(rows.len() > 100, "read {} rows only", rows.len());
    let sets = [
        (36, Conventions::V1_36, keys::V1_36),
        (41, Conventions::V1_41, keys::V1_41),
    ];
    let sets = sets
        .into_iter()
        .chain([(u32::MAX, Conventions::Main, keys::MAIN)]);
    for (number, version, set) in sets {
        for row in &rows {
            let (key, kind, values, introduced, status) = (row[0], row[1], row[3], row[5], row[6]);
            let since =
                minor(introduced).unwrap_or(if status == "pending" { u32::MAX } else { 42 });
            let until = match status {
                "active" => None,
                "removed" => Some(42),
                _ => Some(minor(status).unwrap_or(0)),
            };
            let expected = since <= number && until.is_none_or(|until| number < until);
            assert_eq!(set.contains(&key), expected, "{key} in {version}");
            if version == Conventions::Main && expected {
                let AttributeType::Enum(ours) = spec::attribute(version, key).unwrap().kind else {
                    assert_ne!(kind, "string(enum)", "{key}");
                    continue;
                };
                assert_eq!(
                    names(ours.iter().copied()),
                    names(values.split(',')),
                    "{key}"
                );
            }
        }
        for key in set.iter().filter(|key| is_genai(key)) {
            assert!(
                rows.iter().any(|row| row[0] == *key),
                "the facts have no {key}"
            );
        }
    }
}

#[test]
fn old_keys_lead_to_new_ones() {
    let Some(folder) = shared() else { return };
    let text = std::fs::read_to_string(folder.join("attributes.tsv")).unwrap();
    let mut found = 0;
    for row in text
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>())
    {
        let new = row[7].split(' ').next().unwrap();
        if is_genai(new) {
            found += 1;
            assert!(
                keys::RENAMED.contains(&(row[0], new)),
                "{} became {new}",
                row[0]
            );
        }
    }
    assert_eq!(
        found,
        keys::RENAMED
            .iter()
            .filter(|(old, _)| is_genai(old))
            .count()
    );
}

#[test]
fn buckets_are_the_facts() {
    let Some(folder) = shared() else { return };
    let text = std::fs::read_to_string(folder.join("FACTS.md")).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("Bucket sets: "))
        .unwrap();
    let mut sets: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for set in line.split("**").collect::<Vec<_>>()[1..].chunks(2) {
        sets.insert(set[0], bounds(set[1].split('`').nth(1).unwrap()));
    }
    let metrics = spec::metrics(Conventions::Main)
        .iter()
        .map(|spec| spec.metric);
    for metric in metrics.filter(|metric| is_genai(metric.name())) {
        let name = format!("| `{}` |", metric.name());
        let row = text
            .lines()
            .find(|line| line.starts_with(&name))
            .unwrap_or_else(|| panic!("no row for {name}"));
        let cell = row.split('|').nth(5).unwrap().trim();
        let expected = match sets.get(cell) {
            Some(set) => set.clone(),
            None if cell.is_empty() => Vec::new(),
            None => bounds(cell.trim_matches('`')),
        };
        assert_eq!(metric.buckets(), expected, "{}", metric.name());
    }
}

fn bounds(list: &str) -> Vec<f64> {
    list.split(", ")
        .map(|bound| bound.parse().unwrap())
        .collect()
}
