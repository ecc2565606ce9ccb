//! A document that does not say beside it which signal it is of, such as a line of a file.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::schema::Field;
use super::{Value, fields_of, is_named};
use crate::otlp::signal::Signal;

/// Holds what a document has.
#[derive(Debug, Default)]
pub(in crate::otlp) struct Document {
    /// Requests in protobuf, one for each signal that it names.
    pub(in crate::otlp) requests: Vec<(Signal, Vec<u8>)>,
    /// Whether it has members that are of no signal.
    pub(in crate::otlp) has_others: bool,
}

/// Reads a document, which may hold requests of several signals.
///
/// # Errors
///
/// Returns what is wrong, and where.
pub(in crate::otlp) fn read(json: &[u8]) -> Result<Document, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let document = deserializer.deserialize_map(Whole)?;
    deserializer.end()?;
    Ok(document)
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with resourceSpans, resourceLogs or resourceMetrics")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(name) = members.next_key_seed(Name)? {
            let Some((signal, field)) = name else {
                document.has_others = true;
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            let mut out = Vec::new();
            members.next_value_seed(Value {
                field,
                is_element: false,
                out: &mut out,
            })?;
            document.requests.push((signal, out));
        }
        Ok(document)
    }
}

/// Finds the signal whose requests have a member of this name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<(Signal, &'static Field)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<(Signal, &'static Field)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let found = |signal: Signal| {
            let mut fields = fields_of(signal).0.iter();
            let field = fields.find(|field| is_named(name, field.name));
            field.map(|field| (signal, field))
        };
        Ok(Signal::ALL.into_iter().find_map(found))
    }
}
