//! Metrics as series.

mod points;

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric as ProtoMetric, ResourceMetrics},
};

use self::points::{Meaning, Points, read};
use super::{Asker, detail::key_values};
use crate::{
    MetricFilter,
    file::Fault,
    open,
    prepare::facts,
    read::{Figures, KeyValue, Metric, MetricPage, MetricSeries},
};

/// Requests that are read, the latest ones.
const REQUESTS: i64 = 5_000;

/// Points that are read of them.
const POINTS: usize = 200_000;

/// Metrics that are shown, and series of each.
const METRICS: usize = 300;
const SERIES: usize = 50;

/// Reads what was measured.
pub(crate) fn metrics(asker: &Asker<'_>, filter: &MetricFilter) -> Result<MetricPage, Fault> {
    let mut statement = asker
        .connection
        .prepare_cached("SELECT body FROM metric ORDER BY id DESC LIMIT ?1")?;
    let mut rows = statement.query([REQUESTS + 1])?;
    let mut gathered = Gathered::new(filter);
    let mut requests = 0;
    let mut is_cut = false;
    while let Some(row) = rows.next()? {
        if requests == REQUESTS || gathered.points >= POINTS {
            is_cut = true;
            break;
        }
        requests += 1;
        let body: Vec<u8> = row.get(0)?;
        let request: ExportMetricsServiceRequest = open::message(&body)?;
        for resource in request.resource_metrics {
            gathered.take(resource);
        }
    }
    let mut page = gathered.into_page(filter);
    page.is_cut |= is_cut;
    Ok(page)
}

/// Says what tells a metric from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    name: String,
    service: Option<String>,
    unit: String,
    meaning: Meaning,
}

/// Gathers points by metric and series.
struct Gathered<'a> {
    filter: &'a MetricFilter,
    text: Option<String>,
    services: BTreeSet<String>,
    metrics: BTreeMap<Name, Family>,
    points: usize,
}

#[derive(Default)]
struct Family {
    description: String,
    /// By their attributes as text.
    series: BTreeMap<String, (Vec<KeyValue>, Points)>,
}

impl<'a> Gathered<'a> {
    fn new(filter: &'a MetricFilter) -> Self {
        Self {
            filter,
            text: filter.text.as_ref().map(|text| text.to_lowercase()),
            services: BTreeSet::new(),
            metrics: BTreeMap::new(),
            points: 0,
        }
    }

    fn take(&mut self, from: ResourceMetrics) {
        let service = facts::service(from.resource.as_ref());
        self.services.extend(service.clone());
        if self.filter.service.is_some() && self.filter.service != service {
            return;
        }
        let metrics = from
            .scope_metrics
            .into_iter()
            .flat_map(|scope| scope.metrics);
        for metric in metrics {
            if self.is_wanted(&metric) {
                self.add(service.clone(), metric);
            }
        }
    }

    fn is_wanted(&self, metric: &ProtoMetric) -> bool {
        let name = &self.filter.name;
        let holds = |text: &String| {
            metric.name.to_lowercase().contains(text)
                || metric.description.to_lowercase().contains(text)
        };
        name.as_ref().is_none_or(|name| *name == metric.name)
            && self.text.as_ref().is_none_or(holds)
    }

    fn add(&mut self, service: Option<String>, metric: ProtoMetric) {
        let Some(data) = metric.data else { return };
        let Some((meaning, found)) = read(data) else {
            return;
        };
        let name = Name {
            name: metric.name,
            service,
            unit: metric.unit,
            meaning,
        };
        self.points += found.len();
        let family = self.metrics.entry(name).or_default();
        if family.description.is_empty() {
            family.description = metric.description;
        }
        for (attributes, point) in found {
            let mut attributes = key_values(&attributes);
            attributes.sort_by(|one, other| one.key.cmp(&other.key));
            let mut known = String::new();
            for attribute in &attributes {
                known.push_str(&attribute.key);
                known.push('=');
                known.push_str(&attribute.value.to_json());
                known.push('\n');
            }
            let (_, points) = family
                .series
                .entry(known)
                .or_insert_with(|| (attributes, Points::default()));
            points.push(point);
        }
    }

    fn into_page(self, filter: &MetricFilter) -> MetricPage {
        let mut page = MetricPage {
            services: self.services.into_iter().collect(),
            ..MetricPage::default()
        };
        for (name, family) in self.metrics {
            if let Some(metric) = shown(name, family, filter) {
                if page.metrics.len() == METRICS {
                    page.is_cut = true;
                    break;
                }
                page.metrics.push(metric);
            }
        }
        page
    }
}

/// Shows a metric; `None` where it has no point in the time that was asked for.
fn shown(name: Name, family: Family, filter: &MetricFilter) -> Option<Metric> {
    let said = |text: String| (!text.is_empty()).then_some(text);
    let series = family.series.into_values();
    let mut series: Vec<MetricSeries> = series
        .filter_map(|(attributes, points)| {
            let (figures, values) = points.into_values(name.meaning, filter)?;
            Some(MetricSeries {
                attributes,
                figures,
                values,
            })
        })
        .collect();
    // What was measured last first; those of the same moment stay in the order of their attributes.
    series.sort_by_key(|one| std::cmp::Reverse(one.figures.last_micros));
    let figures = together(&series)?;
    let left_out = series.len().saturating_sub(SERIES);
    series.truncate(SERIES);
    Some(Metric {
        name: name.name,
        description: said(family.description),
        unit: said(name.unit),
        kind: name.meaning.as_str(),
        service: name.service,
        figures,
        series,
        series_left_out: left_out as u64,
    })
}

/// Adds series up; values of several gauges are no sum.
fn together(series: &[MetricSeries]) -> Option<Figures> {
    let (first, rest) = series.split_first()?;
    let mut sum = first.figures;
    for one in rest {
        let own = one.figures;
        sum.points += own.points;
        sum.first_micros = sum.first_micros.min(own.first_micros);
        sum.last_micros = sum.last_micros.max(own.last_micros);
        sum.total = sum.total.zip(own.total).map(|(one, other)| one + other);
        sum.count = sum.count.zip(own.count).map(|(one, other)| one + other);
        sum.last = None;
    }
    Some(sum)
}
