//! Works out what each version has, and refuses a source that contradicts itself.

use std::collections::BTreeMap;

use super::source::{Instrument, Level, Line, Number, Range, Source, Version, Word};

/// Everything, resolved.
pub(crate) struct Table {
    /// By key, then by version; one for each state of an attribute.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) metrics: Vec<Metric>,
    /// Old key, new key.
    pub(crate) renamed: Vec<(String, String)>,
    pub(crate) versions: BTreeMap<Version, Signals>,
}

pub(crate) struct Attribute {
    pub(crate) key: String,
    pub(crate) kind: String,
    pub(crate) brief: String,
    pub(crate) sensitive: bool,
    pub(crate) range: Range,
    /// The enumeration's members; empty when there is no enumeration.
    pub(crate) values: Vec<String>,
    /// Well-known values of an open attribute.
    pub(crate) known: Vec<String>,
    /// Values of ours for an attribute of the conventions.
    pub(crate) own: Vec<String>,
}

pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) range: Range,
    pub(crate) instrument: Instrument,
    pub(crate) value: Number,
    pub(crate) unit: String,
    pub(crate) buckets: Vec<f64>,
    pub(crate) brief: String,
}

/// What one version has.
#[derive(Default)]
pub(crate) struct Signals {
    pub(crate) spans: Vec<Span>,
    pub(crate) refinements: Vec<Refinement>,
    pub(crate) metrics: Vec<(String, Vec<Reference>)>,
    pub(crate) metric_refinements: Vec<Refinement>,
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Span {
    /// The id that the newest version uses.
    pub(crate) newest_id: String,
    pub(crate) id: String,
    pub(crate) operations: Vec<String>,
    pub(crate) kinds: Vec<String>,
    pub(crate) name_head: String,
    pub(crate) name_targets: Vec<String>,
    pub(crate) attributes: Vec<Reference>,
}

pub(crate) struct Refinement {
    pub(crate) newest_id: String,
    pub(crate) id: String,
    pub(crate) refines: String,
    pub(crate) provider: Option<String>,
    pub(crate) attributes: Vec<Reference>,
}

pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) severity: Option<u8>,
    pub(crate) brief: String,
    pub(crate) attributes: Vec<Reference>,
}

/// One attribute of a signal.
#[derive(Clone)]
pub(crate) struct Reference {
    pub(crate) key: String,
    pub(crate) level: Level,
    pub(crate) condition: Option<String>,
    pub(crate) sampling: bool,
}

/// Resolves all versions; the error says which entry is wrong and how.
pub(crate) fn resolve(source: &Source) -> Result<Table, String> {
    let attributes = attributes(source)?;
    let mut versions = BTreeMap::new();
    for version in Version::ALL {
        versions.insert(version, signals(source, &attributes, version)?);
    }
    let renamed = source
        .renamed
        .iter()
        .map(|(old, new)| (old.clone(), new.clone()))
        .collect();
    Ok(Table {
        attributes,
        metrics: metrics(source)?,
        renamed,
        versions,
    })
}

fn attributes(source: &Source) -> Result<Vec<Attribute>, String> {
    let mut all = Vec::new();
    for attribute in &source.attribute {
        let range = Range::new(attribute.since, attribute.until);
        let mut states: Vec<Attribute> = Vec::new();
        for version in Version::ALL
            .into_iter()
            .filter(|version| range.contains(*version))
        {
            let words = attribute
                .values
                .iter()
                .filter(|word| word.range().contains(version));
            let values: Vec<String> = words.map(|word| word.text().to_owned()).collect();
            let same = states.last_mut().filter(|state| state.values == values);
            if let Some(state) = same {
                state.range.until = version;
                continue;
            }
            states.push(Attribute {
                key: attribute.key.clone(),
                kind: attribute.kind.clone(),
                brief: attribute.brief.clone(),
                sensitive: attribute.sensitive,
                range: Range {
                    since: version,
                    until: version,
                },
                values,
                known: attribute.known.clone(),
                own: source
                    .known
                    .get(&attribute.key)
                    .cloned()
                    .unwrap_or_default(),
            });
        }
        all.extend(states);
    }
    all.sort_by(|a, b| (&a.key, a.range).cmp(&(&b.key, b.range)));
    for pair in all.windows(2) {
        if let [first, second] = pair
            && first.key == second.key
            && first.range.until >= second.range.since
        {
            return Err(format!(
                "attribute {} is described twice for {}",
                first.key,
                second.range.since.as_str()
            ));
        }
    }
    for key in source.known.keys() {
        if !all.iter().any(|attribute| attribute.key == *key) {
            return Err(format!("[known] names {key}, which is no attribute"));
        }
    }
    Ok(all)
}

fn metrics(source: &Source) -> Result<Vec<Metric>, String> {
    let mut all = Vec::new();
    for metric in &source.metric {
        let buckets =
            match &metric.buckets {
                None => Vec::new(),
                Some(name) => source.buckets.get(name).cloned().ok_or_else(|| {
                    format!("metric {} has unknown buckets {name:?}", metric.name)
                })?,
            };
        if buckets.is_empty() != (metric.instrument == Instrument::Counter) {
            return Err(format!(
                "metric {}: a histogram needs buckets, a counter has none",
                metric.name
            ));
        }
        all.push(Metric {
            name: metric.name.clone(),
            range: Range::new(metric.since, metric.until),
            instrument: metric.instrument,
            value: metric.value,
            unit: metric.unit.clone(),
            buckets,
            brief: metric.brief.clone(),
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn signals(source: &Source, attributes: &[Attribute], version: Version) -> Result<Signals, String> {
    let references = References {
        source,
        attributes,
        version,
    };
    let mut signals = Signals::default();
    for span in source
        .span
        .iter()
        .filter(|span| Range::new(span.since, span.until).contains(version))
    {
        signals.spans.push(Span {
            newest_id: span.id.clone(),
            id: former(span.former_id.as_ref(), version)
                .unwrap_or(&span.id)
                .to_owned(),
            operations: span.operations.clone(),
            kinds: span.kinds.clone(),
            name_head: span.name_head.clone(),
            name_targets: span.name_targets.clone(),
            attributes: references.of(
                &span.id,
                &span.groups,
                &span.attributes,
                &span.sampling,
                Vec::new(),
            )?,
        });
    }
    for metric in source
        .metric
        .iter()
        .filter(|metric| Range::new(metric.since, metric.until).contains(version))
    {
        let lines = references.of(
            &metric.name,
            &metric.groups,
            &metric.attributes,
            &[],
            Vec::new(),
        )?;
        signals.metrics.push((metric.name.clone(), lines));
    }
    signals.metrics.sort_by(|a, b| a.0.cmp(&b.0));
    for event in source
        .event
        .iter()
        .filter(|event| Range::new(event.since, event.until).contains(version))
    {
        let mut inherited = Vec::new();
        if let Some(id) = &event.span {
            let span = signals.spans.iter().find(|span| span.newest_id == *id);
            let span = span.ok_or_else(|| {
                format!(
                    "event {} takes over from {id}, which is no span",
                    event.name
                )
            })?;
            inherited.extend(span.attributes.iter().map(|line| Reference {
                sampling: false,
                ..line.clone()
            }));
        }
        signals.events.push(Event {
            name: event.name.clone(),
            severity: event.severity,
            brief: event.brief.clone(),
            attributes: references.of(
                &event.name,
                &event.groups,
                &event.attributes,
                &[],
                inherited,
            )?,
        });
    }
    signals.events.sort_by(|a, b| a.name.cmp(&b.name));
    refinements(source, &references, &mut signals)?;
    Ok(signals)
}

fn refinements(
    source: &Source,
    references: &References<'_>,
    signals: &mut Signals,
) -> Result<(), String> {
    let version = references.version;
    for entry in source
        .refinement
        .iter()
        .filter(|entry| Range::new(entry.since, entry.until).contains(version))
    {
        let span = signals
            .spans
            .iter()
            .find(|span| span.newest_id == entry.refines);
        let provider =
            former(entry.former_provider.as_ref(), version).or(entry.provider.as_deref());
        let refinement = Refinement {
            newest_id: entry.id.clone(),
            id: former(entry.former_id.as_ref(), version)
                .unwrap_or(&entry.id)
                .to_owned(),
            refines: span.map_or(&entry.refines, |span| &span.id).clone(),
            provider: provider.map(str::to_owned),
            attributes: references.of(
                &entry.id,
                &entry.groups,
                &entry.attributes,
                &entry.sampling,
                Vec::new(),
            )?,
        };
        if span.is_some() {
            signals.refinements.push(refinement);
        } else if signals
            .metrics
            .iter()
            .any(|(name, _)| *name == entry.refines)
        {
            signals.metric_refinements.push(refinement);
        } else {
            return Err(format!(
                "{} refines {}, which {} does not have",
                entry.id,
                entry.refines,
                version.as_str()
            ));
        }
    }
    Ok(())
}

/// The name that something had in an older version.
fn former(word: Option<&super::source::Ranged>, version: Version) -> Option<&str> {
    word.filter(|word| Range::new(word.since, word.until).contains(version))
        .map(|word| word.value.as_str())
}

/// Resolves lists of attributes for one version.
struct References<'a> {
    source: &'a Source,
    attributes: &'a [Attribute],
    version: Version,
}

impl References<'_> {
    /// Inherited lines, then those of groups, then the entry's own, later ones taking the place of earlier ones.
    fn of(
        &self,
        owner: &str,
        groups: &[String],
        own: &[Line],
        sampling: &[Word],
        inherited: Vec<Reference>,
    ) -> Result<Vec<Reference>, String> {
        let mut found: BTreeMap<String, Reference> = inherited
            .into_iter()
            .map(|line| (line.key.clone(), line))
            .collect();
        self.add_groups(owner, groups, &mut found)?;
        self.add_lines(owner, own, &mut found)?;
        for word in sampling
            .iter()
            .filter(|word| word.range().contains(self.version))
        {
            if let Some(reference) = found.get_mut(word.text()) {
                reference.sampling = true;
            } else if self.has(word.text()) {
                return Err(format!(
                    "{owner}: sampling names {}, which is not in its list",
                    word.text()
                ));
            }
        }
        Ok(found.into_values().collect())
    }

    fn add_groups(
        &self,
        owner: &str,
        groups: &[String],
        found: &mut BTreeMap<String, Reference>,
    ) -> Result<(), String> {
        for id in groups {
            let group = self.source.group.iter().find(|group| group.id == *id);
            let group = group.ok_or_else(|| format!("{owner}: unknown group {id:?}"))?;
            self.add_groups(owner, &group.groups, found)?;
            self.add_lines(owner, &group.attributes, found)?;
        }
        Ok(())
    }

    fn add_lines(
        &self,
        owner: &str,
        lines: &[Line],
        found: &mut BTreeMap<String, Reference>,
    ) -> Result<(), String> {
        let mut seen = Vec::new();
        for line in lines
            .iter()
            .filter(|line| Range::new(line.since, line.until).contains(self.version))
        {
            let version = self.version.as_str();
            if !self.has(&line.key) {
                return Err(format!(
                    "{owner}: {version} has no attribute {}; give the line a range",
                    line.key
                ));
            }
            if seen.contains(&&line.key) {
                return Err(format!(
                    "{owner}: {} is listed twice for {version}",
                    line.key
                ));
            }
            seen.push(&line.key);
            let (level, condition) = (line.level, line.condition.clone());
            found.insert(
                line.key.clone(),
                Reference {
                    key: line.key.clone(),
                    level,
                    condition,
                    sampling: false,
                },
            );
        }
        Ok(())
    }

    fn has(&self, key: &str) -> bool {
        self.attributes
            .iter()
            .any(|attribute| attribute.key == key && attribute.range.contains(self.version))
    }
}
