//! OTLP as text in which only what matters differs.

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    logs::v1::LogRecord,
    metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint, metric::Data},
    trace::v1::Span,
};
use serde_json::{Map, Value as Json};

/// Writes a span; of its flags only the W3C ones.
pub(crate) fn span(schema: &str, span: &Span) -> String {
    let mut lines = vec![format!(
        "span {} {} in {} under {:?} kind {} flags {} state {:?} schema {schema}",
        span.name,
        hex(&span.span_id),
        hex(&span.trace_id),
        hex(&span.parent_span_id),
        span.kind,
        span.flags & 1,
        span.trace_state,
    )];
    lines.push(format!(
        "  from {} to {}",
        span.start_time_unix_nano, span.end_time_unix_nano
    ));
    let status = span.status.clone().unwrap_or_default();
    lines.push(format!("  status {} {:?}", status.code, status.message));
    lines.push(format!("  dropped {}", span.dropped_attributes_count));
    lines.extend(attributes(&span.attributes));
    for event in &span.events {
        lines.push(format!(
            "  event {} at {}",
            event.name, event.time_unix_nano
        ));
        lines.extend(attributes(&event.attributes));
    }
    for link in &span.links {
        lines.push(format!(
            "  link {} in {}",
            hex(&link.span_id),
            hex(&link.trace_id)
        ));
    }
    lines.join("\n")
}

pub(crate) fn log(schema: &str, record: &LogRecord) -> String {
    let mut lines = vec![format!(
        "log {} of {} in {} flags {} severity {} {:?} schema {schema}",
        record.event_name,
        hex(&record.span_id),
        hex(&record.trace_id),
        record.flags,
        record.severity_number,
        record.severity_text,
    )];
    lines.push(format!(
        "  at {} seen {} body {}",
        record.time_unix_nano,
        record.observed_time_unix_nano,
        value(record.body.as_ref())
    ));
    lines.extend(attributes(&record.attributes));
    lines.join("\n")
}

/// Writes a metric, without the times at which it was gathered.
pub(crate) fn metric(schema: &str, metric: &Metric) -> String {
    let mut points = Vec::new();
    let kind = match metric.data.as_ref().unwrap() {
        Data::Histogram(histogram) => {
            points.extend(histogram.data_points.iter().map(histogram_point));
            format!(
                "histogram temporality {}",
                histogram.aggregation_temporality
            )
        }
        Data::Sum(sum) => {
            points.extend(sum.data_points.iter().map(number_point));
            format!(
                "sum temporality {} monotonic {}",
                sum.aggregation_temporality, sum.is_monotonic
            )
        }
        other => panic!("no instrument of ours: {other:?}"),
    };
    points.sort();
    format!(
        "metric {} [{}] {:?} {kind} schema {schema}\n{}",
        metric.name,
        metric.unit,
        metric.description,
        points.join("\n")
    )
}

fn histogram_point(point: &HistogramDataPoint) -> String {
    let labels = attributes(&point.attributes).join("\n");
    format!(
        "{labels}\n    count {} sum {:?} min {:?} max {:?}\n    {:?} over {:?}",
        point.count, point.sum, point.min, point.max, point.bucket_counts, point.explicit_bounds,
    )
}

fn number_point(point: &NumberDataPoint) -> String {
    let labels = attributes(&point.attributes).join("\n");
    format!("{labels}\n    {:?}", point.value)
}

fn attributes(attributes: &[KeyValue]) -> Vec<String> {
    let mut lines: Vec<_> = attributes
        .iter()
        .map(|attribute| {
            format!(
                "    {} = {}",
                attribute.key,
                value(attribute.value.as_ref())
            )
        })
        .collect();
    lines.sort();
    lines
}

/// Writes a value; JSON in a string is written as what it says.
fn value(value: Option<&AnyValue>) -> String {
    let json = json(value);
    let parsed = json
        .as_str()
        .filter(|text| text.starts_with(['[', '{']))
        .and_then(|text| serde_json::from_str(text).ok());
    sorted(parsed.unwrap_or(json)).to_string()
}

fn json(value: Option<&AnyValue>) -> Json {
    match value.and_then(|value| value.value.as_ref()) {
        None => Json::Null,
        Some(any_value::Value::StringValue(text)) => Json::from(text.as_str()),
        Some(any_value::Value::BoolValue(flag)) => Json::from(*flag),
        Some(any_value::Value::IntValue(number)) => Json::from(*number),
        Some(any_value::Value::DoubleValue(number)) => Json::from(*number),
        Some(any_value::Value::ArrayValue(items)) => {
            items.values.iter().map(|item| json(Some(item))).collect()
        }
        Some(any_value::Value::KvlistValue(members)) => {
            let members = members.values.iter();
            members
                .map(|member| (member.key.clone(), json(member.value.as_ref())))
                .collect::<Map<_, _>>()
                .into()
        }
        Some(other) => panic!("nothing of ours: {other:?}"),
    }
}

/// Sorts the members of maps, whatever order this build keeps.
fn sorted(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        Json::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members.into_iter().map(|(key, value)| (key, sorted(value)));
            members.collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
