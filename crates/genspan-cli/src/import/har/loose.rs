//! Reads members whose type nobody guarantees: one of another type is as if it were not there.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

/// A member as it stands in the file.
pub(super) type Member<'a> = Option<&'a RawValue>;

/// Reads a text as bytes: UTF-8, but for half a surrogate pair, which some write.
pub(super) fn text<'a>(member: Member<'a>) -> Option<Cow<'a, [u8]>> {
    let json = member?.get();
    if !json.starts_with('"') {
        return None;
    }
    serde_json::from_str::<Bytes<'a>>(json)
        .ok()
        .map(|bytes| bytes.0)
}

/// Reads a text that is not empty as a name of something.
pub(super) fn word<'a>(member: Member<'a>) -> Option<Cow<'a, str>> {
    let text = match text(member)? {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// Reads a number, or a text that holds one.
pub(super) fn number(member: Member<'_>) -> Option<f64> {
    let json = member?.get().trim_matches(['"', ' ']);
    json.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Reads an object that has no lists of unknown length in it.
pub(super) fn object<'a, T: Deserialize<'a>>(member: Member<'a>) -> Option<T> {
    serde_json::from_str(member?.get()).ok()
}

/// Reads those elements of a list that are of the type that is meant.
pub(super) fn list<'a, T: Deserialize<'a>>(member: Member<'a>) -> impl Iterator<Item = T> {
    let elements: Vec<&'a RawValue> = object(member).unwrap_or_default();
    elements
        .into_iter()
        .filter_map(|element| object(Some(element)))
}

struct Bytes<'a>(Cow<'a, [u8]>);

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Cow<'de, [u8]>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(bytes))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Cow::Owned(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Reading).map(Bytes)
    }
}
