//! Metrics as series.

mod origin;
mod points;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric as ProtoMetric, ResourceMetrics},
};

use self::points::{Meaning, Points, read, summed};
use super::{Asker, budget::Budget, detail::key_values};
use crate::{
    MetricFilter, content,
    file::Fault,
    open,
    prepare::facts,
    read::{Figures, KeyValue, Metric, MetricPage, MetricSeries},
};

/// Requests that are read, the latest ones.
const REQUESTS: i64 = 5_000;

/// Bytes of them that are opened; what is read last may go beyond.
const BYTES: usize = 48 << 20;

/// Points that are read of them.
const POINTS: usize = 200_000;

/// Metrics that are shown, and series of each.
const METRICS: usize = 300;
const SERIES: usize = 50;

/// Reads what was measured, the latest requests first: of each process and library what it counts itself.
pub(crate) fn metrics(asker: &Asker<'_>, filter: &MetricFilter) -> Result<MetricPage, Fault> {
    let mut statement = asker
        .connection
        .prepare_cached("SELECT body FROM metric ORDER BY id DESC LIMIT ?1")?;
    let mut rows = statement.query([REQUESTS + 1])?;
    let mut gathered = Gathered::new(filter);
    let mut requests = 0;
    let mut budget = Budget::new(BYTES);
    let mut is_cut = false;
    while let Some(row) = rows.next()? {
        if requests == REQUESTS || gathered.points >= POINTS || budget.is_spent() {
            is_cut = true;
            break;
        }
        requests += 1;
        let body: Vec<u8> = row.get(0)?;
        let body = content::unpack(&body)?;
        budget.spend(body.len());
        let request: ExportMetricsServiceRequest = open::plain(&body)?;
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
    series: BTreeMap<String, Series>,
}

/// Holds what several processes and libraries tell of one thing, each of which counts for itself.
struct Series {
    attributes: Vec<KeyValue>,
    /// By who tells it.
    told: BTreeMap<Arc<str>, Told>,
}

struct Told {
    origin: Arc<[KeyValue]>,
    points: Points,
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
        let process = origin::process(from.resource.as_ref());
        for scope_metrics in from.scope_metrics {
            let origin = origin::with_scope(&process, scope_metrics.scope.as_ref());
            let origin = (origin::as_text(&origin).into(), origin.into());
            for metric in scope_metrics.metrics {
                if self.is_wanted(&metric) {
                    self.add(service.clone(), &origin, metric);
                }
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

    fn add(
        &mut self,
        service: Option<String>,
        (teller, origin): &(Arc<str>, Arc<[KeyValue]>),
        metric: ProtoMetric,
    ) {
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
            origin::sort(&mut attributes);
            let known = origin::as_text(&attributes);
            let series = family.series.entry(known).or_insert_with(|| Series {
                attributes,
                told: BTreeMap::new(),
            });
            let told = series.told.entry(Arc::clone(teller));
            let told = told.or_insert_with(|| Told {
                origin: Arc::clone(origin),
                points: Points::default(),
            });
            told.points.push(point);
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
    let found = match name.meaning {
        Meaning::Gauge => each(family.series),
        Meaning::Counter | Meaning::Histogram => together_by_attributes(family.series),
    };
    let mut series: Vec<MetricSeries> = found
        .into_iter()
        .filter_map(|(attributes, points)| {
            let (figures, values) = summed(points, name.meaning, filter)?;
            Some(MetricSeries {
                attributes,
                figures,
                values,
            })
        })
        .collect();
    // What was measured last first; those of the same moment stay in the order of their attributes.
    series.sort_by_key(|one| std::cmp::Reverse(one.figures.last_micros));
    let figures = total(&series)?;
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

/// Holds the points of a series that is shown, and what tells it from the others.
type Shown = (Vec<KeyValue>, Vec<Points>);

/// Puts together what several processes and libraries count, since it adds up.
fn together_by_attributes(series: BTreeMap<String, Series>) -> Vec<Shown> {
    let shown = series.into_values().map(|series| {
        let told = series.told.into_values().map(|told| told.points);
        (series.attributes, told.collect())
    });
    shown.collect()
}

/// Shows each process and library by itself, since how things stand in several does not add up; what sets these apart stands
/// beside the attributes.
fn each(series: BTreeMap<String, Series>) -> Vec<Shown> {
    let origins: BTreeMap<&Arc<str>, &Arc<[KeyValue]>> = series
        .values()
        .flat_map(|series| {
            series
                .told
                .iter()
                .map(|(teller, told)| (teller, &told.origin))
        })
        .collect();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for attribute in origins.values().flat_map(|origin| origin.iter()) {
        *uses
            .entry(origin::as_text(std::slice::from_ref(attribute)))
            .or_default() += 1;
    }
    let all = origins.len();
    let is_telling = |attribute: &&KeyValue| {
        uses.get(&origin::as_text(std::slice::from_ref(*attribute))) != Some(&all)
    };
    let mut shown = Vec::new();
    for one in series.into_values() {
        for told in one.told.into_values() {
            let mut attributes = one.attributes.clone();
            attributes.extend(told.origin.iter().filter(is_telling).cloned());
            shown.push((attributes, vec![told.points]));
        }
    }
    shown
}

/// Adds series up; values of several gauges are no sum.
fn total(series: &[MetricSeries]) -> Option<Figures> {
    let (first, rest) = series.split_first()?;
    let mut sum = first.figures;
    for one in rest {
        let own = one.figures;
        sum.points += own.points;
        sum.first_micros = sum.first_micros.min(own.first_micros);
        sum.last_micros = sum.last_micros.max(own.last_micros);
        sum.total = sum.total.zip(own.total).map(|(one, other)| one + other);
        let counts = sum.count.zip(own.count);
        sum.count = counts.map(|(one, other)| one.saturating_add(other));
        sum.last = None;
    }
    Some(sum)
}
