//! Metrics: name, unit, instrument, buckets, and the keys of their points.

use genspan::Conventions;
use genspan::semconv::spec::{self, MetricSpec, RefinementSpec};
use genspan::semconv::{Instrument as Kind, Metric, ValueType, attribute};

use super::attributes::{self, Carrier};
use super::span::provider;
use super::wanted::Wanted;
use super::{Facts, Notes, Rules, namespace, secret};
use crate::finding::{Finding, Place, Signal};
use crate::view::{Histogram, Instrument, MetricView, Number, PointView};

/// Checks a metric and its points.
pub(crate) fn metric(rules: &Rules, view: &MetricView, mut place: Place) -> Vec<Finding> {
    place.signal = Signal::Metric;
    place.name.clone_from(&view.name);
    let mut notes = rules.notes(place);
    let asked = rules.options.version(&view.schema_url);
    let known = Metric::from_name(&view.name);
    let spec = known.and_then(|metric| Some((metric, spec::metric(asked, metric)?)));
    if let Some((metric, spec)) = spec {
        let version = metric.versions().home(asked);
        unit(&mut notes, view, metric);
        instrument(&mut notes, view, metric);
        for point in &view.points {
            labels(&mut notes, version, point, spec);
            value(&mut notes, point, metric);
            if let Some(histogram) = &point.histogram {
                buckets(&mut notes, view, histogram, metric);
            }
        }
    } else {
        unknown(&mut notes, view);
    }
    for point in &view.points {
        secret::check_all(&mut notes, &point.attributes);
    }
    let mut findings = notes.into_findings();
    // What is wrong with one point is wrong with most of them.
    let mut seen = Vec::new();
    findings.retain(|finding| {
        let is_new = !seen.contains(finding);
        if is_new {
            seen.push(finding.clone());
        }
        is_new
    });
    findings
}

fn unknown(notes: &mut Notes<'_>, view: &MetricView) {
    let ours = [
        Metric::ClientOperationDuration,
        Metric::GenspanDropped,
        Metric::McpClientSessionDuration,
    ];
    let is_ours = ours
        .iter()
        .any(|one| namespace(one.name()) == namespace(&view.name));
    if is_ours && !notes.rules.options.allows(&view.name) {
        notes.violation(
            "unknown-metric",
            &view.name,
            "no version of the conventions has this metric",
            "use the conventions' name, or one in a namespace of your own",
        );
    }
    for point in &view.points {
        attributes::duplicates(notes, &point.attributes);
    }
}

fn unit(notes: &mut Notes<'_>, view: &MetricView, metric: Metric) {
    if view.unit != metric.unit() {
        let (is, expected) = (notes.shown(&view.unit), metric.unit());
        notes.violation(
            "wrong-unit",
            "",
            format!("the unit is \"{is}\"; the conventions have \"{expected}\""),
            format!("create the instrument with unit \"{expected}\" and convert the values"),
        );
    }
}

fn instrument(notes: &mut Notes<'_>, view: &MetricView, metric: Metric) {
    let (fits, expected) = match metric.instrument() {
        // A view of the SDK may turn one kind of histogram into the other.
        Kind::Histogram => (
            matches!(
                view.instrument,
                Instrument::Histogram | Instrument::ExponentialHistogram
            ),
            Instrument::Histogram.as_str(),
        ),
        Kind::Counter => (
            view.instrument == Instrument::Counter,
            Instrument::Counter.as_str(),
        ),
    };
    if !fits {
        notes.violation(
            "wrong-instrument",
            "",
            format!(
                "the metric is {}; the conventions have {expected}",
                view.instrument.as_str()
            ),
            format!("create it as {expected}"),
        );
    }
}

fn labels(
    notes: &mut Notes<'_>,
    version: Conventions,
    point: &PointView,
    spec: &'static MetricSpec,
) {
    let facts = Facts(&point.attributes);
    let provider = provider(facts);
    let refinements: Vec<&RefinementSpec> = spec::metric_refinements(version)
        .iter()
        .filter(|refinement| refinement.refines == spec.metric.name())
        .filter(|refinement| {
            refinement
                .provider
                .is_none_or(|name| Some(name) == provider)
        })
        .collect();
    let wanted = Wanted {
        version,
        label: spec.metric.name(),
        attributes: spec.attributes,
        refinements,
        is_error: facts.has(attribute::ERROR_TYPE),
        is_internal: false,
    };
    let (own, stray): (Vec<_>, Vec<_>) = point
        .attributes
        .iter()
        .cloned()
        .partition(|(key, _)| wanted.has(key));
    attributes::check(notes, version, &own, Carrier::Loose);
    attributes::duplicates(notes, &stray);
    for (key, _) in stray {
        if !notes.rules.options.allows(&key) {
            notes.violation(
                "stray-label",
                &key,
                format!("{version} does not have this key on {}", spec.metric.name()),
                "leave it out: every further key multiplies the series",
            );
        }
    }
    wanted.check(notes, facts);
}

fn value(notes: &mut Notes<'_>, point: &PointView, metric: Metric) {
    let (is, expected) = match (point.value, metric.value_type()) {
        (Some(Number::Double(_)), ValueType::Int) => ("a double", "an integer"),
        (Some(Number::Int(_)), ValueType::Double) => ("an integer", "a double"),
        _ => return,
    };
    notes.violation(
        "wrong-type",
        "",
        format!("a point's value is {is}; the conventions have {expected}"),
        "create the instrument for the right type of number",
    );
}

fn buckets(notes: &mut Notes<'_>, view: &MetricView, histogram: &Histogram, metric: Metric) {
    let is_explicit = view.instrument == Instrument::Histogram;
    // A writer may leave the buckets out; then there is a count and no more.
    let has_buckets = !histogram.buckets.is_empty();
    if is_explicit && has_buckets && histogram.bounds != metric.buckets() {
        notes.violation(
            "wrong-buckets",
            "",
            format!(
                "the {} boundaries are not the {} that the conventions give",
                histogram.bounds.len(),
                metric.buckets().len()
            ),
            "give the instrument the conventions' boundaries as its advice",
        );
    }
    if is_explicit && has_buckets && histogram.buckets.len() != histogram.bounds.len() + 1 {
        notes.violation(
            "wrong-count",
            "",
            format!(
                "a point has {} buckets and {} boundaries; buckets are one more",
                histogram.buckets.len(),
                histogram.bounds.len()
            ),
            "export a count for every bucket, the last one without an upper bound",
        );
    }
    let sum = histogram
        .buckets
        .iter()
        .try_fold(0_u64, |sum, count| sum.checked_add(*count));
    if has_buckets && sum != Some(histogram.count) {
        notes.violation(
            "wrong-count",
            "",
            format!(
                "a point counts {} values, but its buckets do not add up to it",
                histogram.count
            ),
            "let the count be the sum of the buckets",
        );
    }
}
