//! Spans, log records and metrics as rules see them: plain data, free of any SDK.

mod rendered;

use genspan::Value;

/// Holds what rules need to know of a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpanView {
    /// The trace's id, 32 hexadecimal digits.
    pub trace_id: String,
    /// The span's id, 16 hexadecimal digits.
    pub span_id: String,
    /// The parent's span id; empty for a root.
    pub parent_span_id: String,
    /// The span's name.
    pub name: String,
    /// The span's kind.
    pub kind: Kind,
    /// When it began, in nanoseconds since 1970.
    pub start: u64,
    /// When it ended, in nanoseconds since 1970.
    pub end: u64,
    /// Its attributes as they were sent, duplicates included.
    pub attributes: Vec<(String, Value)>,
    /// The events on it.
    pub events: Vec<EventView>,
    /// How it ended.
    pub status: Status,
    /// What the status says.
    pub status_message: String,
    /// The schema URL of its scope; empty if none was named.
    pub schema_url: String,
}

/// Says which side of a call a span stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// None was stated.
    #[default]
    Unspecified,
    /// Work inside the process.
    Internal,
    /// The serving side of a call.
    Server,
    /// The calling side of a call.
    Client,
    /// The sending side of a message.
    Producer,
    /// The receiving side of a message.
    Consumer,
}

impl Kind {
    /// Names the kind as the conventions' tables do, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// Says how a span ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing was said, which is how a success looks.
    #[default]
    Unset,
    /// A person called it a success.
    Ok,
    /// It failed.
    Error,
}

/// Holds what rules need to know of an event, on a span or as a log record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventView {
    /// The event's name; empty for a log record that is no event.
    pub name: String,
    /// The severity's number, 1 to 24; 0 where none was stated and for events on spans.
    pub severity: u8,
    /// The trace's id; empty where none was stated and for events on spans.
    pub trace_id: String,
    /// The span's id; empty where none was stated and for events on spans.
    pub span_id: String,
    /// The log record's body.
    pub body: Option<Value>,
    /// Its attributes as they were sent, duplicates included.
    pub attributes: Vec<(String, Value)>,
    /// The schema URL of its scope; empty if none was named.
    pub schema_url: String,
}

/// Holds what rules need to know of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricView {
    /// The metric's name.
    pub name: String,
    /// The unit in UCUM notation.
    pub unit: String,
    /// How values were gathered.
    pub instrument: Instrument,
    /// Its points.
    pub points: Vec<PointView>,
    /// The schema URL of its scope; empty if none was named.
    pub schema_url: String,
}

/// Says how a metric's values were gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instrument {
    /// The metric holds no data.
    #[default]
    Unspecified,
    /// The last value counts.
    Gauge,
    /// Values are summed and never fall.
    Counter,
    /// Values are summed and may fall.
    UpDownCounter,
    /// Values are spread over stated buckets.
    Histogram,
    /// Values are spread over buckets whose bounds follow from a scale.
    ExponentialHistogram,
    /// Quantiles stand for the values.
    Summary,
}

impl Instrument {
    /// Names the instrument for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "no data",
            Self::Gauge => "a gauge",
            Self::Counter => "a counter",
            Self::UpDownCounter => "an up-down counter",
            Self::Histogram => "a histogram",
            Self::ExponentialHistogram => "an exponential histogram",
            Self::Summary => "a summary",
        }
    }
}

/// Holds what rules need to know of a metric's point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PointView {
    /// Its attributes as they were sent, duplicates included.
    pub attributes: Vec<(String, Value)>,
    /// The value of a counter or gauge.
    pub value: Option<Number>,
    /// The buckets of a histogram of either kind.
    pub histogram: Option<Histogram>,
}

/// Holds a point's value in the type it was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A floating point number.
    Double(f64),
}

/// Holds the buckets of a point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// How many values there were.
    pub count: u64,
    /// How many values each bucket holds; of an exponential histogram the zero bucket's, too.
    pub buckets: Vec<u64>,
    /// The buckets' upper bounds; empty for an exponential histogram.
    pub bounds: Vec<f64>,
}

/// Names the JSON type of a value, with its article.
pub(crate) const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Double(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Map(_) => "an object",
    }
}
