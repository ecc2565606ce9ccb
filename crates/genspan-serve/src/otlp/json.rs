//! OTLP/JSON, read by what the messages' fields are, and written on as protobuf.
//!
//! So both encodings end in one reader, with one idea of what is valid. As the specification asks, names are in camel case
//! (and, as in all protobuf JSON, as the fields are called), ids are hexadecimal, 64-bit integers are texts or numbers, enums
//! are numbers (or names, which some senders write), `null` says nothing, and what is unknown is passed over.

mod document;
mod scalar;
mod schema;

use std::fmt;

use prost::encoding::encode_varint;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(super) use self::document::read as read_document;
use self::schema::{Field, Fields, Kind};
use super::signal::Signal;

/// Writes a request in JSON as the same in protobuf.
///
/// # Errors
///
/// Returns what is wrong, and where. No more than 128 levels are followed.
pub(super) fn to_protobuf(signal: Signal, json: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let fields = fields_of(signal);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let message = Message { fields }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(message)
}

/// Gives the fields of a signal's requests.
fn fields_of(signal: Signal) -> &'static Fields {
    match signal {
        Signal::Traces => &schema::TRACES,
        Signal::Logs => &schema::LOGS,
        Signal::Metrics => &schema::METRICS,
    }
}

/// Reads an object as the fields of a message.
#[derive(Clone, Copy)]
struct Message {
    fields: &'static Fields,
}

impl<'de> DeserializeSeed<'de> for Message {
    type Value = Vec<u8>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Message {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vec<u8>, A::Error> {
        let mut out = Vec::new();
        while let Some(field) = members.next_key_seed(Name(self.fields))? {
            match field {
                Some(field) => members.next_value_seed(Value {
                    field,
                    is_element: false,
                    out: &mut out,
                })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(out)
    }
}

/// Finds a field by its name.
struct Name(&'static Fields);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.0.iter().find(|field| is_named(name, field.name)))
    }
}

/// Compares a name with a field's, which is in snake case.
fn is_named(name: &str, field: &str) -> bool {
    if name == field {
        return true;
    }
    let mut given = name.chars();
    let mut is_upper = false;
    for char in field.chars() {
        if char == '_' {
            is_upper = true;
            continue;
        }
        let want = if is_upper {
            char.to_ascii_uppercase()
        } else {
            char
        };
        is_upper = false;
        if given.next() != Some(want) {
            return false;
        }
    }
    given.next().is_none()
}

/// Reads a value and writes it as a field.
struct Value<'a> {
    field: &'static Field,
    /// Whether this is an element of a list already.
    is_element: bool,
    out: &'a mut Vec<u8>,
}

impl Value<'_> {
    fn is_list(&self) -> bool {
        self.field.is_repeated && !self.is_element
    }

    fn scalar<E: Error>(self, given: scalar::Given<'_>) -> Result<(), E> {
        if self.is_list() || scalar::write(self.field, given, self.out).is_none() {
            return Err(E::invalid_type(given.unexpected(), &self));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_list() {
            "a list"
        } else {
            self.field.kind.expected()
        };
        write!(f, "{what} as {}", self.field.name)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.field.kind {
            // It has its place in the list.
            Kind::Message(_) if self.is_element => {
                delimited(self.field.tag, &[], self.out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(scalar::Given::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(scalar::Given::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(scalar::Given::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(scalar::Given::Double(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(scalar::Given::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if !self.is_list() {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        loop {
            let element = Value {
                field: self.field,
                is_element: true,
                out: &mut *self.out,
            };
            if elements.next_element_seed(element)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        match self.field.kind {
            Kind::Message(fields) if !self.is_list() => {
                let message = Message { fields }.visit_map(members)?;
                delimited(self.field.tag, &message, self.out);
                Ok(())
            }
            _ => Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self)),
        }
    }
}

/// Writes a field that has a length.
fn delimited(tag: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_varint(u64::from(tag << 3 | 2), out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests;
