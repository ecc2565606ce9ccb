//! The fields of OTLP's messages, after <https://github.com/open-telemetry/opentelemetry-proto>, version 1.

/// Holds the fields of a message.
pub(super) struct Fields(pub(super) &'static [Field]);

/// Holds one field.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) tag: u32,
    pub(super) kind: Kind,
    pub(super) is_repeated: bool,
}

/// Says what a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// Bytes that JSON has in hexadecimal.
    Id,
    /// Bytes that JSON has in base64.
    Bytes,
    Bool,
    Int,
    Uint32,
    Uint64,
    Sint32,
    Fixed32,
    Fixed64,
    Sfixed64,
    Double,
    /// With the names of its values, from 0.
    Enum(&'static [&'static str]),
    Message(&'static Fields),
}

impl Kind {
    /// Says what JSON must have for it.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Id => "hexadecimal digits",
            Self::Bytes => "base64",
            Self::Bool => "true or false",
            Self::Int | Self::Sint32 | Self::Sfixed64 => "an integer",
            Self::Uint32 | Self::Uint64 | Self::Fixed32 | Self::Fixed64 => {
                "an integer of at least 0"
            }
            Self::Double => "a number",
            Self::Enum(_) => "the number of an enum's value",
            Self::Message(_) => "an object",
        }
    }
}

const fn one(tag: u32, name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        tag,
        kind,
        is_repeated: false,
    }
}

const fn many(tag: u32, name: &'static str, kind: Kind) -> Field {
    Field {
        is_repeated: true,
        ..one(tag, name, kind)
    }
}

use Kind::{
    Bool, Bytes, Double, Enum, Fixed32, Fixed64, Id, Int, Message, Sfixed64, Sint32, Text, Uint32,
    Uint64,
};

const KINDS: Kind = Enum(&[
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
]);
const CODES: Kind = Enum(&["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]);
const TEMPORALITIES: Kind = Enum(&[
    "AGGREGATION_TEMPORALITY_UNSPECIFIED",
    "AGGREGATION_TEMPORALITY_DELTA",
    "AGGREGATION_TEMPORALITY_CUMULATIVE",
]);
#[rustfmt::skip]
const SEVERITIES: Kind = Enum(&[
    "SEVERITY_NUMBER_UNSPECIFIED",
    "SEVERITY_NUMBER_TRACE", "SEVERITY_NUMBER_TRACE2", "SEVERITY_NUMBER_TRACE3", "SEVERITY_NUMBER_TRACE4",
    "SEVERITY_NUMBER_DEBUG", "SEVERITY_NUMBER_DEBUG2", "SEVERITY_NUMBER_DEBUG3", "SEVERITY_NUMBER_DEBUG4",
    "SEVERITY_NUMBER_INFO", "SEVERITY_NUMBER_INFO2", "SEVERITY_NUMBER_INFO3", "SEVERITY_NUMBER_INFO4",
    "SEVERITY_NUMBER_WARN", "SEVERITY_NUMBER_WARN2", "SEVERITY_NUMBER_WARN3", "SEVERITY_NUMBER_WARN4",
    "SEVERITY_NUMBER_ERROR", "SEVERITY_NUMBER_ERROR2", "SEVERITY_NUMBER_ERROR3", "SEVERITY_NUMBER_ERROR4",
    "SEVERITY_NUMBER_FATAL", "SEVERITY_NUMBER_FATAL2", "SEVERITY_NUMBER_FATAL3", "SEVERITY_NUMBER_FATAL4",
]);

static KEY_VALUE: Fields = Fields(&[one(1, "key", Text), one(2, "value", Message(&ANY_VALUE))]);
static ANY_VALUE: Fields = Fields(&[
    one(1, "string_value", Text),
    one(2, "bool_value", Bool),
    one(3, "int_value", Int),
    one(4, "double_value", Double),
    one(5, "array_value", Message(&ARRAY)),
    one(6, "kvlist_value", Message(&MEMBERS)),
    one(7, "bytes_value", Bytes),
]);
static ARRAY: Fields = Fields(&[many(1, "values", Message(&ANY_VALUE))]);
static MEMBERS: Fields = Fields(&[many(1, "values", Message(&KEY_VALUE))]);
static RESOURCE: Fields = Fields(&[
    many(1, "attributes", Message(&KEY_VALUE)),
    one(2, "dropped_attributes_count", Uint32),
    many(3, "entity_refs", Message(&ENTITY)),
]);
static ENTITY: Fields = Fields(&[
    one(1, "schema_url", Text),
    one(2, "type", Text),
    many(3, "id_keys", Text),
    many(4, "description_keys", Text),
]);
static SCOPE: Fields = Fields(&[
    one(1, "name", Text),
    one(2, "version", Text),
    many(3, "attributes", Message(&KEY_VALUE)),
    one(4, "dropped_attributes_count", Uint32),
]);

pub(super) static TRACES: Fields = Fields(&[many(1, "resource_spans", Message(&RESOURCE_SPANS))]);
static RESOURCE_SPANS: Fields = Fields(&[
    one(1, "resource", Message(&RESOURCE)),
    many(2, "scope_spans", Message(&SCOPE_SPANS)),
    one(3, "schema_url", Text),
]);
static SCOPE_SPANS: Fields = Fields(&[
    one(1, "scope", Message(&SCOPE)),
    many(2, "spans", Message(&SPAN)),
    one(3, "schema_url", Text),
]);
static SPAN: Fields = Fields(&[
    one(1, "trace_id", Id),
    one(2, "span_id", Id),
    one(3, "trace_state", Text),
    one(4, "parent_span_id", Id),
    one(5, "name", Text),
    one(6, "kind", KINDS),
    one(7, "start_time_unix_nano", Fixed64),
    one(8, "end_time_unix_nano", Fixed64),
    many(9, "attributes", Message(&KEY_VALUE)),
    one(10, "dropped_attributes_count", Uint32),
    many(11, "events", Message(&EVENT)),
    one(12, "dropped_events_count", Uint32),
    many(13, "links", Message(&LINK)),
    one(14, "dropped_links_count", Uint32),
    one(15, "status", Message(&STATUS)),
    one(16, "flags", Fixed32),
]);
static EVENT: Fields = Fields(&[
    one(1, "time_unix_nano", Fixed64),
    one(2, "name", Text),
    many(3, "attributes", Message(&KEY_VALUE)),
    one(4, "dropped_attributes_count", Uint32),
]);
static LINK: Fields = Fields(&[
    one(1, "trace_id", Id),
    one(2, "span_id", Id),
    one(3, "trace_state", Text),
    many(4, "attributes", Message(&KEY_VALUE)),
    one(5, "dropped_attributes_count", Uint32),
    one(6, "flags", Fixed32),
]);
static STATUS: Fields = Fields(&[one(2, "message", Text), one(3, "code", CODES)]);

pub(super) static LOGS: Fields = Fields(&[many(1, "resource_logs", Message(&RESOURCE_LOGS))]);
static RESOURCE_LOGS: Fields = Fields(&[
    one(1, "resource", Message(&RESOURCE)),
    many(2, "scope_logs", Message(&SCOPE_LOGS)),
    one(3, "schema_url", Text),
]);
static SCOPE_LOGS: Fields = Fields(&[
    one(1, "scope", Message(&SCOPE)),
    many(2, "log_records", Message(&LOG_RECORD)),
    one(3, "schema_url", Text),
]);
static LOG_RECORD: Fields = Fields(&[
    one(1, "time_unix_nano", Fixed64),
    one(2, "severity_number", SEVERITIES),
    one(3, "severity_text", Text),
    one(5, "body", Message(&ANY_VALUE)),
    many(6, "attributes", Message(&KEY_VALUE)),
    one(7, "dropped_attributes_count", Uint32),
    one(8, "flags", Fixed32),
    one(9, "trace_id", Id),
    one(10, "span_id", Id),
    one(11, "observed_time_unix_nano", Fixed64),
    one(12, "event_name", Text),
]);

pub(super) static METRICS: Fields =
    Fields(&[many(1, "resource_metrics", Message(&RESOURCE_METRICS))]);
static RESOURCE_METRICS: Fields = Fields(&[
    one(1, "resource", Message(&RESOURCE)),
    many(2, "scope_metrics", Message(&SCOPE_METRICS)),
    one(3, "schema_url", Text),
]);
static SCOPE_METRICS: Fields = Fields(&[
    one(1, "scope", Message(&SCOPE)),
    many(2, "metrics", Message(&METRIC)),
    one(3, "schema_url", Text),
]);
static METRIC: Fields = Fields(&[
    one(1, "name", Text),
    one(2, "description", Text),
    one(3, "unit", Text),
    one(5, "gauge", Message(&GAUGE)),
    one(7, "sum", Message(&SUM)),
    one(9, "histogram", Message(&HISTOGRAM)),
    one(10, "exponential_histogram", Message(&EXPONENTIAL)),
    one(11, "summary", Message(&SUMMARY)),
    many(12, "metadata", Message(&KEY_VALUE)),
]);
static GAUGE: Fields = Fields(&[many(1, "data_points", Message(&NUMBER_POINT))]);
static SUM: Fields = Fields(&[
    many(1, "data_points", Message(&NUMBER_POINT)),
    one(2, "aggregation_temporality", TEMPORALITIES),
    one(3, "is_monotonic", Bool),
]);
static HISTOGRAM: Fields = Fields(&[
    many(1, "data_points", Message(&HISTOGRAM_POINT)),
    one(2, "aggregation_temporality", TEMPORALITIES),
]);
static EXPONENTIAL: Fields = Fields(&[
    many(1, "data_points", Message(&EXPONENTIAL_POINT)),
    one(2, "aggregation_temporality", TEMPORALITIES),
]);
static SUMMARY: Fields = Fields(&[many(1, "data_points", Message(&SUMMARY_POINT))]);
static NUMBER_POINT: Fields = Fields(&[
    one(2, "start_time_unix_nano", Fixed64),
    one(3, "time_unix_nano", Fixed64),
    one(4, "as_double", Double),
    many(5, "exemplars", Message(&EXEMPLAR)),
    one(6, "as_int", Sfixed64),
    many(7, "attributes", Message(&KEY_VALUE)),
    one(8, "flags", Uint32),
]);
static HISTOGRAM_POINT: Fields = Fields(&[
    one(2, "start_time_unix_nano", Fixed64),
    one(3, "time_unix_nano", Fixed64),
    one(4, "count", Fixed64),
    one(5, "sum", Double),
    many(6, "bucket_counts", Fixed64),
    many(7, "explicit_bounds", Double),
    many(8, "exemplars", Message(&EXEMPLAR)),
    many(9, "attributes", Message(&KEY_VALUE)),
    one(10, "flags", Uint32),
    one(11, "min", Double),
    one(12, "max", Double),
]);
static EXPONENTIAL_POINT: Fields = Fields(&[
    many(1, "attributes", Message(&KEY_VALUE)),
    one(2, "start_time_unix_nano", Fixed64),
    one(3, "time_unix_nano", Fixed64),
    one(4, "count", Fixed64),
    one(5, "sum", Double),
    one(6, "scale", Sint32),
    one(7, "zero_count", Fixed64),
    one(8, "positive", Message(&BUCKETS)),
    one(9, "negative", Message(&BUCKETS)),
    one(10, "flags", Uint32),
    many(11, "exemplars", Message(&EXEMPLAR)),
    one(12, "min", Double),
    one(13, "max", Double),
    one(14, "zero_threshold", Double),
]);
static BUCKETS: Fields = Fields(&[one(1, "offset", Sint32), many(2, "bucket_counts", Uint64)]);
static SUMMARY_POINT: Fields = Fields(&[
    one(2, "start_time_unix_nano", Fixed64),
    one(3, "time_unix_nano", Fixed64),
    one(4, "count", Fixed64),
    one(5, "sum", Double),
    many(6, "quantile_values", Message(&QUANTILE)),
    many(7, "attributes", Message(&KEY_VALUE)),
    one(8, "flags", Uint32),
]);
static QUANTILE: Fields = Fields(&[one(1, "quantile", Double), one(2, "value", Double)]);
static EXEMPLAR: Fields = Fields(&[
    one(2, "time_unix_nano", Fixed64),
    one(3, "as_double", Double),
    one(4, "span_id", Id),
    one(5, "trace_id", Id),
    one(6, "as_int", Sfixed64),
    many(7, "filtered_attributes", Message(&KEY_VALUE)),
]);
