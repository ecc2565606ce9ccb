//! Dependencies point one way, and each has a reason.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What cargo knows of the workspace.
struct Graph {
    /// Package id to name.
    names: BTreeMap<String, String>,
    /// Package id to the ids of its normal dependencies.
    normal: BTreeMap<String, Vec<String>>,
    /// Name of a workspace member to the names of all its direct dependencies and their kinds.
    direct: BTreeMap<String, Vec<(String, String)>>,
}

impl Graph {
    fn read() -> Self {
        let metadata = metadata();
        let members: BTreeSet<&str> = metadata["workspace_members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect();
        let mut graph = Self {
            names: BTreeMap::new(),
            normal: BTreeMap::new(),
            direct: BTreeMap::new(),
        };
        for package in metadata["packages"].as_array().unwrap() {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if members.contains(id.as_str()) {
                let direct = package["dependencies"].as_array().unwrap();
                let direct = direct.iter().map(|dependency| {
                    (
                        text(&dependency["name"]),
                        dependency["kind"].as_str().unwrap_or("normal").to_owned(),
                    )
                });
                graph.direct.insert(name.clone(), direct.collect());
            }
            graph.names.insert(id, name);
        }
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let normal = node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| {
                    dependency["dep_kinds"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|kind| kind["kind"].is_null())
                });
            graph.normal.insert(
                text(&node["id"]),
                normal.map(|dependency| text(&dependency["pkg"])).collect(),
            );
        }
        graph
    }

    /// The names of everything that is linked into a package.
    fn linked(&self, package: &str) -> BTreeSet<String> {
        let start = self.names.iter().find(|(_, name)| *name == package);
        let start = start.unwrap_or_else(|| panic!("the workspace has no package {package}"));
        let mut seen = BTreeSet::new();
        let mut open = vec![start.0.clone()];
        while let Some(id) = open.pop() {
            for next in self.normal.get(&id).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen.iter().map(|id| self.names[id].clone()).collect()
    }

    /// Fails where a package is linked with one whose name begins with one of these words.
    fn forbid(&self, package: &str, words: &[&str]) {
        let bad: Vec<String> = self
            .linked(package)
            .into_iter()
            .filter(|name| words.iter().any(|word| begins_with(name, word)))
            .collect();
        assert!(
            bad.is_empty(),
            "{package} must not be linked with {bad:?}; see `cargo tree -p {package} -e normal`"
        );
    }
}

/// Whether a name is the word, or the word with something after a dash or an underscore.
fn begins_with(name: &str, word: &str) -> bool {
    name.strip_prefix(word)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn metadata() -> Value {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    // Other platforms' crates may not have been fetched, and nothing may be fetched here.
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn dependencies_point_one_way() {
    let graph = Graph::read();
    graph.forbid(
        "genspan",
        &["opentelemetry", "tokio", "http", "hyper", "reqwest"],
    );
    graph.forbid("genspan-wire", &["opentelemetry", "tokio", "http", "hyper"]);
    graph.forbid(
        "genspan-chat",
        &[
            "opentelemetry",
            "tokio",
            "http",
            "hyper",
            "reqwest",
            "genspan-http",
        ],
    );
    graph.forbid("genspan-check", &["opentelemetry"]);
    graph.forbid(
        "genspan-journal",
        &[
            "opentelemetry",
            "tokio",
            "http",
            "hyper",
            "reqwest",
            "genspan-otel",
            "genspan-otlp",
        ],
    );
    graph.forbid(
        "genspan-dialects",
        &[
            "opentelemetry",
            "tokio",
            "http",
            "hyper",
            "genspan-otlp",
            "genspan-wire",
        ],
    );
    graph.forbid(
        "genspan-prices",
        &["opentelemetry", "tokio", "http", "hyper", "genspan-wire"],
    );
    graph.forbid("genspan-macros", &["genspan"]);
    graph.forbid("genspan-otlp", &["genspan-http", "genspan-cli"]);
    graph.forbid(
        "genspan-otel",
        &["genspan-http", "genspan-wire", "opentelemetry-otlp"],
    );
    graph.forbid("genspan-http", &["genspan-otlp", "genspan-cli"]);
    graph.forbid(
        "genspan-infer",
        &["opentelemetry", "tokio", "http", "hyper", "genspan-wire"],
    );
    graph.forbid(
        "genspan-claude",
        &["opentelemetry", "tokio", "http", "hyper"],
    );
    graph.forbid(
        "genspan-store",
        &["genspan-http", "genspan-otlp", "genspan-serve"],
    );
    graph.forbid("genspan-serve", &["genspan-http", "genspan-cli"]);
    for (member, direct) in &graph.direct {
        let cli = direct.iter().any(|(name, _)| name == "genspan-cli");
        assert!(
            !cli,
            "{member} must not depend on genspan-cli, which nothing builds on"
        );
    }
}

#[test]
fn the_core_has_few_dependencies() {
    let graph = Graph::read();
    let normal: Vec<&str> = graph.direct["genspan"]
        .iter()
        .filter(|(name, kind)| kind == "normal" && !name.starts_with("genspan-"))
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(
        normal.len() <= 9,
        "genspan has {} dependencies, expected at most 9: {normal:?}",
        normal.len()
    );
}

#[test]
fn names_are_told_apart() {
    assert!(begins_with("opentelemetry-proto", "opentelemetry"));
    assert!(begins_with("http", "http"));
    assert!(!begins_with("httparse", "http"));
}

#[test]
fn every_dependency_has_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let shared = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut settled = BTreeSet::new();
    let mut missing = Vec::new();
    for (name, line) in dependency_lines(&shared) {
        if has_reason(line) || line.contains("path =") {
            settled.insert(name);
        } else {
            missing.push(format!("Cargo.toml: {line}"));
        }
    }
    for folder in ["crates", "adapters"]
        .iter()
        .filter_map(|name| std::fs::read_dir(root.join(name)).ok())
    {
        for krate in folder {
            check_manifest(
                &krate.unwrap().path().join("Cargo.toml"),
                &settled,
                &mut missing,
            );
        }
    }
    for member in ["bench", "examples", "systems", "testkit", "xtask"] {
        let manifest = root.join(member).join("Cargo.toml");
        check_manifest(&manifest, &settled, &mut missing);
    }
    assert!(
        missing.is_empty(),
        "say behind a # why these are needed:\n{}",
        missing.join("\n")
    );
}

fn check_manifest(path: &Path, settled: &BTreeSet<&str>, missing: &mut Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    for (name, line) in dependency_lines(&text) {
        if !has_reason(line) && !settled.contains(name) {
            missing.push(format!("{}: {line}", path.display()));
        }
    }
}

/// Name and line of each entry in a section of dependencies.
fn dependency_lines(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut inside = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            inside = line
                .trim_end()
                .trim_end_matches(']')
                .ends_with("dependencies");
            return None;
        }
        let name = line.split(['.', '=', ' ']).next().unwrap();
        let entry = inside && !name.is_empty() && !name.starts_with('#');
        entry.then_some((name, line))
    })
}

fn has_reason(line: &str) -> bool {
    line.rsplit_once(" # ")
        .is_some_and(|(_, reason)| reason.len() > 2)
}

#[test]
fn lines_of_dependencies_are_found() {
    let manifest = "[package]\nname = \"x\"\n[dev-dependencies]\n# Data\nserde = \"1\" # payloads\ntoml.workspace = true\n";
    let lines: Vec<(&str, bool)> = dependency_lines(manifest)
        .map(|(name, line)| (name, has_reason(line)))
        .collect();
    assert_eq!(lines, [("serde", true), ("toml", false)]);
}
