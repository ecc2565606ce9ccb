//! The shape of semconv/*.toml.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// A version of the conventions, oldest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Version {
    #[serde(rename = "v1.36")]
    V1_36,
    #[serde(rename = "v1.41")]
    V1_41,
    #[serde(rename = "main")]
    Main,
}

impl Version {
    pub(crate) const ALL: [Self; 3] = [Self::V1_36, Self::V1_41, Self::Main];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V1_36 => "v1.36",
            Self::V1_41 => "v1.41",
            Self::Main => "main",
        }
    }

    /// The name of the variant of `genspan::semconv::Conventions`.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::V1_36 => "V1_36",
            Self::V1_41 => "V1_41",
            Self::Main => "Main",
        }
    }
}

/// The first and the last version that has something, both inclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    pub(crate) since: Version,
    pub(crate) until: Version,
}

impl Range {
    pub(crate) fn new(since: Option<Version>, until: Option<Version>) -> Self {
        Self {
            since: since.unwrap_or(Version::V1_36),
            until: until.unwrap_or(Version::Main),
        }
    }

    pub(crate) fn contains(self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }

    /// The versions' names with commas.
    pub(crate) fn list(self) -> String {
        let names: Vec<&str> = Version::ALL
            .into_iter()
            .filter(|version| self.contains(*version))
            .map(Version::as_str)
            .collect();
        names.join(", ")
    }
}

/// One file, and all files together.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Source {
    pub(crate) attribute: Vec<Attribute>,
    pub(crate) group: Vec<Group>,
    pub(crate) span: Vec<Span>,
    pub(crate) refinement: Vec<Refinement>,
    pub(crate) metric: Vec<Metric>,
    pub(crate) event: Vec<Event>,
    pub(crate) buckets: BTreeMap<String, Vec<f64>>,
    pub(crate) renamed: BTreeMap<String, String>,
    pub(crate) known: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    pub(crate) key: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
    pub(crate) brief: String,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) values: Vec<Word>,
    #[serde(default)]
    pub(crate) known: Vec<String>,
}

/// A value or a key that may belong to some versions only.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Word {
    Always(String),
    Ranged(Ranged),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ranged {
    #[serde(alias = "key", alias = "id", alias = "provider")]
    pub(crate) value: String,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
}

impl Word {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Always(text) => text,
            Self::Ranged(ranged) => &ranged.value,
        }
    }

    pub(crate) fn range(&self) -> Range {
        match self {
            Self::Always(_) => Range::new(None, None),
            Self::Ranged(ranged) => Range::new(ranged.since, ranged.until),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Vec<Line>,
}

/// One attribute of a span, metric or event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) level: Level,
    #[serde(rename = "if")]
    pub(crate) condition: Option<String>,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Required,
    #[default]
    Recommended,
    OptIn,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub(crate) id: String,
    pub(crate) former_id: Option<Ranged>,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
    pub(crate) operations: Vec<String>,
    pub(crate) kinds: Vec<String>,
    pub(crate) name_head: String,
    pub(crate) name_targets: Vec<String>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) sampling: Vec<Word>,
    #[serde(default)]
    pub(crate) attributes: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refinement {
    pub(crate) id: String,
    pub(crate) former_id: Option<Ranged>,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
    pub(crate) refines: String,
    pub(crate) provider: Option<String>,
    pub(crate) former_provider: Option<Ranged>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) sampling: Vec<Word>,
    #[serde(default)]
    pub(crate) attributes: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
    pub(crate) instrument: Instrument,
    pub(crate) value: Number,
    pub(crate) unit: String,
    pub(crate) buckets: Option<String>,
    pub(crate) brief: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Instrument {
    Histogram,
    Counter,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Number {
    Int,
    Double,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) since: Option<Version>,
    pub(crate) until: Option<Version>,
    pub(crate) severity: Option<u8>,
    pub(crate) brief: String,
    pub(crate) span: Option<String>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Vec<Line>,
}

/// Reads every TOML file of a folder, in the order of their names, as one source.
pub(crate) fn read(folder: &Path) -> Result<Source, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    let mut all = Source::default();
    for path in paths {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let one: Source =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        all.attribute.extend(one.attribute);
        all.group.extend(one.group);
        all.span.extend(one.span);
        all.refinement.extend(one.refinement);
        all.metric.extend(one.metric);
        all.event.extend(one.event);
        all.buckets.extend(one.buckets);
        all.renamed.extend(one.renamed);
        for (key, values) in one.known {
            all.known.entry(key).or_default().extend(values);
        }
    }
    Ok(all)
}
