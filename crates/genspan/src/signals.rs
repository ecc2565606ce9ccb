//! What a record becomes: span, events and measurements, as plain data.

mod labels;
mod metric;

use std::{borrow::Cow, time::Duration};

pub use self::{
    labels::{Label, Labels},
    metric::{AnyMetric, OwnMetric},
};
use crate::{Conventions, Link, Timestamp, Value};

/// Names and values one fact on a span or event.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The key; the conventions' own ones are constants of [`semconv::attribute`](crate::semconv::attribute).
    pub key: Cow<'static, str>,
    /// The value.
    pub value: Value,
}

/// Holds one fact that a sampler should see; it is made on the caller's path, so words are not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartAttribute {
    /// The key.
    pub key: &'static str,
    /// The value.
    pub value: StartValue,
}

/// Holds the value of a fact that a sampler should see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartValue {
    /// A text.
    Text(Cow<'static, str>),
    /// A number, such as a port.
    Number(i64),
}

impl From<StartAttribute> for Attribute {
    fn from(attribute: StartAttribute) -> Self {
        Self {
            key: attribute.key.into(),
            value: match attribute.value {
                StartValue::Text(text) => Value::String(text.into_owned()),
                StartValue::Number(number) => Value::Int(number),
            },
        }
    }
}

/// Says which side of a call a span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside the process.
    Internal,
    /// A call to another service, as the caller sees it.
    Client,
    /// A call from elsewhere, as the one who answers it sees it.
    Server,
}

/// Holds all that one operation becomes in one version of the conventions.
///
/// Every key stands once: `sampled` and `attributes` have none in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    /// The version that rules names and shapes.
    pub conventions: Conventions,
    /// The span's name.
    pub name: String,
    /// The span's kind.
    pub kind: SpanKind,
    /// What a sampler should see at the span's start.
    pub sampled: Vec<Attribute>,
    /// All other attributes of the span.
    pub attributes: Vec<Attribute>,
    /// Whether the span ended in an error; a success leaves the status unset.
    pub is_error: bool,
    /// What the error says; empty unless content may be recorded.
    pub status_message: String,
    /// Events on the span.
    pub span_events: Vec<Event>,
    /// Links of the span that it did not start with.
    pub links: Vec<Link>,
    /// Events of their own, sent as log records.
    pub events: Vec<Event>,
    /// Measurements; they hold whether the span is sampled or not.
    pub measurements: Vec<Measurement>,
}

impl Signals {
    /// Finds an attribute of the span by key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.sampled
            .iter()
            .chain(&self.attributes)
            .find(|attribute| attribute.key == key)
            .map(|found| &found.value)
    }
}

/// Holds one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's name.
    pub name: Cow<'static, str>,
    /// When it happened.
    pub at: Timestamp,
    /// The severity, where the event stands as a log record.
    pub severity: Severity,
    /// Its attributes; structured ones stay structured.
    pub attributes: Vec<Attribute>,
    /// What a log record holds beside its attributes: a message in v1.36, nothing in later versions.
    pub body: Option<Value>,
}

/// Grades an event that stands as a log record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// Of interest to those who look for it (5).
    Debug,
    /// Ordinary (9).
    #[default]
    Info,
    /// Something went wrong (13).
    Warn,
}

/// Holds measurements that belong to no span.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The version that rules names and labels.
    pub conventions: Conventions,
    /// The measurements.
    pub measurements: Vec<Measurement>,
}

/// Holds one measurement of an instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The instrument.
    pub metric: AnyMetric,
    /// What was measured.
    pub amount: Amount,
    /// The labels; there is no room for others.
    pub labels: Labels,
}

/// Holds what was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A time.
    Time(Duration),
    /// A number of things.
    Count(u64),
}

impl Amount {
    /// Gives the number, times in seconds; [`AnyMetric::number`] gives it in an instrument's own unit.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64(),
            #[allow(
                clippy::cast_precision_loss,
                reason = "counts beyond 2^52 lose their last digits, which no bucket sees"
            )]
            Self::Count(count) => count as f64,
        }
    }
}
