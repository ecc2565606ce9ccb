//! Writes the `Metric` enum.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::names::belonging;
use super::resolve::{Metric, Table};
use super::source::{Instrument, Number};

/// The enum with what every metric is.
pub(crate) fn render(table: &Table) -> String {
    let mut out = variants(&table.metrics);
    texts(&mut out, &table.metrics);
    measures(&mut out, &table.metrics);
    out.push_str("}\n");
    out
}

/// The enum, and the beginning of its methods.
fn variants(metrics: &[Metric]) -> String {
    let mut out = "//! The metrics, those of all versions together.\n\n\
                   use super::{Conventions, Instrument, ValueType, Versions};\n\n\
                   /// Names a metric and knows how it is measured.\n\
                   #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]\n\
                   #[non_exhaustive]\npub enum Metric {\n"
        .to_owned();
    for metric in metrics {
        let belonging = belonging(&metric.name, &metric.range.list());
        let (name, brief, variant) = (&metric.name, &metric.brief, variant(&metric.name));
        let _ = write!(
            out,
            "/// {brief}\n///\n/// `{name}`. {belonging}\n{variant},\n"
        );
    }
    let all: Vec<String> = metrics
        .iter()
        .map(|metric| format!("Self::{}", variant(&metric.name)))
        .collect();
    let _ = write!(
        out,
        "}}\n\nimpl Metric {{\n/// Lists all metrics, sorted by name.\npub const ALL: &'static [Self] = &[{}];\n",
        all.join(", ")
    );
    out
}

/// The methods that give words.
fn texts(out: &mut String, metrics: &[Metric]) {
    let text = "&'static str";
    method(
        out,
        metrics,
        "Names the metric as it is sent.",
        "name",
        text,
        |metric| format!("{:?}", metric.name),
    );
    method(
        out,
        metrics,
        "Gives the unit in UCUM notation.",
        "unit",
        text,
        |metric| format!("{:?}", metric.unit),
    );
    method(
        out,
        metrics,
        "Says what the metric means.",
        "brief",
        text,
        |metric| format!("{:?}", metric.brief),
    );
}

/// The methods that tell how the metric is measured.
fn measures(out: &mut String, metrics: &[Metric]) {
    method(
        out,
        metrics,
        "Tells how values are gathered.",
        "instrument",
        "Instrument",
        |metric| match metric.instrument {
            Instrument::Histogram => "Instrument::Histogram".to_owned(),
            Instrument::Counter => "Instrument::Counter".to_owned(),
        },
    );
    method(
        out,
        metrics,
        "Tells what kind of number a value is.",
        "value_type",
        "ValueType",
        |metric| match metric.value {
            Number::Int => "ValueType::Int".to_owned(),
            Number::Double => "ValueType::Double".to_owned(),
        },
    );
    let doc = "Gives the upper bounds of a histogram's buckets, ascending; empty for a counter.";
    method(out, metrics, doc, "buckets", "&'static [f64]", |metric| {
        let bounds: Vec<String> = metric
            .buckets
            .iter()
            .map(|bound| format!("{bound:?}"))
            .collect();
        format!("&[{}]", bounds.join(", "))
    });
    method(
        out,
        metrics,
        "Tells which versions have the metric.",
        "versions",
        "Versions",
        |metric| {
            let (since, until) = (metric.range.since.variant(), metric.range.until.variant());
            format!("Versions::new(Conventions::{since}, Conventions::{until})")
        },
    );
}

/// Writes a method that maps variants to expressions, with one arm for equal ones.
fn method(
    out: &mut String,
    metrics: &[Metric],
    doc: &str,
    name: &str,
    result: &str,
    value: impl Fn(&Metric) -> String,
) {
    let mut arms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for metric in metrics {
        arms.entry(value(metric))
            .or_default()
            .push(format!("Self::{}", variant(&metric.name)));
    }
    let _ = write!(
        out,
        "\n/// {doc}\n#[must_use]\npub const fn {name}(self) -> {result} {{\nmatch self {{\n"
    );
    for (value, variants) in arms {
        let _ = writeln!(out, "{} => {value},", variants.join(" | "));
    }
    out.push_str("}\n}\n");
}

/// The variant's name: the metric's without the usual prefix.
pub(crate) fn variant(name: &str) -> String {
    let words = name
        .strip_prefix("gen_ai.")
        .unwrap_or(name)
        .split(['.', '_']);
    words
        .map(|word| {
            let mut chars = word.chars();
            let first: String = chars
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            first + chars.as_str()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::variant;

    #[test]
    fn variants_leave_out_the_usual_prefix() {
        assert_eq!(variant("gen_ai.client.token.usage"), "ClientTokenUsage");
        assert_eq!(
            variant("mcp.client.session.duration"),
            "McpClientSessionDuration"
        );
    }
}
