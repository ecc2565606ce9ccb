//! Metrics.

use serde::Serialize;

use super::KeyValue;

/// Shows a metric as one program measures it, and its series.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// What it measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its unit, as UCUM writes units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What its numbers mean: `counter`, `gauge` (where the last counts) or `histogram` (a count and a sum).
    pub kind: &'static str,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// All series together, as far as they can be added up.
    #[serde(flatten)]
    pub figures: Figures,
    /// The series, those with the latest points first.
    pub series: Vec<MetricSeries>,
    /// Series that are not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub series_left_out: u64,
}

/// Sums points up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The points that came.
    pub points: u64,
    /// When the first was measured.
    pub first_micros: i64,
    /// When the last was measured.
    pub last_micros: i64,
    /// What a counter counted, or what the values of a histogram sum up to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// How many values a histogram holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The last value of a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<f64>,
}

/// Shows one series of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricSeries {
    /// What tells it from the others: its points' attributes, and of a gauge that several processes or libraries tell what sets
    /// these apart. What several count with the same attributes is one series.
    pub attributes: Vec<KeyValue>,
    /// Its points in sum.
    #[serde(flatten)]
    pub figures: Figures,
    /// Its points in the order of time, of which neighbours are put together where there are many.
    pub values: Vec<MetricPoint>,
}

/// Shows what was measured up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricPoint {
    /// The moment.
    pub at_micros: i64,
    /// What a counter counted since the point before, a gauge's value, or the mean of a histogram's values since then.
    pub value: f64,
    /// How many values a histogram took since the point before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Holds the metrics that were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricPage {
    /// The metrics by name.
    pub metrics: Vec<Metric>,
    /// All programs that measured, whatever was looked for.
    pub services: Vec<String>,
    /// Whether there is more: further metrics, or older points than those of 5,000 requests, of 48 MiB of them, or than 200,000.
    pub is_cut: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
